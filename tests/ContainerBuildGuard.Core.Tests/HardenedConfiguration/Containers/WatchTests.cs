using System.Diagnostics;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

[TestClass]
public sealed class WatchTests
{
    private const string Privileged = """{"Privileged":true}""";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_container_that_comes_between_the_list_and_the_events_is_not_missed()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.AfterList = () => engine.Create("between", Privileged);
        await using var watch = Watch(engine);
        Assert.IsTrue(await watch.MoveNextAsync());
        Assert.Contains("asked of 0 containers", watch.Current.Asked!);
        Assert.IsTrue(await watch.MoveNextAsync());
        Assert.AreEqual("between", watch.Current.Findings.Single(f => f.Code == "CBG2401").Location.Path);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task A_new_container_is_reported_within_a_second()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var watch = Watch(engine, async (_, token) =>
        {
            // A registry that never answers does not hold the report up.
            await Task.Delay(Timeout.Infinite, token);
            return null!;
        });
        engine.Digests = ["registry.example.com/shop@sha256:aa"];
        await watch.MoveNextAsync();
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            var next = watch.MoveNextAsync();
            var clock = Stopwatch.StartNew();
            engine.Create($"new{i}", Privileged);
            Assert.IsTrue(await next);
            best = clock.Elapsed < best ? clock.Elapsed : best;
            Assert.Contains("CBG2401", watch.Current.Findings.Select(f => f.Code));
            Assert.AreEqual(AuditOutcome.NotChecked, watch.Current.Checks.Single(c => c.Rule.Code == "CBG2447").Outcome);
        }

        Assert.IsLessThan(TimeSpan.FromSeconds(1), best);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task An_engine_that_goes_away_ends_the_watch_with_an_error()
    {
        await using var engine = await FakeEngine.StartAsync();
        await using var watch = Watch(engine);
        await watch.MoveNextAsync();
        engine.Stop();
        Assert.AreEqual("CBG9005", (await Assert.ThrowsExactlyAsync<GuardException>(async () => await watch.MoveNextAsync())).Code);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task An_engine_that_tells_no_events_or_nonsense_is_an_error()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.EventsStatus = 500;
        await using var refused = Watch(engine);
        await refused.MoveNextAsync();
        Assert.Contains("500", (await Assert.ThrowsExactlyAsync<GuardException>(async () => await refused.MoveNextAsync())).Message);
        engine.EventsStatus = 200;
        await using var nonsense = Watch(engine);
        await nonsense.MoveNextAsync();
        var next = nonsense.MoveNextAsync();
        engine.Create("one");
        Assert.IsTrue(await next);
        engine.Babble();
        Assert.Contains("not JSON", (await Assert.ThrowsExactlyAsync<GuardException>(async () => await nonsense.MoveNextAsync())).Message);
    }

    private IAsyncEnumerator<GuardResult> Watch(FakeEngine engine, Func<string, CancellationToken, Task<ImageTrust>>? trust = null) =>
        ContainerAudit.WatchAsync(new EngineEndpoint(engine.Address), Policy.Default, trust, TimeProvider.System, TestContext.CancellationToken).GetAsyncEnumerator(TestContext.CancellationToken);
}
