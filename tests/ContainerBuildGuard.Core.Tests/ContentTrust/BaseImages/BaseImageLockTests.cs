using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Publishing;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>The lock file: what it says, when it refuses, and that writers do not get in each other's way.</summary>
[TestClass]
public sealed class BaseImageLockTests : IAsyncDisposable
{
    private static readonly string Digest = $"sha256:{new string('a', 64)}";
    private readonly BaseImageFixture _fixture = new();

    public required TestContext TestContext { get; init; }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TestMethod]
    public async Task The_same_bases_give_the_same_bytes_in_whatever_order_they_come()
    {
        await RecordAsync("B.csproj net10.0", "b:1");
        await RecordAsync("A.csproj net9.0", "a:1");
        var first = await File.ReadAllTextAsync(_fixture.LockFile, TestContext.CancellationToken);
        File.Delete(_fixture.LockFile);
        await RecordAsync("A.csproj net9.0", "a:1");
        await RecordAsync("B.csproj net10.0", "b:1");
        Assert.AreEqual(first, await File.ReadAllTextAsync(_fixture.LockFile, TestContext.CancellationToken));
        Assert.AreEqual($$"""
            {
              "version": 1,
              "baseImages": {
                "A.csproj net9.0": {
                  "name": "a:1",
                  "digest": "{{Digest}}"
                },
                "B.csproj net10.0": {
                  "name": "b:1",
                  "digest": "{{Digest}}"
                }
              }
            }

            """, first);
    }

    [TestMethod]
    public async Task Many_writers_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => RecordAsync($"P{i}.csproj", $"base:{i}"), TestContext.CancellationToken)));
        Assert.HasCount(40, BaseImageLock.Read(_fixture.LockFile));
        Assert.IsEmpty(Directory.GetFiles(Path.GetDirectoryName(_fixture.LockFile)!, "*.tmp"));
    }

    [TestMethod]
    public async Task An_entry_that_is_there_already_leaves_the_file_alone()
    {
        await RecordAsync("A.csproj", "a:1");
        File.SetLastWriteTimeUtc(_fixture.LockFile, DateTime.UnixEpoch);
        await RecordAsync("A.csproj", "a:1");
        Assert.AreEqual(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(_fixture.LockFile));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("""{ "version": 2, "baseImages": {} }""")]
    [DataRow("""{ "version": 1 }""")]
    [DataRow("""{ "version": 1, "baseImages": { "a": { "name": "b", "digest": "sha256:short" } } }""")]
    [DataRow("""{ "version": 1, "baseImages": { "a": 1 } }""")]
    public async Task What_is_no_lock_file_is_an_error(string text)
    {
        await File.WriteAllTextAsync(_fixture.LockFile, text, TestContext.CancellationToken);
        Assert.AreEqual("CBG9009", Assert.ThrowsExactly<GuardException>(() => BaseImageLock.Read(_fixture.LockFile)).Code);
    }

    [TestMethod]
    public async Task A_changed_digest_warns_and_is_refused_in_locked_mode()
    {
        var first = await _fixture.PushAsync();
        await RecordAsync("App.csproj net10.0", _fixture.Name, first.ToString());
        Assert.IsEmpty((await PinAsync(new(Enforce: true))).Refusing);

        var second = await _fixture.PushAsync(BaseImageFixture.Build("changed"));
        Assert.IsEmpty((await PinAsync(new(Keep: true))).Refusing, "A warning, which the finished image's report has.");
        var refused = (await PinAsync(new(Enforce: true))).Refusing.Single();
        Assert.AreEqual("CBG3104", refused.Code);
        Assert.Contains(first.ToString(), refused.Message);
        Assert.Contains(second.ToString(), refused.Message);
    }

    [TestMethod]
    public async Task Locked_mode_takes_no_base_that_was_never_accepted_nor_one_of_another_name()
    {
        var digest = await _fixture.PushAsync();
        Assert.AreEqual("CBG3104", (await PinAsync(new(Enforce: true))).Refusing.Single().Code);
        await RecordAsync("App.csproj net10.0", "another/base:1", digest.ToString());
        Assert.AreEqual("CBG3104", (await PinAsync(new(Enforce: true))).Refusing.Single().Code);
        Assert.IsEmpty((await PinAsync(new(Keep: true))).Refusing);
    }

    [TestMethod]
    public async Task Switched_off_the_file_is_not_even_read()
    {
        await _fixture.PushAsync();
        await File.WriteAllTextAsync(_fixture.LockFile, "no lock file", TestContext.CancellationToken);
        Assert.IsEmpty((await PinAsync(new())).Refusing);
        await Assert.ThrowsExactlyAsync<GuardException>(() => PinAsync(new(Keep: true)));
        await Assert.ThrowsExactlyAsync<GuardException>(() => _fixture.PinAsync("base-images: { lock: true }"));
    }

    private Task<PinOutcome> PinAsync(BaseImageLocking locking) => _fixture.PinAsync(change: r => r with { Locking = locking });

    private Task RecordAsync(string key, string name, string? digest = null) => BaseImageLock.RecordAsync(_fixture.LockFile, key, new BaseImageLockEntry(name, digest ?? Digest), TestContext.CancellationToken);
}
