namespace ContainerBuildGuard.Images;

/// <summary>The attempts of one piece of work, with growing pauses between them.</summary>
internal sealed class RetryBudget(RegistryClientOptions options)
{
    private int _failures;

    /// <summary>Work got further: what failed before does not count any more.</summary>
    public void Progress() => _failures = 0;

    /// <summary>Waits until the next attempt is due.</summary>
    /// <exception cref="ImageException">No attempt is left, or the registry asks for more patience than there is.</exception>
    public async Task PauseAsync(TransientException e, CancellationToken cancellationToken)
    {
        if (++_failures >= options.Attempts)
        {
            throw new ImageException(e.Failure.Error, e.Failure.Message, e.Failure);
        }

        if (e.RetryAfter > options.LongestRetryAfter)
        {
            throw new ImageException(e.Failure.Error, $"{e.Failure.Message.TrimEnd('.')}. It asks for {e.RetryAfter.Value.TotalSeconds:0} seconds of patience.", e.Failure);
        }

        var doubled = options.FirstPause * Math.Pow(2, Math.Min(_failures - 1, 16));
        var longest = doubled > options.LongestPause ? options.LongestPause : doubled;
#pragma warning disable CA5394 // Spreading attempts over time needs no unpredictable numbers.
        var pause = longest * (0.5 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
        var wait = e.RetryAfter > pause ? e.RetryAfter.Value : pause;
        await Task.Delay(wait, options.Time, cancellationToken).ConfigureAwait(false);
    }
}
