using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>A layer's uncompressed bytes, hashed while they are read; at the end the diff ID must match. Bounded.</summary>
internal sealed class LayerContent : Stream
{
    private readonly Stream _inflated;
    private readonly Stream _blob;
    private readonly LayerInfo _layer;
    private readonly long _limit;
    private readonly IncrementalHash _hash;
    private long _position;

    private LayerContent(Stream inflated, Stream blob, LayerInfo layer, long limit)
    {
        (_inflated, _blob, _layer, _limit) = (inflated, blob, layer, limit);
        _hash = layer.DiffId.CreateHash();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public static LayerContent Open(Stream blob, LayerInfo layer, InspectionLimits limits)
    {
        var type = layer.Descriptor.MediaType;
        var inflated = type switch
        {
            MediaTypes.OciLayerTar or MediaTypes.DockerLayerTar => blob,
            MediaTypes.OciLayerGzip or MediaTypes.DockerLayerGzip => new GZipStream(blob, CompressionMode.Decompress, leaveOpen: true),
            MediaTypes.OciLayerZstd => new ZstdSharp.DecompressionStream(blob, leaveOpen: true),
            _ => throw new ImageException(ImageError.Unsupported, $"Layer {layer.Index} has the media type '{type}', which the guard cannot read: rebuild the image with tar, gzip or zstd layers."),
        };
        return new LayerContent(inflated, blob, layer, limits.UncompressedBytesPerLayer);
    }

    /// <summary>Reads what is left (padding after the tar's end, bytes after the compressed stream), so that both digests are checked over everything.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            while (await ReadAsync(buffer, cancellationToken) > 0)
            {
            }

            while (await _blob.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var actual = Digest.FromHash(_layer.DiffId.Algorithm, _hash.GetHashAndReset());
        if (actual != _layer.DiffId)
        {
            throw new ImageException(ImageError.DigestMismatch, $"The content of layer {_layer.Index} has the digest {actual}, the configuration says {_layer.DiffId}: the image was changed or damaged; build or pull it again.");
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var count = _inflated.Read(buffer);
        Account(buffer[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _inflated.ReadAsync(buffer, cancellationToken);
        Account(buffer.Span[..count]);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inflated.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Account(ReadOnlySpan<byte> bytes)
    {
        _position += bytes.Length;
        if (_position > _limit)
        {
            throw new ImageException(ImageError.Malformed, $"Layer {_layer.Index} inflates to more than {_limit} bytes, over the guard's limit.");
        }

        _hash.AppendData(bytes);
    }
}
