using Microsoft.Win32.SafeHandles;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>A part of a file, read without a shared position: several may be read at once.</summary>
internal sealed class RangeStream(SafeFileHandle file, long offset, long length) : ForwardStream
{
    private long _position;

    public override long Length => length;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        var count = wanted == 0 ? 0 : RandomAccess.Read(file, buffer[..wanted], offset + _position);
        _position += count;
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        var count = wanted == 0 ? 0 : await RandomAccess.ReadAsync(file, buffer[..wanted], offset + _position, cancellationToken).ConfigureAwait(false);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int start, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(start, count), cancellationToken).AsTask();
}
