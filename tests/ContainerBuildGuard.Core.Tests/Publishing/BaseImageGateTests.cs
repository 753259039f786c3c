using ContainerBuildGuard.ContentTrust.BaseImages;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Publishing;

/// <summary>The finished image is held against what its base was found to be.</summary>
[TestClass]
public sealed class BaseImageGateTests : IAsyncDisposable
{
    private const string Policy = "fail-on: critical\ncontrols: { content-security: { require-advisories: false } }\nbase-images: { max-age: 900d }\n";
    private readonly BaseImageFixture _fixture = new();

    public required TestContext TestContext { get; init; }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TestMethod]
    public async Task An_image_on_the_verified_base_passes_and_one_on_another_is_refused()
    {
        await _fixture.PushAsync();
        await _fixture.PinAsync(Policy);
        var passed = await PublishAsync("one");
        Assert.AreEqual(Verdict.Passed, passed.Result.Verdict);
        Assert.Contains($"Built on {_fixture.Name}@{_fixture.Set.Root.Digest}.", string.Join('\n', passed.Summary));
        await _fixture.PinAsync(Policy);
        var refused = await PublishAsync("something else");
        Assert.AreEqual("CBG3105", refused.Result.Refusing.Single().Code);
        Assert.IsFalse(_fixture.Registry.Manifests.ContainsKey("refused"));
    }

    [TestMethod]
    public async Task An_image_whose_base_nobody_looked_at_is_refused_where_the_policy_asks()
    {
        Assert.AreEqual("CBG3101", (await PublishAsync("one")).Result.Refusing.Single().Code);
        Assert.AreEqual(Verdict.Passed, (await PublishAsync("one", Policy.Replace("base-images: { max-age: 900d }", "", StringComparison.Ordinal))).Result.Verdict);
    }

    [TestMethod]
    public async Task An_accepted_base_is_written_into_the_lock_file_and_a_changed_one_is_reported()
    {
        var first = await _fixture.PushAsync();
        await _fixture.PinAsync(Policy);
        await PublishAsync("one", change: r => r with { Locking = new(Keep: true) });
        Assert.AreEqual(new BaseImageLockEntry(_fixture.Name, first.ToString()), BaseImageLock.Read(_fixture.LockFile)["App.csproj net10.0"]);

        var second = await _fixture.PushAsync(BaseImageFixture.Build("two"));
        await _fixture.PinAsync(Policy);
        var outcome = await PublishAsync("two", change: r => r with { Locking = new(Keep: true) });
        Assert.AreEqual(Verdict.Passed, outcome.Result.Verdict);
        Assert.Contains("CBG3104", outcome.Result.Findings.Select(f => f.Code).ToArray());
        Assert.AreEqual(second.ToString(), BaseImageLock.Read(_fixture.LockFile).Single().Value.Digest);
    }

    [TestMethod]
    public async Task A_refused_image_leaves_the_lock_file_as_it_was()
    {
        await _fixture.PushAsync();
        await _fixture.PinAsync(Policy);
        Assert.AreEqual(Verdict.Refused, (await PublishAsync("another", change: r => r with { Locking = new(Keep: true) })).Result.Verdict);
        Assert.IsFalse(File.Exists(_fixture.LockFile));
    }

    private async Task<PublishOutcome> PublishAsync(string baseContent, string policy = Policy, Func<PublishRequest, PublishRequest>? change = null)
    {
        var image = new ImageBuilder().Layer(l => l.File("etc/base", $"{baseContent} amd64")).Layer(l => l.File("app/readme.txt", "hello")).User("1654").Build();
        await using (var staged = File.Create(_fixture.At("staged.tar")))
        {
            await OciArchiveWriter.WriteAsync(image, "app", ["1.0"], staged, TestContext.CancellationToken);
        }

        await File.WriteAllTextAsync(_fixture.At("policy.yaml"), policy, TestContext.CancellationToken);
        var request = new PublishRequest
        {
            StagedArchive = _fixture.At("staged.tar"),
            Registry = _fixture.Registry.Host,
            Repository = "app",
            Tags = ["1.0"],
            BaseImage = _fixture.Name,
            BaseFactsFile = _fixture.FactsFile,
            ProjectFile = _fixture.ProjectFile,
            TargetFramework = "net10.0",
            PolicyPath = _fixture.At("policy.yaml"),
            AdvisoriesPath = Path.Combine(Repository.Root, "samples", "advisories"),
            Sign = "false",
            SignatureFormats = ["bundle"],
            Host = "off",
            UseCache = false,
            ReportDirectory = _fixture.At("reports"),
        };
        return await GuardedPublish.RunAsync(change?.Invoke(request) ?? request, TestContext.CancellationToken);
    }
}
