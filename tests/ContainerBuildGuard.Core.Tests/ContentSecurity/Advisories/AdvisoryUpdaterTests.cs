using System.IO.Compression;
using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class AdvisoryUpdaterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-update-");
    private readonly LoopbackMirror _mirror = new();

    public TestContext TestContext { get; set; } = null!;

    [TestInitialize]
    public void Fill()
    {
        _mirror["osv/Debian/all.zip"] = Zip(Record("D-1", "Debian:12", "openssl"));
        _mirror["osv/Azure%20Linux/all.zip"] = Zip(Record("A-1", "Azure Linux:3", "openssl"));
        _mirror.Text("kev.json", """{"catalogVersion":"2026.11.24","vulnerabilities":[{"cveID":"CVE-2026-0001"}]}""");
        _mirror["epss.csv.gz"] = GZip("#model\ncve,epss,percentile\nCVE-2026-0001,0.5,0.9\n");
        _mirror.Text("dotnet/timeline/index.json", """{"_embedded":{"years":[{"_links":{"self":{"path":"/timeline/2026/index.json"}}}]}}""");
        _mirror.Text("dotnet/timeline/2026/index.json", """{"months":[{"cve":{"path":"/timeline/2026/10/cve.json"}},{"cve":{"path":"/../../etc/cve.json"}}]}""");
        _mirror.Text("dotnet/timeline/2026/10/cve.json", """{"disclosures":[{"id":"CVE-2026-0001","problem":"A made-up weakness"}],"products":[{"cve_id":"CVE-2026-0001","name":"dotnet-runtime","min_vulnerable":"10.0.0","max_vulnerable":"10.0.1","fixed":"10.0.2"}]}""");
        _mirror.Text("nuget/index.json", """{"version":"3.0.0","resources":[{"@id":"ROOT/nuget/vulnerabilities.json","@type":"VulnerabilityInfo/6.7.0"}]}""");
        _mirror.Text("nuget/vulnerabilities.json", """[{"@name":"base","@id":"ROOT/nuget/base.json","@updated":"2026-11-01T00:00:00Z"}]""");
        _mirror.Text("nuget/base.json", """{"made.up":[{"severity":2,"url":"https://github.com/advisories/GHSA-aaaa-bbbb-cccc","versions":"(, 2.0.0)"}]}""");
        File.WriteAllText(Path.Combine(_folder.FullName, "nuget.config"), $"""<configuration><packageSources><clear/></packageSources><auditSources><clear/><add key="mirror" value="{_mirror.Root}nuget/index.json" allowInsecureConnections="true"/></auditSources></configuration>""");
    }

    public void Dispose()
    {
        _mirror.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task Every_kind_of_source_ends_in_one_index()
    {
        var result = await UpdateAsync();
        Assert.IsTrue(result.IsComplete, Problems(result));
        using var index = AdvisoryIndex.Open(result.IndexPath);
        var matcher = new VulnerabilityMatcher(index);
        Assert.AreEqual("D-1", Only(matcher, "Debian", "12", "openssl", "1.0-1").Id);
        Assert.AreEqual("A-1", Only(matcher, "Azure Linux", "3", "openssl", "1.0-1").Id);
        Assert.AreEqual("GHSA-aaaa-bbbb-cccc", Only(matcher, "NuGet", "", "Made.Up", "1.9.0").Id);
        var runtime = Only(matcher, "NuGet", "", "Microsoft.NETCore.App", "10.0.1");
        Assert.AreEqual(("CVE-2026-0001", "10.0.2", true, 0.5), (runtime.Id, runtime.FixedVersion, runtime.IsKnownExploited, runtime.Epss));
    }

    [TestMethod]
    public async Task The_second_time_only_what_changed_is_sent()
    {
        await UpdateAsync();
        _mirror.Sent.Clear();
        _mirror["osv/Debian/all.zip"] = Zip(Record("D-2", "Debian:12", "zlib"));
        var result = await UpdateAsync();
        Assert.IsTrue(result.IsComplete, Problems(result));
        CollectionAssert.AreEqual(new[] { "osv/Debian/all.zip" }, _mirror.Sent.Where(p => !p.StartsWith("nuget/", StringComparison.Ordinal)).ToList());
        using var index = AdvisoryIndex.Open(result.IndexPath);
        Assert.AreEqual("D-2", Only(new VulnerabilityMatcher(index), "Debian", "12", "zlib", "1.0-1").Id);
    }

    [TestMethod]
    [DataRow("down")]
    [DataRow("cut")]
    [DataRow("error page")]
    public async Task A_source_that_fails_is_named_and_its_older_copy_stays(string how)
    {
        await UpdateAsync();
        _mirror["osv/Debian/all.zip"] = how == "error page" ? "<html>Please log in</html>"u8.ToArray() : Zip(Record("D-2", "Debian:12", "zlib"));
        (how == "down" ? _mirror.Down : how == "cut" ? _mirror.Cut : []).Add("osv/Debian/all.zip");
        var result = await UpdateAsync();
        Assert.IsFalse(result.IsComplete);
        var failed = result.Sources.Single(s => s.State == SourceState.Failed);
        Assert.Contains("osv/Debian/all.zip", failed.Problem!);
        using var index = AdvisoryIndex.Open(result.IndexPath);
        Assert.AreEqual("D-1", Only(new VulnerabilityMatcher(index), "Debian", "12", "openssl", "1.0-1").Id);
    }

    [TestMethod]
    public async Task Nothing_reachable_and_no_copy_is_an_error_and_no_index()
    {
        var e = await Assert.ThrowsExactlyAsync<GuardException>(() => AdvisoryUpdater.UpdateAsync(Request() with { Source = $"{_mirror.Root}nowhere/", Kev = "", Epss = "", DotNet = "", NuGetConfigFolder = "" }, TestContext.CancellationToken));
        Assert.AreEqual("CBG9005", e.Code);
        Assert.IsFalse(File.Exists(Path.Combine(_folder.FullName, "kept", AdvisoryLocations.IndexName)));
    }

    [TestMethod]
    [DataRow("http://mirror.example.com/osv/")]
    [DataRow("https://user:password@mirror.example.com/")]
    [DataRow("ftp://mirror.example.com/")]
    public async Task Plain_http_to_another_machine_and_passwords_in_addresses_are_refused(string source)
    {
        var e = await Assert.ThrowsExactlyAsync<GuardException>(() => AdvisoryUpdater.UpdateAsync(Request() with { Source = source }, TestContext.CancellationToken));
        Assert.AreEqual("CBG9009", e.Code);
        Assert.DoesNotContain("password@", e.Message);
    }

    [TestMethod]
    public async Task A_mirror_in_a_folder_serves_too()
    {
        var mirror = Directory.CreateDirectory(Path.Combine(_folder.FullName, "osv", "Debian")).Parent!.FullName;
        await File.WriteAllBytesAsync(Path.Combine(mirror, "Debian", "all.zip"), Zip(Record("D-1", "Debian:12", "openssl")), TestContext.CancellationToken);
        var result = await AdvisoryUpdater.UpdateAsync(Request() with { Source = mirror, Kev = "", Epss = "", DotNet = "", NuGetConfigFolder = "" }, TestContext.CancellationToken);
        Assert.AreEqual(1, result.Advisories);
    }

    private Task<AdvisoryUpdateResult> UpdateAsync() => AdvisoryUpdater.UpdateAsync(Request(), TestContext.CancellationToken);

    private AdvisoryUpdateRequest Request() => new()
    {
        Source = $"{_mirror.Root}osv/",
        Ecosystems = ["Debian", "Azure Linux"],
        Kev = $"{_mirror.Root}kev.json",
        Epss = $"{_mirror.Root}epss.csv.gz",
        DotNet = $"{_mirror.Root}dotnet/",
        NuGetConfigFolder = _folder.FullName,
        Folder = Path.Combine(_folder.FullName, "kept"),
    };

    private static Vulnerability Only(VulnerabilityMatcher matcher, string ecosystem, string release, string name, string version)
    {
        var found = matcher.Match(new Package { Purl = $"pkg:generic/{name}@{version}", Ecosystem = ecosystem, EcosystemRelease = release, Name = name, Version = version, Origin = Origin.Base, LayerIndex = 0, Path = "x" }).Vulnerabilities;
        Assert.HasCount(1, found);
        return found[0];
    }

    private static string Problems(AdvisoryUpdateResult result) => string.Join('\n', result.Sources.Select(s => $"{s.Name} {s.State} {s.Problem}"));

    private static string Record(string id, string ecosystem, string package) =>
        $$$"""{"id":"{{{id}}}","modified":"2026-11-01T00:00:00Z","affected":[{"package":{"ecosystem":"{{{ecosystem}}}","name":"{{{package}}}"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"9.0-1"}]}]}]}""";

    private static byte[] Zip(string record)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        using (var writer = new StreamWriter(zip.CreateEntry("record.json").Open()))
        {
            writer.Write(record);
        }

        return bytes.ToArray();
    }

    private static byte[] GZip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
