using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Cosign;

/// <summary>What was found at an image, and whether more was there than is read.</summary>
/// <param name="Signatures">Signatures and attestations.</param>
/// <param name="OtherTypes">Artifact types of referrers that are not ours.</param>
/// <param name="Truncated">Whether the limit cut something off.</param>
/// <param name="Missed">Why the registry itself could not be asked, where a mirror could; null where it was.</param>
internal sealed record FoundSignatures(ImmutableArray<StoredSignature> Signatures, ImmutableHashSet<string> OtherTypes, bool Truncated, ImageException? Missed)
{
    public FoundSignatures Add(FoundSignatures more) => new([.. Signatures, .. more.Signatures], OtherTypes.Union(more.OtherTypes), Truncated || more.Truncated, Missed ?? more.Missed);
}

/// <summary>Puts signatures and attestations where the ecosystem looks for them, and finds them there.</summary>
internal sealed class SignatureStore(RegistryClient client, string registry, string repository)
{
    public const int MaxSignatures = ArtifactStore.MaxReferrers;

    private readonly ArtifactStore _artifacts = new(client, registry, repository);

    /// <summary>The tag under which older signatures (<c>sig</c>) and attestations (<c>att</c>) of an image are kept.</summary>
    public static string Tag(Digest image, string kind) => $"{image.Algorithm}-{image.Hex}.{kind}";

    /// <summary>Adds a layer to those under the image's older tag.</summary>
    public async Task AddLegacyAsync(Digest image, string kind, string mediaType, byte[] content, IReadOnlyDictionary<string, string> annotations, CancellationToken cancellationToken)
    {
        var layer = await _artifacts.PushAsync(mediaType, content, cancellationToken) with { Annotations = annotations.ToImmutableSortedDictionary(StringComparer.Ordinal) };
        var config = await _artifacts.PushAsync(MediaTypes.OciConfig, Encoding.UTF8.GetBytes("""{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"""), cancellationToken);
        await new LegacyTag(client, registry, repository, Tag(image, kind)).AddAsync(layer, config, cancellationToken);
    }

    /// <summary>Attaches a bundle as a referrer of the image (OCI 1.1), listed under the fallback tag where the registry lacks the API.</summary>
    public Task AddBundleAsync(Descriptor image, Bundle bundle, string predicateType, DateTimeOffset created, CancellationToken cancellationToken) =>
        _artifacts.AttachAsync(image, Bundle.MediaType, Bundle.MediaType, bundle.ToJson(), new Dictionary<string, string>
        {
            ["dev.sigstore.bundle.content"] = "dsse-envelope",
            ["dev.sigstore.bundle.predicateType"] = predicateType,
            ["org.opencontainers.image.created"] = Rfc3339.Format(created),
        }, cancellationToken);

    /// <summary>What is under the image's older tag.</summary>
    public async Task<FoundSignatures> FindLegacyAsync(Digest image, string kind, CancellationToken cancellationToken)
    {
        var tag = Tag(image, kind);
        var found = ImmutableArray.CreateBuilder<StoredSignature>();
        var layers = new List<Descriptor>();
        var unread = false;
        ImageException? missed = null;
        try
        {
            // A mirror's tag may be older than the registry's: what either has counts.
            (var manifests, missed) = await client.FindManifestsAsync(registry, repository, tag, cancellationToken);
            foreach (var (_, bytes) in manifests)
            {
                layers.AddRange(ManifestParser.ParseManifest(bytes).Layers.Where(l => l.MediaType is SimpleSigning.MediaType or LegacySignature.EnvelopeMediaType));
            }
        }
        catch (ImageException e) when (e.Error is ImageError.Malformed or ImageError.LimitExceeded or ImageError.Unsupported)
        {
            // Whoever may write the tag must not hide what stands elsewhere.
            unread = true;
            found.Add(StoredSignature.Unreadable("legacy", $"what is under the tag {tag} cannot be read ({e.Message.TrimEnd('.')})"));
        }

        foreach (var layer in layers.Take(MaxSignatures))
        {
            try
            {
                found.Add(LegacySignature.Read(await _artifacts.ReadAsync(layer, cancellationToken), layer, image));
            }
            catch (ImageException e) when (e.Error is ImageError.NotFound or ImageError.Malformed)
            {
                found.Add(StoredSignature.Unreadable("legacy", $"a signature under the tag {tag} cannot be read ({e.Message.TrimEnd('.')})"));
            }
        }

        return new FoundSignatures(found.ToImmutable(), [], unread || layers.Count > MaxSignatures, missed);
    }

    /// <summary>The bundles that refer to the image.</summary>
    public async Task<FoundSignatures> FindBundlesAsync(Digest image, CancellationToken cancellationToken)
    {
        var others = ImmutableHashSet.CreateBuilder<string>();
        var (found, truncated) = await _artifacts.ReadReferrersAsync(
            image,
            Bundle.MediaType,
            (referrer, manifest) => ReadReferrerAsync(referrer, manifest, image, others, cancellationToken),
            problem => StoredSignature.Unreadable("bundle", problem),
            cancellationToken);
        return new FoundSignatures(found.Found, others.ToImmutable(), truncated, found.Missed);
    }

    private async Task<StoredSignature?> ReadReferrerAsync(Descriptor referrer, byte[] bytes, Digest image, ImmutableHashSet<string>.Builder others, CancellationToken cancellationToken)
    {
        var layers = ManifestParser.ParseManifest(bytes).Layers;
        using var manifest = JsonDocument.Parse(bytes);
        if (layers is not [{ MediaType: Bundle.MediaType } layer])
        {
            others.Add(ArtifactStore.Text(manifest.RootElement, "artifactType") ?? referrer.ArtifactType ?? "");
            return null;
        }

        return ArtifactStore.RefersTo(manifest.RootElement, image) ? StoredSignature.OfBundle(await _artifacts.ReadAsync(layer, cancellationToken), image) : null;
    }
}
