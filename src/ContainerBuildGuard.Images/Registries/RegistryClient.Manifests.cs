using System.Net;
using System.Net.Http.Headers;

namespace ContainerBuildGuard.Images;

/// <content>Manifests (OCI distribution specification, "Pulling manifests" and "Pushing Manifests").</content>
public sealed partial class RegistryClient
{
    private static readonly string[] ManifestTypes = [MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerManifestList, MediaTypes.DockerManifest];

    /// <summary>The manifest that <paramref name="selector"/> (tag or digest) names, with the digest of its very bytes.</summary>
    /// <exception cref="ImageException">Not found, denied, unreachable, or not what its digest says.</exception>
    public async Task<(Descriptor Descriptor, byte[] Bytes)> GetManifestAsync(string registry, string repository, string selector, CancellationToken cancellationToken)
    {
        var found = await FindManifestAsync(registry, repository, selector, cancellationToken).ConfigureAwait(false);
        return (found.Descriptor, found.Bytes);
    }

    /// <summary>The same, with the place that had it: the registry itself, or the first of its mirrors that answered.</summary>
    /// <exception cref="ImageException">As for <see cref="GetManifestAsync(string, string, string, CancellationToken)"/>.</exception>
    public async Task<FoundManifest> FindManifestAsync(string registry, string repository, string selector, CancellationToken cancellationToken)
    {
        var byDigest = Digest.TryParse(selector, out var wanted);
        var (endpoint, (descriptor, bytes)) = await ReadAsync(registry, repository, byDigest, place => GetManifestAsync(place, selector, byDigest ? wanted : null, cancellationToken)).ConfigureAwait(false);
        return new FoundManifest(endpoint.Registry, endpoint.Repository, descriptor, bytes);
    }

    /// <summary>The manifests that a tag points at, in the registry and in those of its mirrors that are asked for tags, each once; none where no place has it.</summary>
    /// <exception cref="ImageException">Denied or unreachable, and no mirror has it.</exception>
    public Task<Gathered<(Descriptor Descriptor, byte[] Bytes)>> FindManifestsAsync(string registry, string repository, string tag, CancellationToken cancellationToken) =>
        GatherAsync(registry, repository, byDigest: false, async place =>
        {
            try
            {
                return (IEnumerable<(Descriptor Descriptor, byte[] Bytes)>)[await GetManifestAsync(place, tag, null, cancellationToken).ConfigureAwait(false)];
            }
            catch (ImageException e) when (e.Error == ImageError.NotFound)
            {
                return [];
            }
        }, m => m.Descriptor.Digest);

    /// <summary>The digest that a tag points at; null where there is no such manifest.</summary>
    public async Task<Digest?> HeadManifestAsync(string registry, string repository, string selector, CancellationToken cancellationToken)
    {
        var endpoint = new RegistryEndpoint(registry, repository);
        var request = new RegistryRequest(HttpMethod.Head, $"v2/{repository}/manifests/{selector}") { Accept = ManifestTypes, Accepted = [HttpStatusCode.NotFound] };
        using var response = await _transport.SendAsync(endpoint, request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        // The header is optional: a registry that leaves it out is asked for the manifest itself.
        return DigestOf(response) ?? (await GetManifestAsync(endpoint, selector, null, cancellationToken).ConfigureAwait(false)).Descriptor.Digest;
    }

    /// <summary>Puts a manifest under <paramref name="selector"/> (a tag, or its digest).</summary>
    /// <exception cref="ImageException">The registry refused, or answered with another digest.</exception>
    public async Task PutManifestAsync(string registry, string repository, string selector, string mediaType, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _ = await PutAsync(registry, repository, selector, mediaType, bytes, cancellationToken).ConfigureAwait(false);

    /// <summary>Puts a manifest; true where the registry says that it keeps the list of what refers to the manifest's subject.</summary>
    private async Task<bool> PutAsync(string registry, string repository, string selector, string mediaType, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var digest = Digest.TryParse(selector, out var named) ? named.SameAlgorithm(bytes.Span) : Digest.Sha256(bytes.Span);
        var request = new RegistryRequest(HttpMethod.Put, $"v2/{repository}/manifests/{selector}")
        {
            Push = true,
            Content = _ => new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } },
        };
        using var response = await _transport.SendAsync(new RegistryEndpoint(registry, repository), request, cancellationToken).ConfigureAwait(false);
        if (DigestOf(response) is { } stored && stored.Algorithm == digest.Algorithm && stored != digest)
        {
            throw new ImageException(ImageError.DigestMismatch, $"{registry}/{repository} stored the manifest {digest} as {stored}: the registry or a proxy before it changes manifests; do not use it.");
        }

        return response.Headers.Contains("OCI-Subject");
    }

    private async Task<(Descriptor Descriptor, byte[] Bytes)> GetManifestAsync(RegistryEndpoint endpoint, string selector, Digest? wanted, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Get, $"v2/{endpoint.Repository}/manifests/{selector}") { Accept = ManifestTypes };
        var (bytes, saidType, saidDigest) = await _transport.ReadAsync(endpoint, request, _options.Limits.ManifestBytes, r => (r.Content.Headers.ContentType?.MediaType, DigestOf(r)), cancellationToken).ConfigureAwait(false);
        var digest = (wanted ?? saidDigest ?? default).SameAlgorithm(bytes);
        if ((wanted ?? saidDigest) is { } expected && expected != digest)
        {
            throw new ImageException(ImageError.DigestMismatch, $"{endpoint} answers {selector} with content of the digest {digest}, which should be {expected}: the registry or a proxy before it returns wrong bytes.");
        }

        return (new Descriptor { MediaType = MediaTypeOf(endpoint, selector, saidType, bytes), Digest = digest, Size = bytes.Length }, bytes);
    }

    /// <summary>The type that the header says; where that is none of a manifest, the type that the content says. Both must mean the same kind.</summary>
    private static string MediaTypeOf(RegistryEndpoint endpoint, string selector, string? said, byte[] bytes)
    {
        var generic = said is null or "application/json" or "text/plain" or "application/octet-stream";
        if (!generic && !MediaTypes.IsSchema1(said) && !MediaTypes.IsIndex(said) && !MediaTypes.IsManifest(said))
        {
            throw new ImageException(ImageError.Unsupported, $"{endpoint}:{selector} has the media type '{said}', which is neither OCI's nor Docker v2's: push the image in one of these formats.");
        }

        var own = ManifestParser.MediaTypeOf(bytes);
        if (!generic && MediaTypes.IsIndex(said) != MediaTypes.IsIndex(own))
        {
            throw new ImageException(ImageError.Malformed, $"{endpoint}:{selector} is '{said}' by the registry's header and '{own}' by its content: engines and scanners would read it differently; push it again.");
        }

        return generic || MediaTypes.IsSchema1(said) ? own : said!;
    }

    private static Digest? DigestOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Docker-Content-Digest", out var values) && Digest.TryParse(values.FirstOrDefault(), out var digest) ? digest : null;
}
