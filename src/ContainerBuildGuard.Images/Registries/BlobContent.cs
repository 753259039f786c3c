using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace ContainerBuildGuard.Images;

/// <summary>A part of a blob as request content, opened when it is sent; each piece that leaves is a sign of life.</summary>
internal sealed class BlobContent : HttpContent
{
    private readonly Func<CancellationToken, ValueTask<Stream>> _open;
    private readonly long _offset;
    private readonly long _count;
    private readonly Action _alive;

    public BlobContent(Func<CancellationToken, ValueTask<Stream>> open, long offset, long count, Action alive)
    {
        (_open, _offset, _count, _alive) = (open, offset, count, alive);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
    }

    /// <summary>Says which bytes these are, as the distribution specification writes it and HTTP's own type does not: <c>0-1023</c>, both inclusive.</summary>
    public BlobContent AsChunk()
    {
        Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{_offset}-{_offset + _count - 1}"));
        return this;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _count;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var content = await _open(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[1 << 17];
        var (position, end) = (0L, _offset + _count);
        while (position < end)
        {
            var count = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - position)), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                throw new ImageException(ImageError.DigestMismatch, $"Content to be pushed ends after {position} of {end} bytes: build or pull the image again.");
            }

            // A stream that verifies must be read from its start; what the registry has already is passed over.
            var skip = (int)Math.Clamp(_offset - position, 0, count);
            position += count;
            if (position == end)
            {
                // At a blob's end this read is the one that verifies the digest: what is wrong never arrives whole.
                _ = await content.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            }

            if (skip < count)
            {
                await stream.WriteAsync(buffer.AsMemory(skip, count - skip), cancellationToken).ConfigureAwait(false);
            }

            _alive();
        }
    }
}
