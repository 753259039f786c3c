using System.Globalization;
using System.Net;

namespace ContainerBuildGuard.Images;

/// <summary>Brings one blob into a repository: by mount, whole, or in chunks.</summary>
internal sealed class BlobUpload(RegistryTransport transport, RegistryEndpoint endpoint, Descriptor descriptor, Func<CancellationToken, ValueTask<Stream>> open)
{
    private static readonly HttpStatusCode[] NoMount = [HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed];
    private static readonly HttpStatusCode[] NoChunks = [HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed, HttpStatusCode.RequestedRangeNotSatisfiable, HttpStatusCode.LengthRequired];

    /// <summary>An upload that a registry began where it was asked for a mount: the next one to be used.</summary>
    private (string Address, long Least)? _begun;

    public async Task PushAsync(IReadOnlyList<string> mountFrom, CancellationToken cancellationToken)
    {
        foreach (var source in mountFrom.Where(m => m != endpoint.Repository))
        {
            if (await MountAsync(source, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        if (descriptor.Size <= transport.Options.ChunkBytes || !await PushInChunksAsync(cancellationToken).ConfigureAwait(false))
        {
            await PushWholeAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> MountAsync(string source, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Post, $"v2/{endpoint.Repository}/blobs/uploads/?mount={Uri.EscapeDataString(descriptor.Digest.ToString())}&from={Uri.EscapeDataString(source)}")
        {
            Push = true,
            MountFrom = source,
            Content = _ => new ByteArrayContent([]),
            Accepted = NoMount,
        };
        using var response = await transport.SendAsync(endpoint, request, cancellationToken).ConfigureAwait(false);
        if (_begun is { } unwanted)
        {
            _begun = null;
            await EndAsync(unwanted.Address, cancellationToken).ConfigureAwait(false);
        }

        _begun = response.StatusCode == HttpStatusCode.Accepted ? Begun(response) : null;
        return response.StatusCode == HttpStatusCode.Created;
    }

    /// <summary>One request with the whole content. A session cannot be taken up again once its connection broke, so each attempt is a new session with the content from its start.</summary>
    private async Task PushWholeAsync(CancellationToken cancellationToken)
    {
        var budget = new RetryBudget(transport.Options);
        while (true)
        {
            try
            {
                var session = await StartAsync(cancellationToken).ConfigureAwait(false);
                var request = new RegistryRequest(HttpMethod.Put, WithDigest(session.Address)) { Push = true, Content = alive => new BlobContent(open, 0, descriptor.Size, alive) };
                using var response = await transport.SendOnceAsync(endpoint, request, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (TransientException e)
            {
                await budget.PauseAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Chunk after chunk; after a failure from where the registry says it is. False where the registry takes no chunks.</summary>
    private async Task<bool> PushInChunksAsync(CancellationToken cancellationToken)
    {
        var budget = new RetryBudget(transport.Options);
        (string Address, long Least)? session = null;
        var (offset, furthest) = (0L, 0L);
        while (true)
        {
            try
            {
                session ??= await StartAsync(cancellationToken).ConfigureAwait(false);
                if (offset == descriptor.Size)
                {
                    var last = new RegistryRequest(HttpMethod.Put, WithDigest(session.Value.Address)) { Push = true, Content = _ => new ByteArrayContent([]) };
                    using var done = await transport.SendOnceAsync(endpoint, last, cancellationToken).ConfigureAwait(false);
                    return true;
                }

                var count = Math.Min(Math.Max(transport.Options.ChunkBytes, session.Value.Least), descriptor.Size - offset);
                using var response = await transport.SendOnceAsync(endpoint, Chunk(session.Value.Address, offset, count), cancellationToken).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode)
                {
                    return false;
                }

                // A registry may have taken a part of the chunk; one that claims none, or more, is not believed.
                var received = Received(response) is { } said && said > offset && said < offset + count ? said : offset + count;
                (session, offset) = ((Location(response) ?? session.Value.Address, session.Value.Least), received);
                if (offset > furthest)
                {
                    furthest = offset;
                    budget.Progress();
                }
            }
            catch (TransientException e)
            {
                await budget.PauseAsync(e, cancellationToken).ConfigureAwait(false);
                (session, offset) = await WhereAsync(session, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private RegistryRequest Chunk(string session, long offset, long count) => new(HttpMethod.Patch, session)
    {
        Push = true,
        Accepted = offset == 0 ? NoChunks : [],
        Content = alive => new BlobContent(open, offset, count, alive).AsChunk(),
    };

    /// <summary>How far a session got, by the registry's word; no session and the start where it does not know it any more.</summary>
    private async Task<((string Address, long Least)? Session, long Offset)> WhereAsync((string Address, long Least)? session, CancellationToken cancellationToken)
    {
        if (session is not { } known)
        {
            return (null, 0);
        }

        try
        {
            using var response = await transport.SendOnceAsync(endpoint, new RegistryRequest(HttpMethod.Get, known.Address) { Push = true, Accepted = NoChunks }, cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode && Received(response) is { } offset && offset <= descriptor.Size
                ? ((Location(response) ?? known.Address, known.Least), offset)
                : (null, 0);
        }
        catch (TransientException)
        {
            return (null, 0);
        }
    }

    private async Task<(string Address, long Least)> StartAsync(CancellationToken cancellationToken)
    {
        if (_begun is { } begun)
        {
            _begun = null;
            return begun;
        }

        var request = new RegistryRequest(HttpMethod.Post, $"v2/{endpoint.Repository}/blobs/uploads/") { Push = true, Content = _ => new ByteArrayContent([]) };
        using var response = await transport.SendOnceAsync(endpoint, request, cancellationToken).ConfigureAwait(false);
        return Begun(response) ?? throw new ImageException(ImageError.Unsupported, $"The registry {endpoint.Registry} starts an upload without saying where to: it does not follow the distribution specification.");
    }

    private static (string Address, long Least)? Begun(HttpResponseMessage response)
    {
        var least = response.Headers.TryGetValues("OCI-Chunk-Min-Length", out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
        return Location(response) is { } address ? (address, least) : null;
    }

    private async Task EndAsync(string session, CancellationToken cancellationToken)
    {
        try
        {
            using var _ = await transport.SendOnceAsync(endpoint, new RegistryRequest(HttpMethod.Delete, session) { Push = true }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ImageException or TransientException)
        {
            // A courtesy: registries drop what nobody goes on with.
        }
    }

    private string WithDigest(string session) => $"{session}{(session.Contains('?', StringComparison.Ordinal) ? "&" : "?")}digest={Uri.EscapeDataString(descriptor.Digest.ToString())}";

    private static string? Location(HttpResponseMessage response) =>
        response.Headers.Location is { } location ? new Uri(response.RequestMessage!.RequestUri!, location).AbsoluteUri : null;

    /// <summary><c>Range: 0-END</c>, both inclusive; registries write <c>0-0</c> for nothing, too.</summary>
    private static long? Received(HttpResponseMessage response)
    {
        var range = response.Headers.TryGetValues("Range", out var values) ? values.FirstOrDefault()?.Split('-') : null;
        return range is [_, var end] && long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? (last == 0 ? 0 : last + 1) : null;
    }
}
