using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Publishing;

/// <summary>What was delivered, for the outputs and the summary.</summary>
/// <param name="Where">Where it is.</param>
/// <param name="Names">What it is called there; empty where nothing was tagged.</param>
/// <param name="SignedBy">A sentence on the signature.</param>
/// <param name="ArchivePath">The archive, where it is one.</param>
/// <param name="Failure">Why it is not signed, where it should be.</param>
internal sealed record Delivery(string Where, ImmutableArray<string> Names, string SignedBy, string? ArchivePath = null, GuardException? Failure = null);

/// <summary>Takes vetted bytes to where the SDK would have taken them: a registry, an engine or an archive.</summary>
internal static class Destination
{
    public static string Describe(PublishRequest request) =>
        (request.Registry.Length > 0 ? $"{request.Registry}/" : "") + $"{request.Repository}:{request.Tags[0]}";

    /// <summary>Whether each blob is read against its digest on its way, or stays behind because the destination has it under that digest.</summary>
    public static bool ReadsWhatItDelivers(PublishRequest request) => request.ArchivePath.Length == 0 && request.Registry.Length > 0;

    public static Task<Delivery> DeliverAsync(PublishRequest request, ImageSet set, Signing signing, PublishAttestations attestations, RegistryClientOptions registry, CancellationToken cancellationToken) =>
        request switch
        {
            // The SDK's order: an archive path wins over a registry, a registry over the engine.
            { ArchivePath.Length: > 0 } => ToArchiveAsync(request, set, signing, cancellationToken),
            { Registry.Length: > 0 } => ToRegistryAsync(request, set, signing, attestations, registry, cancellationToken),
            _ => ToEngineAsync(request, set, signing, cancellationToken),
        };

    private static async Task<Delivery> ToRegistryAsync(PublishRequest request, ImageSet set, Signing signing, PublishAttestations attestations, RegistryClientOptions registry, CancellationToken cancellationToken)
    {
        using var client = new RegistryClient(registry);
        ImmutableArray<string> mountFrom = request.BaseRegistry == request.Registry && request.BaseRepository.Length > 0 ? [request.BaseRepository] : [];

        // Content first, then the signatures, the tags last: no tag ever points at an image that is not signed yet.
        await client.PushAsync(set, request.Registry, request.Repository, [], mountFrom, cancellationToken);
        string signedBy;
        try
        {
            signedBy = await signing.SignInRegistryAsync(client, request, set, attestations, cancellationToken);
        }
        catch (GuardException e) when (e.Code == ContentTrustRules.SigningFailed.Code)
        {
            return new Delivery(request.Registry, [], "", Failure: e);
        }

        var tags = Tags(request, set).ToList();
        await client.TagAsync(set, request.Registry, request.Repository, tags, cancellationToken);
        return new Delivery(request.Registry, [.. request.Tags.Select(t => $"{request.Registry}/{request.Repository}:{t}")], signedBy);
    }

    private static async Task<Delivery> ToEngineAsync(PublishRequest request, ImageSet set, Signing signing, CancellationToken cancellationToken)
    {
        var engine = await ContainerEngine.DetectAsync(request.LocalRegistry.Length > 0 ? request.LocalRegistry : null, cancellationToken);
        if (set.Images.Length > 1 && engine.Name == "podman")
        {
            // Podman keeps one platform of an index only; the SDK gives it each image under tag-rid, and so does the guard.
            foreach (var (image, tags) in PlatformTags(request, set))
            {
                await LoadOneAsync(engine, request, image, tags, cancellationToken);
            }
        }
        else if (set.Images.Length == 1 && set.Root.MediaType == MediaTypes.OciManifest && engine.Name == "docker")
        {
            // Docker before 25 reads no OCI archive, which the SDK writes; the guard's own has both formats.
            await LoadOneAsync(engine, request, set.Images[0], request.Tags, cancellationToken);
        }
        else
        {
            await using var archive = File.OpenRead(request.StagedArchive);
            await engine.LoadAsync(archive, cancellationToken);
        }

        return await SignedAsync(new Delivery(engine.Name, [.. request.Tags.Select(t => $"{request.Repository}:{t}")], ""), request, set, signing, cancellationToken);
    }

    private static async Task LoadOneAsync(ContainerEngine engine, PublishRequest request, Image image, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var path = $"{request.StagedArchive}.{image.Digest.Hex}";
        try
        {
            await using (var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite))
            {
                await OciArchiveWriter.WriteAsync(image, request.Repository, tags, file, cancellationToken, forDocker: engine.Name == "docker");
                file.Position = 0;
                await engine.LoadAsync(file, cancellationToken);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<Delivery> ToArchiveAsync(PublishRequest request, ImageSet set, Signing signing, CancellationToken cancellationToken)
    {
        var path = await ArchiveDelivery.CopyAsync(request.StagedArchive, request.ArchivePath, request.Repository, cancellationToken);
        return await SignedAsync(new Delivery(path, [.. request.Tags.Select(t => $"{request.Repository}:{t}")], "", path), request, set, signing, cancellationToken);
    }

    private static async Task<Delivery> SignedAsync(Delivery delivery, PublishRequest request, ImageSet set, Signing signing, CancellationToken cancellationToken)
    {
        try
        {
            return delivery with { SignedBy = await signing.SignDetachedAsync(request, set, cancellationToken) };
        }
        catch (GuardException e) when (e.Code == ContentTrustRules.SigningFailed.Code)
        {
            return delivery with { Failure = e };
        }
    }

    private static IEnumerable<(Digest Manifest, string Tag)> Tags(PublishRequest request, ImageSet set) =>
        (set.Images.Length > 1 ? PlatformTags(request, set).SelectMany(p => p.Tags.Select(t => (p.Image.Digest, t))) : [])
        .Concat(request.Tags.Select(t => (set.Root.Digest, t)));

    /// <summary>The SDK tags each image of an index as <c>tag-rid</c>.</summary>
    private static IEnumerable<(Image Image, IReadOnlyList<string> Tags)> PlatformTags(PublishRequest request, ImageSet set)
    {
        foreach (var image in set.Images)
        {
            var rid = request.RuntimeIdentifiers.FirstOrDefault(r => image.Platform.Satisfies(RuntimeIdentifiers.ToPlatform(r)))
                ?? throw new GuardException(GuardRules.InvalidOption.Code, GuardFailure.Input,
                    $"No runtime identifier of the project ({string.Join(", ", request.RuntimeIdentifiers)}) is for {image.Platform}: publish with the identifiers in RuntimeIdentifiers or ContainerRuntimeIdentifiers.");
            yield return (image, [.. request.Tags.Select(t => $"{t}-{rid}")]);
        }
    }
}
