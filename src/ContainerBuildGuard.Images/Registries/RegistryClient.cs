using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>A registry by the OCI distribution specification 1.1. Everything read is checked against its digest; everything pushed is answered with the digest that was meant.</summary>
public sealed class RegistryClient : IDisposable
{
    private static readonly string[] ManifestTypes = [MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerManifestList, MediaTypes.DockerManifest];
    private readonly RegistryTransport _transport;

    /// <summary>Creates the client.</summary>
    public RegistryClient(RegistryClientOptions options) => _transport = new RegistryTransport(options);

    /// <inheritdoc />
    public void Dispose() => _transport.Dispose();

    /// <summary>The manifest that <paramref name="selector"/> (tag or digest) names, with the digest of its very bytes.</summary>
    /// <exception cref="ImageException">Not found, denied, unreachable, or not what its digest says.</exception>
    public async Task<(Descriptor Descriptor, byte[] Bytes)> GetManifestAsync(string registry, string repository, string selector, CancellationToken cancellationToken)
    {
        using var response = await _transport.SendAsync(registry, repository, push: false, address => Manifest(HttpMethod.Get, address, repository, selector), [], cancellationToken).ConfigureAwait(false);
        var bytes = await ReadLimitedAsync(response, ManifestParser.MaxManifestBytes, cancellationToken).ConfigureAwait(false);
        var mediaType = response.Content.Headers.ContentType?.MediaType ?? "";
        if (!MediaTypes.IsIndex(mediaType) && !MediaTypes.IsManifest(mediaType))
        {
            throw new ImageException(ImageError.Unsupported, $"{registry}/{repository}:{selector} has the media type '{mediaType}', which is neither OCI nor Docker v2: push the image in one of these formats.");
        }

        var descriptor = Descriptor.Of(mediaType, bytes);
        if (Digest.TryParse(selector, out var wanted) && wanted.Algorithm == "sha256" && wanted != descriptor.Digest)
        {
            throw new ImageException(ImageError.DigestMismatch, $"{registry}/{repository} answers {wanted} with content of the digest {descriptor.Digest}: the registry or a proxy before it returns wrong bytes.");
        }

        return (descriptor, bytes);
    }

    /// <summary>The digest that a tag points at; null where there is no such manifest.</summary>
    public async Task<Digest?> HeadManifestAsync(string registry, string repository, string selector, CancellationToken cancellationToken)
    {
        using var response = await _transport.SendAsync(registry, repository, push: false, address => Manifest(HttpMethod.Head, address, repository, selector), [HttpStatusCode.NotFound], cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode && response.Headers.TryGetValues("Docker-Content-Digest", out var values) && Digest.TryParse(values.First(), out var digest) ? digest : null;
    }

    /// <summary>Opens a blob; the stream verifies size and digest.</summary>
    public async Task<Stream> OpenBlobAsync(string registry, string repository, Descriptor descriptor, CancellationToken cancellationToken)
    {
        var response = await _transport.SendAsync(registry, repository, push: false, address => new HttpRequestMessage(HttpMethod.Get, Blob(address, repository, descriptor.Digest)), [], cancellationToken).ConfigureAwait(false);
        return new VerifyingStream(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), descriptor, $"{registry}/{repository}");
    }

