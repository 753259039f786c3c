namespace ContainerBuildGuard.Images;

/// <summary>Cancels an exchange in which nothing moves any more. Each sign of life (<see cref="Alive"/>) starts the time anew.</summary>
internal sealed class StandstillLimit : IDisposable
{
    /// <summary>What is said where a small answer is read whole and does not come to its end.</summary>
    public const string NotWhole = "no whole answer came in";

    private readonly CancellationTokenSource _source;
    private readonly TimeSpan _limit;

    public StandstillLimit(TimeSpan limit, TimeProvider time)
    {
        _limit = limit;
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    public StandstillLimit(RegistryClientOptions options)
        : this(options.StallTimeout, options.Time)
    {
    }

    public CancellationToken Token => _source.Token;

    public void Alive() => _source.CancelAfter(_limit);

    /// <summary>Runs <paramref name="work"/>; a standstill in it is an <see cref="IOException"/>, the caller's own cancellation stays one. Work that gives no sign of life on its way has the limit for all of it.</summary>
    public async ValueTask<T> WatchAsync<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken, string passed = "nothing moved for")
    {
        using var registration = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        Alive();
        try
        {
            return await work(_source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && _source.IsCancellationRequested)
        {
            throw new IOException($"{passed} {_limit.TotalSeconds:0.#} seconds");
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("the connection was given up", e);
        }
        finally
        {
            _source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _source.Dispose();
}
