using System.Buffers;
using System.Security.Cryptography;

namespace ContainerBuildGuard.Images;

/// <summary>A layer's uncompressed bytes, hashed while they are read; at the end the diff ID must match. Bounded.</summary>
public sealed class LayerStream : ForwardStream
{
    /// <summary>Smaller layers are not worth a thread.</summary>
    private const int ReadAheadFrom = 1 << 20;

    private readonly Stream _blob;
    private readonly Stream _inflated;
    private readonly Stream _source;
    private readonly Descriptor _descriptor;
    private readonly Digest _diffId;
    private readonly LayerLimits _limits;
    private readonly IncrementalHash? _hash;
    private long _position;

    private LayerStream(Stream blob, Stream inflated, Descriptor descriptor, Digest diffId, LayerLimits limits)
    {
        (_blob, _inflated, _descriptor, _diffId, _limits) = (blob, inflated, descriptor, diffId, limits);
        _source = inflated != blob && descriptor.Size >= ReadAheadFrom ? new ReadAheadStream(inflated) : inflated;

        // An uncompressed layer's digest is its diff ID, and the blob's stream checks that one.
        _hash = inflated == blob && descriptor.Digest == diffId ? null : diffId.CreateHash();
    }

    /// <summary>True where the layer's content is elsewhere (foreign, non-distributable) and not in the image.</summary>
    public static bool IsForeign(Descriptor descriptor) =>
        !descriptor.Urls.IsEmpty || descriptor.MediaType.Contains("foreign", StringComparison.Ordinal) || descriptor.MediaType.Contains("nondistributable", StringComparison.Ordinal);

    /// <summary>Opens the content of a layer over its verified <paramref name="blob"/>, which is disposed with the stream.</summary>
    /// <exception cref="ImageException">The media type is not one of a layer (<see cref="ImageError.Unsupported"/>).</exception>
    public static LayerStream Open(Stream blob, Descriptor descriptor, Digest diffId, LayerLimits? limits = null)
    {
        Stream inflated = descriptor.MediaType switch
        {
            MediaTypes.OciLayerTar or MediaTypes.DockerLayerTar => blob,
            MediaTypes.OciLayerGzip or MediaTypes.DockerLayerGzip => new GzipContentStream(new BufferedStream(blob, 128 << 10)),
            MediaTypes.OciLayerZstd => new ZstdSharp.DecompressionStream(blob, 128 << 10, checkEndOfStream: true, leaveOpen: true),
            var type => throw new ImageException(ImageError.Unsupported, $"A layer has the media type '{type}', which is not tar, gzip or zstd: rebuild the image with layers of one of these."),
        };
        return new LayerStream(blob, inflated, descriptor, diffId, limits ?? LayerLimits.Default);
    }

    /// <summary>Reads what is left, so that both digests are checked over everything.</summary>
    /// <exception cref="ImageException">The content is not what the diff ID says.</exception>
    public void Finish()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            while (Read(buffer) > 0)
            {
            }

            // The blob's own end is where its stream checks size and digest.
            while (_blob.Read(buffer) > 0)
            {
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (_hash is not null && Digest.FromHash(_diffId.Algorithm, _hash.GetHashAndReset()) is var actual && actual != _diffId)
        {
            throw new ImageException(ImageError.DigestMismatch, $"The content of layer {_descriptor.Digest} has the digest {actual}, the configuration says {_diffId}: the image was changed or damaged; build or pull it again.");
        }
    }

    /// <inheritdoc />
    public override int Read(Span<byte> buffer)
    {
        var count = _source.Read(buffer);
        _position += count;
        if (_position > _limits.Bytes)
        {
            throw LayerLimits.Exceeded($"Layer {_descriptor.Digest} inflates to {_position} bytes or more", _limits.Bytes, "layer-bytes");
        }

        if (_position > _limits.RatioFrom && _position / _limits.Ratio > _descriptor.Size)
        {
            throw LayerLimits.Exceeded($"Layer {_descriptor.Digest} inflates to more than {_limits.Ratio} times its {_descriptor.Size} bytes", _limits.Ratio, "layer-ratio");
        }

        _hash?.AppendData(buffer[..count]);
        return count;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // From the outside in: the reading thread must have ended before what it reads is closed.
            _source.Dispose();
            _inflated.Dispose();
            _blob.Dispose();
            _hash?.Dispose();
        }

        base.Dispose(disposing);
    }
}
