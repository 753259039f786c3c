using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Publishing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>A base in a registry that takes connections and never answers.</summary>
[TestClass]
public sealed class SilentRegistryTests : IAsyncDisposable
{
    private const string Asks = "base-images: { max-age: 30d }";
    private readonly BaseImageFixture _fixture = new();
    private readonly SilentServer _silent = new();

    public async ValueTask DisposeAsync()
    {
        _silent.Dispose();
        await _fixture.DisposeAsync();
    }

    [TestMethod]
    public async Task Where_something_is_asked_of_the_base_it_is_an_error_that_names_the_registry()
    {
        var thrown = await Assert.ThrowsExactlyAsync<GuardException>(() => PinAsync(Asks));
        Assert.AreEqual("CBG9005", thrown.Code);
        Assert.Contains(_silent.Host, thrown.Message);
        Assert.Contains("nothing moved", thrown.Message);
        Assert.IsFalse(File.Exists(_fixture.FactsFile));
    }

    [TestMethod]
    public async Task Where_nothing_is_asked_it_is_left_to_the_SDK() => Assert.Contains("left to the SDK", (await PinAsync("")).Summary);

    [TestMethod]
    [DataRow(true, 190)]
    [DataRow(false, 30)]
    public void The_time_that_it_may_take_is_bounded(bool mustKnow, int seconds)
    {
        var options = BaseImagePinning.Options(PolicyLoader.Parse("", "p.yaml", RuleCatalog.Codes), mustKnow);
        var pauses = Enumerable.Range(0, options.Attempts - 1).Sum(i => Math.Min(options.LongestPause.TotalSeconds, options.FirstPause.TotalSeconds * Math.Pow(2, i)));
        Assert.IsLessThan(seconds, (options.Attempts * options.StallTimeout.TotalSeconds) + pauses + (2 * options.ConnectTimeout.TotalSeconds));
    }

    [TestMethod]
    public async Task A_cancelled_build_does_not_wait_for_it()
    {
        using var cancel = new CancellationTokenSource();
        var pinning = _fixture.PinAsync(Asks, r => r with { Registry = _silent.Host }, cancel.Token);
        await Task.WhenAny(_silent.Connected, pinning);
        Assert.IsFalse(pinning.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => pinning.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    private Task<PinOutcome> PinAsync(string policy) => _fixture.PinAsync(policy, r => r with
    {
        Registry = _silent.Host,
        Tune = o => o with { ConnectTimeout = TimeSpan.FromMilliseconds(100), StallTimeout = TimeSpan.FromMilliseconds(300), FirstPause = TimeSpan.FromMilliseconds(1) },
    });
}
