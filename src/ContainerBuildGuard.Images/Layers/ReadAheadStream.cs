using System.Buffers;

namespace ContainerBuildGuard.Images;

/// <summary>Reads a stream on a thread of its own, a few blocks ahead of whoever reads this one: decompression goes on while its output is looked at.</summary>
internal sealed class ReadAheadStream : ForwardStream
{
    private const int BlockBytes = 256 << 10;
    private const int MostBlocks = 4;
    private readonly Stream _inner;
    private readonly Lock _lock = new();
    private readonly Queue<(byte[] Bytes, int Count)> _blocks = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly SemaphoreSlim _room = new(MostBlocks);
    private readonly Task _reading;
    private volatile bool _stopped;
    private Exception? _failure;
    private byte[] _current = [];
    private int _position;
    private int _count;
    private bool _ended;

    /// <summary>Begins to read <paramref name="inner"/>, which stays open.</summary>
    public ReadAheadStream(Stream inner)
    {
        _inner = inner;
        _reading = Task.Factory.StartNew(ReadInner, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public override int Read(Span<byte> buffer)
    {
        if (_position == _count && !Next())
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _count - _position);
        _current.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <summary>Waits until nobody reads the inner stream any more.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopped = true;
            _room.Release();
            _reading.Wait();
            Return(_current);
            foreach (var (bytes, _) in _blocks)
            {
                Return(bytes);
            }

            _filled.Dispose();
            _room.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Takes the next block; false at the end.</summary>
    private bool Next()
    {
        if (_ended)
        {
            return false;
        }

        _filled.Wait();
        lock (_lock)
        {
            Return(_current);
            (_current, _position, _count) = ([], 0, 0);
            _ended = !_blocks.TryDequeue(out var block);
            if (!_ended)
            {
                (_current, _count) = block;
            }
        }

        if (_ended && _failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }

        _room.Release();
        return !_ended;
    }

    private void ReadInner()
    {
        try
        {
            while (true)
            {
                _room.Wait();
                if (_stopped)
                {
                    return;
                }

                var bytes = ArrayPool<byte>.Shared.Rent(BlockBytes);
                var count = _inner.ReadAtLeast(bytes.AsSpan(0, BlockBytes), BlockBytes / 2, throwOnEndOfStream: false);
                if (count == 0)
                {
                    Return(bytes);
                    return;
                }

                lock (_lock)
                {
                    _blocks.Enqueue((bytes, count));
                }

                _filled.Release();
            }
        }
#pragma warning disable CA1031 // Whatever it is, it is thrown again where the content is read.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure = e;
        }
        finally
        {
            _filled.Release();
        }
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
