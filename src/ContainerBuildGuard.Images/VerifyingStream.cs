using System.Security.Cryptography;

namespace ContainerBuildGuard.Images;

/// <summary>Reads content and checks its size and digest on the way; throws <see cref="ImageException"/> where they differ from the descriptor.</summary>
public sealed class VerifyingStream : Stream
{
    private readonly Stream _inner;
    private readonly Descriptor _descriptor;
    private readonly string _source;
    private readonly IncrementalHash _hash;
    private long _read;
    private bool _verified;

    /// <summary>Wraps <paramref name="inner"/>, which is disposed with this stream; <paramref name="source"/> names it for people.</summary>
    public VerifyingStream(Stream inner, Descriptor descriptor, string source)
    {
        (_inner, _descriptor, _source) = (inner, descriptor, source);
        _hash = descriptor.Digest.CreateHash();
    }

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => _descriptor.Size;

    /// <inheritdoc />
    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override int Read(Span<byte> buffer)
    {
        var count = _inner.Read(buffer);
        Account(buffer[..count], buffer.Length > 0);
        return count;
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Account(buffer.Span[..count], buffer.Length > 0);
        return count;
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Account(ReadOnlySpan<byte> bytes, bool asked)
    {
        if (bytes.Length > 0)
        {
            _read += bytes.Length;
            if (_read > _descriptor.Size)
            {
                throw new ImageException(ImageError.DigestMismatch, $"Content {_descriptor.Digest} from {_source} is longer than the {_descriptor.Size} bytes that its manifest says: it was changed or damaged; build or pull it again.");
            }

            _hash.AppendData(bytes);
            return;
        }

        if (!asked || _verified)
        {
            return;
        }

        if (_read != _descriptor.Size)
        {
            throw new ImageException(ImageError.DigestMismatch, $"Content {_descriptor.Digest} from {_source} ends after {_read} of {_descriptor.Size} bytes: it is truncated; build or pull it again.");
        }

        Span<byte> hash = stackalloc byte[64];
        var actual = Digest.FromHash(_descriptor.Digest.Algorithm, hash[.._hash.GetHashAndReset(hash)]);
        if (actual != _descriptor.Digest)
        {
            throw new ImageException(ImageError.DigestMismatch, $"Content from {_source} has the digest {actual}, its manifest says {_descriptor.Digest}: it was changed or damaged; build or pull it again.");
        }

        _verified = true;
    }
}
