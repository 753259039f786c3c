namespace ContainerBuildGuard.Images;

/// <summary>A download that goes on where it was when its connection breaks, stands still, drips or ends early. What a connection brought renews the attempts, unless it was next to nothing.</summary>
internal sealed class ResumingStream(Stream first, Func<long, CancellationToken, Task<Stream?>> openAt, long length, string registry, RegistryClientOptions options) : AsyncForwardStream
{
    private const int WorthRenewing = 64 << 10;

    /// <summary>Bytes in a second of waiting that a connection has to bring once it had the time of a standstill: fewer are none.</summary>
    private const int LeastPace = 512;

    private readonly StandstillLimit _standstill = new(options);
    private readonly RetryBudget _budget = new(options);
    private Stream? _current = first;
    private long _position;
    private long _broke;
    private long _opened;
    private TimeSpan _waited;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_ended)
        {
            try
            {
                if (_current is null && !await ReopenAsync(cancellationToken).ConfigureAwait(false))
                {
                    return 0;
                }

                if (_waited > options.StallTimeout && _position - _opened < _waited.TotalSeconds * LeastPace)
                {
                    throw new IOException($"only {_position - _opened} bytes came in {_waited.TotalSeconds:0} seconds");
                }

                var start = options.Time.GetTimestamp();
                var count = await _standstill.WatchAsync(token => _current!.ReadAsync(buffer, token), cancellationToken).ConfigureAwait(false);
                _waited += options.Time.GetElapsedTime(start);
                if (count == 0 && buffer.Length > 0 && _position < length)
                {
                    throw new IOException($"the answer ended after {_position} of {length} bytes");
                }

                _position += count;
                if (_position - _broke >= WorthRenewing)
                {
                    _budget.Progress();
                }

                return count;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                Drop();
                _broke = _position;
                var failure = RegistryFailure.Of(e, registry) as TransientException ?? throw RegistryFailure.Of(e, registry);
                await _budget.PauseAsync(failure, cancellationToken).ConfigureAwait(false);
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Drop();
            _standstill.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>False where the registry has no more bytes than those that came: the digest check says what that means.</summary>
    private async Task<bool> ReopenAsync(CancellationToken cancellationToken)
    {
        _current = await openAt(_position, cancellationToken).ConfigureAwait(false);
        _ended = _current is null;
        (_opened, _waited) = (_position, TimeSpan.Zero);
        return !_ended;
    }

    private void Drop()
    {
        _current?.Dispose();
        _current = null;
    }
}
