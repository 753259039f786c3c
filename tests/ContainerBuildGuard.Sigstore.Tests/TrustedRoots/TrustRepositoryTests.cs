using System.Text;
using ContainerBuildGuard.Sigstore.Tuf;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The trust of an instance by its TUF repository over HTTP, and without it.</summary>
[TestClass]
public sealed class TrustRepositoryTests : IDisposable
{
    private const string Signing = """{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","caUrls":[{"url":"https://fulcio.example","majorApiVersion":1,"validFor":{"start":"2022-01-01T00:00:00Z"},"operator":"example"}]}""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-trust-");
    private readonly HttpClient _http = new();
    private readonly TufSimulator _tuf = new();

    public required TestContext TestContext { get; init; }

    public void Dispose()
    {
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Trust_is_fetched_once_and_then_there_offline(bool hasSigningConfig)
    {
        _tuf.AddTarget("trusted_root.json", Encoding.UTF8.GetString(EmbeddedTrust.Read("public-good.trusted_root.json")));
        if (hasSigningConfig)
        {
            _tuf.AddTarget("signing_config.v0.2.json", Signing);
        }

        _tuf.Publish();
        await using var server = Serve();
        var repository = Repository(server);
        Assert.IsNull(repository.ReadCached());
        var fetched = await repository.UpdateAsync(_http, TestContext.CancellationToken);
        Assert.AreEqual(hasSigningConfig, fetched.Config.SigningConfig is not null);
        var asked = server.Requests.Count;
        var cached = repository.ReadCached();
        Assert.AreEqual(asked, server.Requests.Count);
        Assert.HasCount(fetched.Config.TrustedRoot.TransparencyLogs.Length, cached!.Config.TrustedRoot.TransparencyLogs);
        Assert.IsNotNull(cached.UpdatedAt);
    }

    [TestMethod]
    public async Task A_repository_that_lies_is_not_the_same_as_one_that_cannot_be_reached()
    {
        _tuf.AddTarget("trusted_root.json", "{}");
        _tuf.Publish();
        await using (var server = Serve())
        {
            _tuf.Tamper = (path, bytes) => path == "timestamp.json" ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal)) : bytes;
            var lies = await Assert.ThrowsExactlyAsync<SigstoreException>(() => Repository(server).UpdateAsync(_http, TestContext.CancellationToken));
            Assert.AreEqual(SigstoreError.Untrusted, lies.Error);
        }

        var away = await Assert.ThrowsExactlyAsync<SigstoreException>(() => new TrustRepository("away", new Uri("http://127.0.0.1:1/"), _tuf.InitialRoot, _folder.FullName).UpdateAsync(_http, TestContext.CancellationToken));
        Assert.AreEqual(SigstoreError.Unreachable, away.Error);
    }

    [TestMethod]
    [DataRow("http://fulcio.example")]
    [DataRow("file:///etc/passwd")]
    [DataRow("nothing")]
    public void A_service_that_is_not_spoken_to_over_tls_is_refused(string url) =>
        Assert.ThrowsExactly<SigstoreException>(() => SigningConfig.Parse(Encoding.UTF8.GetBytes(Signing.Replace("https://fulcio.example", url, StringComparison.Ordinal))));

    [TestMethod]
    public void Services_are_chosen_by_operator_version_and_time()
    {
        static SigstoreService Service(string host, int version, int from, int? to, string by) => new(
            new Uri($"https://{host}"), version, new ValidityPeriod(new DateTimeOffset(from, 1, 1, 0, 0, 0, TimeSpan.Zero), to is { } end ? new DateTimeOffset(end, 1, 1, 0, 0, 0, TimeSpan.Zero) : null), by);
        System.Collections.Immutable.ImmutableArray<SigstoreService> services =
            [Service("old", 1, 2020, null, "a"), Service("new", 2, 2023, null, "a"), Service("newest", 3, 2024, null, "a"), Service("ended", 2, 2020, 2022, "b"), Service("other", 1, 2021, null, "c")];
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        string[] Select(ServiceSelector selector, int count) => [.. SigningConfig.Select(services, (selector, count), 2, now).Select(s => s.Url.Host)];
        CollectionAssert.AreEqual(new[] { "new" }, Select(ServiceSelector.Any, 1));
        CollectionAssert.AreEqual(new[] { "new", "other" }, Select(ServiceSelector.All, 0));
        CollectionAssert.AreEqual(new[] { "new", "other" }, Select(ServiceSelector.Exact, 2));
        Assert.ThrowsExactly<SigstoreException>(() => Select(ServiceSelector.Exact, 3));
    }

    private TrustRepository Repository(AnswerServer server) => new("test", server.Address, _tuf.InitialRoot, _folder.FullName, new FixedTime(TufSimulator.Now));

    private AnswerServer Serve() => new(request =>
        _tuf.FetchAsync(request.Path.TrimStart('/'), long.MaxValue, CancellationToken.None).Result is { } bytes ? new ServerAnswer(200, bytes) : new ServerAnswer(404, []));
}
