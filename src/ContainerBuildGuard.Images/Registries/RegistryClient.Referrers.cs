using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Images;

/// <content>Referrers: what is attached to a manifest (OCI distribution specification, "Listing Referrers" and "Referrers Tag Schema").</content>
public sealed partial class RegistryClient
{
    private static readonly HttpStatusCode[] NoReferrersApi = [HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotAcceptable];

    /// <summary>The tag that lists referrers where the registry lacks the API.</summary>
    public static string FallbackTag(Digest subject) => $"{subject.Algorithm}-{subject.Hex}";

    /// <summary>The manifests that refer to <paramref name="subject"/>, by the referrers API or, where the registry lacks it, by the fallback tag: those that the registry lists, and its mirrors.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="subject">What they refer to.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="artifactType">Only referrers of this type; all where null.</param>
    /// <exception cref="ImageException">Refused, unreachable or malformed.</exception>
    public async Task<Gathered<Descriptor>> GetReferrersAsync(string registry, string repository, Digest subject, CancellationToken cancellationToken, string? artifactType = null)
    {
        var found = await GatherAsync(registry, repository, byDigest: true, async place =>
            await FromApiAsync(place, subject, artifactType, cancellationToken).ConfigureAwait(false)
            ?? (IEnumerable<Descriptor>)(place.Mirror is { DigestOnly: true } ? [] : (await ReadFallbackAsync(place, subject, cancellationToken).ConfigureAwait(false)).Manifests), d => d.Digest).ConfigureAwait(false);

        // A registry may leave the filtering to the client, and the fallback tag always does.
        return found with { Found = [.. found.Found.Where(d => artifactType is null || d.ArtifactType == artifactType)] };
    }

    /// <summary>Whether the registry has the referrers API.</summary>
    public async Task<bool> HasReferrersApiAsync(string registry, string repository, Digest subject, CancellationToken cancellationToken) =>
        await FromApiAsync(new RegistryEndpoint(registry, repository), subject, null, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>
    /// Attaches a manifest, whose <c>subject</c> it has to name itself, and lists it under the fallback tag where the registry keeps no list. Two that attach at once may
    /// write that tag over each other, and the specification has no lock: it is read again after writing, and written again where the entry is missing.
    /// </summary>
    /// <param name="registry">The registry.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="subject">What the manifest refers to.</param>
    /// <param name="referrer">The manifest's descriptor, with artifact type and annotations as they shall be listed.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">Refused or unreachable; or the list could not be kept against others who write it.</exception>
    public async Task AttachAsync(string registry, string repository, Digest subject, Descriptor referrer, ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken)
    {
        var kept = await PutAsync(registry, repository, referrer.Digest.ToString(), referrer.MediaType, manifest, cancellationToken).ConfigureAwait(false);
        if (kept || await HasReferrersApiAsync(registry, repository, subject, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var endpoint = new RegistryEndpoint(registry, repository);
        var budget = new RetryBudget(_options);
        while (true)
        {
            var index = await ReadFallbackAsync(endpoint, subject, cancellationToken).ConfigureAwait(false);
            if (index.Manifests.Any(d => d.Digest == referrer.Digest))
            {
                return;
            }

            var bytes = Encoding.UTF8.GetBytes(Json([.. index.Manifests, referrer]).ToJsonString());
            await PutManifestAsync(registry, repository, FallbackTag(subject), MediaTypes.OciIndex, bytes, cancellationToken).ConfigureAwait(false);
            if ((await ReadFallbackAsync(endpoint, subject, cancellationToken).ConfigureAwait(false)).Manifests.Any(d => d.Digest == referrer.Digest))
            {
                return;
            }

            await budget.PauseAsync(new TransientException(new ImageException(ImageError.Unreachable, $"{registry}/{repository} does not keep what is attached to {subject} in its list (tag {FallbackTag(subject)}), others seem to write it too: try again.")), cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<IReadOnlyList<Descriptor>?> FromApiAsync(RegistryEndpoint endpoint, Digest subject, string? artifactType, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Get, $"v2/{endpoint.Repository}/referrers/{subject}{(artifactType is null ? "" : $"?artifactType={Uri.EscapeDataString(artifactType)}")}")
        {
            Accept = [MediaTypes.OciIndex],
            Accepted = NoReferrersApi,
        };
        return PagesAsync(endpoint, request, ManifestParser.ParseDescriptors, cancellationToken);
    }

    private async Task<ImageIndex> ReadFallbackAsync(RegistryEndpoint endpoint, Digest subject, CancellationToken cancellationToken)
    {
        try
        {
            var (descriptor, bytes) = await GetManifestAsync(endpoint, FallbackTag(subject), null, cancellationToken).ConfigureAwait(false);
            return MediaTypes.IsIndex(descriptor.MediaType) ? ManifestParser.ParseIndex(bytes, _options.Limits) : throw NoList(endpoint, subject);
        }
        catch (ImageException e) when (e.Error == ImageError.NotFound)
        {
            return new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = [] };
        }
    }

    private static ImageException NoList(RegistryEndpoint endpoint, Digest subject) =>
        new(ImageError.Malformed, $"The tag {FallbackTag(subject)} of {endpoint} should list what is attached to {subject} and is no index: remove it, it would be written over.");

    private static JsonObject Json(IEnumerable<Descriptor> descriptors) => new()
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciIndex,
        ["manifests"] = new JsonArray([.. descriptors.Select(d => (JsonNode)d.ToJson())]),
    };
}