    /// <summary>Whether the repository has the blob.</summary>
    public async Task<bool> BlobExistsAsync(string registry, string repository, Digest digest, CancellationToken cancellationToken)
    {
        using var response = await _transport.SendAsync(registry, repository, push: true, address => new HttpRequestMessage(HttpMethod.Head, Blob(address, repository, digest)), [HttpStatusCode.NotFound], cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Uploads a blob unless the repository has it: mounted from one of <paramref name="mountFrom"/> where the registry allows, else in one request.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="descriptor">The blob's descriptor.</param>
    /// <param name="open">Opens the content anew for each attempt.</param>
    /// <param name="mountFrom">Repositories of the same registry that may have the blob.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task PushBlobAsync(string registry, string repository, Descriptor descriptor, Func<CancellationToken, ValueTask<Stream>> open, IReadOnlyList<string> mountFrom, CancellationToken cancellationToken)
    {
        if (await BlobExistsAsync(registry, repository, descriptor.Digest, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        foreach (var source in mountFrom.Where(m => m != repository))
        {
            var mounted = await StartUploadAsync(registry, repository, $"?mount={descriptor.Digest}&from={Uri.EscapeDataString(source)}", $"repository:{source}:pull", cancellationToken).ConfigureAwait(false);
            if (mounted is null)
            {
                return;
            }
        }

        // A session cannot be taken up again once its connection broke, so an attempt is a new session with the content from its start.
        var session = new Uri("about:blank");
        using var response = await _transport.SendAsync(
            registry,
            repository,
            push: true,
            address => new HttpRequestMessage(HttpMethod.Put, WithDigest(session, descriptor.Digest))
            {
                Content = new BlobContent(descriptor.Size, open),
            },
            [],
            async token => session = (await StartUploadAsync(registry, repository, "", null, token).ConfigureAwait(false))!,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts a manifest under <paramref name="selector"/> (a tag, or its digest).</summary>
    /// <exception cref="ImageException">The registry refused, or answered with another digest.</exception>
    public async Task PutManifestAsync(string registry, string repository, string selector, string mediaType, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var digest = Digest.Sha256(bytes.Span);
        using var response = await _transport.SendAsync(registry, repository, push: true, address =>
        {
            var content = new ReadOnlyMemoryContent(bytes);
            content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
            return new HttpRequestMessage(HttpMethod.Put, new Uri(address, $"v2/{repository}/manifests/{selector}")) { Content = content };
        }, [], cancellationToken).ConfigureAwait(false);
        if (response.Headers.TryGetValues("Docker-Content-Digest", out var values) && values.First() != digest.ToString())
        {
            throw new ImageException(ImageError.DigestMismatch, $"{registry}/{repository} stored the manifest {digest} as {values.First()}: the registry or a proxy before it changes manifests; do not use it.");
        }
    }

    /// <summary>Every tag of a repository; empty where there is no such repository. At most 10,000.</summary>
    public async Task<IReadOnlyList<string>> ListTagsAsync(string registry, string repository, CancellationToken cancellationToken)
    {
        var tags = new List<string>();
        var path = $"v2/{repository}/tags/list";
        while (path is not null && tags.Count < 10_000)
        {
            var current = path;
            using var response = await _transport.SendAsync(registry, repository, push: false, address => new HttpRequestMessage(HttpMethod.Get, new Uri(address, current)), [HttpStatusCode.NotFound], cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                break;
            }

            using var document = JsonDocument.Parse(await ReadLimitedAsync(response, ManifestParser.MaxManifestBytes, cancellationToken).ConfigureAwait(false));
            if (document.RootElement.TryGetProperty("tags", out var list) && list.ValueKind == JsonValueKind.Array)
            {
                tags.AddRange(list.EnumerateArray().Select(t => t.GetString()!));
            }

            path = NextPage(response);
        }

        return tags;
    }

    /// <summary>The manifests that refer to <paramref name="subject"/>: the referrers API, else the fallback tag <c>sha256-hex</c>.</summary>
    public async Task<IReadOnlyList<Descriptor>> GetReferrersAsync(string registry, string repository, Digest subject, CancellationToken cancellationToken)
    {
        using var response = await _transport.SendAsync(registry, repository, push: false, address => new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"v2/{repository}/referrers/{subject}")), [HttpStatusCode.NotFound], cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == MediaTypes.OciIndex)
        {
            return ManifestParser.ParseIndex(await ReadLimitedAsync(response, ManifestParser.MaxManifestBytes, cancellationToken).ConfigureAwait(false)).Manifests;
        }

        var tag = FallbackTag(subject);
        return await HeadManifestAsync(registry, repository, tag, cancellationToken).ConfigureAwait(false) is null
            ? []
            : ManifestParser.ParseIndex((await GetManifestAsync(registry, repository, tag, cancellationToken).ConfigureAwait(false)).Bytes).Manifests;
    }

    /// <summary>The tag that lists referrers where the registry lacks the API (OCI distribution specification, "Referrers Tag Schema").</summary>
    public static string FallbackTag(Digest subject) => $"{subject.Algorithm}-{subject.Hex}";

    /// <summary>Whether the registry has the referrers API.</summary>
    public async Task<bool> HasReferrersApiAsync(string registry, string repository, Digest subject, CancellationToken cancellationToken)
    {
        using var response = await _transport.SendAsync(registry, repository, push: false, address => new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"v2/{repository}/referrers/{subject}")), [HttpStatusCode.NotFound], cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Pushes blobs, then manifests by digest, then <paramref name="tags"/>, in this order, so that a push that breaks off leaves every tag as it was.</summary>
    public async Task PushAsync(ImageSet set, string registry, string repository, IReadOnlyList<(Digest Manifest, string Tag)> tags, IReadOnlyList<string> mountFrom, CancellationToken cancellationToken)
    {
        foreach (var image in set.Images)
        {
            foreach (var blob in image.Manifest.Layers.Append(image.Manifest.Config).DistinctBy(b => b.Digest))
            {
                await PushBlobAsync(registry, repository, blob, token => image.Blobs.OpenAsync(blob, token), mountFrom, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var (descriptor, bytes) in set.Manifests)
        {
            await PutManifestAsync(registry, repository, descriptor.Digest.ToString(), descriptor.MediaType, bytes, cancellationToken).ConfigureAwait(false);
        }

        await TagAsync(set, registry, repository, tags, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Points tags at manifests of <paramref name="set"/> that the repository has already.</summary>
    public async Task TagAsync(ImageSet set, string registry, string repository, IReadOnlyList<(Digest Manifest, string Tag)> tags, CancellationToken cancellationToken)
    {
        foreach (var (digest, tag) in tags)
        {
            var (descriptor, bytes) = set.Manifests.First(m => m.Descriptor.Digest == digest);
            await PutManifestAsync(registry, repository, tag, descriptor.MediaType, bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    private static HttpRequestMessage Manifest(HttpMethod method, Uri address, string repository, string selector)
    {
        var request = new HttpRequestMessage(method, new Uri(address, $"v2/{repository}/manifests/{selector}"));
        foreach (var type in ManifestTypes)
        {
            request.Headers.Accept.ParseAdd(type);
        }

        return request;
    }

    private static Uri Blob(Uri address, string repository, Digest digest) => new(address, $"v2/{repository}/blobs/{digest}");

    private static Uri WithDigest(Uri session, Digest digest) => new($"{session}{(session.Query.Length == 0 ? "?" : "&")}digest={Uri.EscapeDataString(digest.ToString())}");

    private static string? NextPage(HttpResponseMessage response)
    {
        // Link: </v2/…/tags/list?n=…&last=…>; rel="next"
        var link = response.Headers.TryGetValues("Link", out var values) ? values.FirstOrDefault(v => v.Contains("rel=\"next\"", StringComparison.Ordinal)) : null;
        var (start, end) = (link?.IndexOf('<', StringComparison.Ordinal) ?? -1, link?.IndexOf('>', StringComparison.Ordinal) ?? -1);
        return start >= 0 && end > start && link![(start + 1)..end] is ['/', ..] path && !path.StartsWith("//", StringComparison.Ordinal) ? path : null;
    }

    /// <summary>Starts an upload; null where a mount made it unnecessary.</summary>
    private async Task<Uri?> StartUploadAsync(string registry, string repository, string query, string? extraScope, CancellationToken cancellationToken)
    {
        Uri? requested = null;
        using var response = await _transport.SendAsync(registry, repository, push: true, address => new HttpRequestMessage(HttpMethod.Post, requested = new Uri(address, $"v2/{repository}/blobs/uploads/{query}")) { Content = new ByteArrayContent([]) }, [], cancellationToken, extraScope).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Created && query.Length > 0)
        {
            return null;
        }

        return response.Headers.Location is { } location
            ? new Uri(requested!, location)
            : throw new ImageException(ImageError.Unsupported, $"The registry {registry} starts an upload without saying where to: it does not follow the distribution specification.");
    }

    private static async Task<byte[]> ReadLimitedAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var buffer = new MemoryStream();
        var chunk = new byte[1 << 16];
        while (await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (buffer.Length + count > limit)
            {
                throw new ImageException(ImageError.Malformed, $"The registry's answer has more than {limit} bytes: it is not a manifest.");
            }

            buffer.Write(chunk, 0, count);
        }

        return buffer.ToArray();
    }

    /// <summary>A blob as request content, opened when it is sent.</summary>
    private sealed class BlobContent : HttpContent
    {
        private readonly long _size;
        private readonly Func<CancellationToken, ValueTask<Stream>> _open;

        public BlobContent(long size, Func<CancellationToken, ValueTask<Stream>> open)
        {
            (_size, _open) = (size, open);
            Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _size;
            return true;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await using var content = await _open(cancellationToken).ConfigureAwait(false);
            await content.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }
    }
}
