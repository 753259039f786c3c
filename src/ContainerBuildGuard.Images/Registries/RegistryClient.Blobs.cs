using System.Net;

namespace ContainerBuildGuard.Images;

/// <content>Blobs (OCI distribution specification, "Pulling blobs" and "Pushing blobs").</content>
public sealed partial class RegistryClient
{
    /// <summary>Opens a blob; the stream verifies size and digest, and goes on where it was when a connection breaks.</summary>
    /// <exception cref="ImageException">Not found, denied or unreachable; thrown by the stream also when it is read.</exception>
    public async Task<Stream> OpenBlobAsync(string registry, string repository, Descriptor descriptor, CancellationToken cancellationToken)
    {
        var first = await OpenAtAsync(registry, repository, descriptor, 0, cancellationToken).ConfigureAwait(false);
        var resuming = new ResumingStream(first!, (offset, token) => OpenAtAsync(registry, repository, descriptor, offset, token), descriptor.Size, registry, _options);
        return new VerifyingStream(resuming, descriptor, $"{registry}/{repository}");
    }

    /// <summary>Whether the repository has the blob.</summary>
    public async Task<bool> BlobExistsAsync(string registry, string repository, Digest digest, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Head, $"v2/{repository}/blobs/{digest}") { Push = true, Accepted = [HttpStatusCode.NotFound] };
        using var response = await _transport.SendAsync(new RegistryEndpoint(registry, repository), request, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }

    /// <summary>
    /// Uploads a blob unless the repository has it: mounted from one of <paramref name="mountFrom"/> where the registry allows, else in one request, or in
    /// chunks where it is larger than <see cref="RegistryClientOptions.ChunkBytes"/>.
    /// </summary>
    /// <param name="registry">The registry.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="descriptor">The blob's descriptor.</param>
    /// <param name="open">Opens the content anew for each attempt.</param>
    /// <param name="mountFrom">Repositories of the same registry that may have the blob.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">Refused, or unreachable to the last attempt.</exception>
    public async Task PushBlobAsync(string registry, string repository, Descriptor descriptor, Func<CancellationToken, ValueTask<Stream>> open, IReadOnlyList<string> mountFrom, CancellationToken cancellationToken)
    {
        if (!await BlobExistsAsync(registry, repository, descriptor.Digest, cancellationToken).ConfigureAwait(false))
        {
            await new BlobUpload(_transport, new RegistryEndpoint(registry, repository), descriptor, open).PushAsync(mountFrom, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The blob from <paramref name="offset"/> on; null where the registry says that it ends before.</summary>
    private async Task<Stream?> OpenAtAsync(string registry, string repository, Descriptor descriptor, long offset, CancellationToken cancellationToken)
    {
        var (_, stream) = await ReadAsync(registry, repository, byDigest: true, async endpoint =>
        {
            var request = new RegistryRequest(HttpMethod.Get, $"v2/{endpoint.Repository}/blobs/{descriptor.Digest}") { From = offset, Accepted = [HttpStatusCode.RequestedRangeNotSatisfiable] };
            try
            {
                var response = await _transport.SendAsync(endpoint, request, cancellationToken).ConfigureAwait(false);
                return await BodyFromAsync(response, offset, cancellationToken).ConfigureAwait(false);
            }
            catch (ImageException e) when (e.Error == ImageError.NotFound && MediaTypes.IsForeignLayer(descriptor.MediaType))
            {
                throw new ImageException(ImageError.Unsupported, $"The layer {descriptor.Digest} of {endpoint} is foreign (non-distributable, '{descriptor.MediaType}') and the registry does not hold it, so it cannot be checked: push the image with its foreign layers, or check it in an engine that has them.", e);
            }
        }).ConfigureAwait(false);
        return stream;
    }

    /// <summary>A registry may answer a range with the whole.</summary>
    private static async Task<Stream?> BodyFromAsync(HttpResponseMessage response, long offset, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            response.Dispose();
            return null;
        }

        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var start = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From ?? offset : 0;
        if (start > offset)
        {
            response.Dispose();
            throw new ImageException(ImageError.Unsupported, $"A registry was asked for content from byte {offset} on and answers from byte {start}: it does not follow HTTP.");
        }

        return new OffsetStream(body, offset - start, response);
    }
}
