using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class ContentSecurityControlTests
{
    private const string Sdk = ".NET SDK Container Tooling, version 10";
    private const string Status = """
        Package: libssl3
        Status: install ok installed
        Architecture: amd64
        Source: openssl (3.0.11-1)
        Version: 3.0.11-1+b2

        Package: gone
        Status: deinstall ok config-files
        Architecture: amd64
        Version: 1.0

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-osv-");

    public TestContext TestContext { get; set; } = null!;

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task A_distribution_package_is_matched_by_its_source_and_names_the_fix()
    {
        Advisory("A", "Debian:12", "openssl", """{"introduced":"0"},{"fixed":"3.0.13-1"}""");
        var finding = (await CheckAsync(Image())).Findings.Single(f => f.Advisory is not null);
        Assert.AreEqual("CBG1002", finding.Code);
        Assert.AreEqual("libssl3", finding.Package!.Name);
        Assert.AreEqual("3.0.13-1", finding.Package.FixedVersion);
        Assert.AreEqual(Origin.Base, finding.Location.Origin);
    }

    [TestMethod]
    [DataRow("Debian:11", "openssl", """{"introduced":"0"},{"fixed":"3.0.13-1"}""")]
    [DataRow("Debian:12", "openssl", """{"introduced":"0"},{"fixed":"3.0.11-1"}""")]
    [DataRow("Debian:12", "gone", """{"introduced":"0"}""")]
    [DataRow("Debian:12", "openssl", """{"introduced":"3.0.12-1"}""")]
    [DataRow("Debian:12", "openssl", """{"introduced":"0"},{"last_affected":"3.0.10-1"}""")]
    public async Task What_is_not_affected_is_not_found(string ecosystem, string name, string events)
    {
        Advisory("A", ecosystem, name, events);
        Assert.IsEmpty((await CheckAsync(Image())).Findings.Where(f => f.Advisory is not null));
    }

    [TestMethod]
    public async Task An_advisory_that_says_no_versions_is_undetermined_and_never_not_affected()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "x.json"), """{"id":"X-1","modified":"2026-11-20T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"}}]}""", TestContext.CancellationToken);
        var result = await CheckAsync(Image());
        Assert.Contains("X-1", result.Gaps.Single().What);
    }

    [TestMethod]
    public async Task A_broken_stanza_is_a_gap_and_the_others_still_count()
    {
        Advisory("A", "Debian:12", "openssl", """{"introduced":"0"},{"fixed":"3.0.13-1"}""");
        var image = new ImageBuilder().Layer(l => l.File("etc/os-release", "ID=debian\nVERSION_ID=12\n").File("var/lib/dpkg/status", $"Package: broken\nStatus: install ok installed\nno colon here\n\n{Status}"), "debian");
        var result = await CheckAsync(image);
        Assert.IsTrue(result.Gaps.Any(g => g.Path == "var/lib/dpkg/status" && g.Reason.Contains("line 1 on names no package", StringComparison.Ordinal)), string.Join("; ", result.Gaps));
        Assert.HasCount(1, result.Findings.Where(f => f.Advisory is not null).ToArray());
    }

    [TestMethod]
    public async Task A_NuGet_package_of_the_app_is_matched_without_case_and_says_who_brought_it()
    {
        Advisory("B", "NuGet", "some.Library", """{"introduced":"1.0.0"},{"fixed":"2.0.1"}""");
        var finding = (await CheckAsync(Image("""
            { "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0" },
              "targets": { ".NETCoreApp,Version=v10.0": {
                "App/1.0.0": { "dependencies": { "Direct": "1.0.0" }, "runtime": { "App.dll": {} } },
                "Direct/1.0.0": { "dependencies": { "Some.Library": "2.0.0" }, "runtime": { "lib/net10.0/Direct.dll": {} } },
                "Some.Library/2.0.0": { "runtime": { "lib/net10.0/Some.Library.dll": {} } } } },
              "libraries": {
                "App/1.0.0": { "type": "project", "serviceable": false, "sha512": "" },
                "Direct/1.0.0": { "type": "package", "serviceable": true, "sha512": "sha512-x" },
                "Some.Library/2.0.0": { "type": "package", "serviceable": true, "sha512": "sha512-x" } } }
            """))).Findings.Single(f => f.Advisory is not null);
        Assert.AreEqual("CBG1002", finding.Code);
        Assert.AreEqual(Origin.App, finding.Location.Origin);
        Assert.Contains("Direct", finding.Remedy);
        Assert.Contains("2.0.1", finding.Remedy);
    }

    [TestMethod]
    public async Task A_version_without_order_is_a_gap()
    {
        Advisory("C", "Debian:12", "openssl", """{"introduced":"0"},{"fixed":"not a version at all!"}""");
        Assert.IsNotEmpty((await CheckAsync(Image())).Gaps);
    }

    [TestMethod]
    public async Task A_known_distribution_without_packages_is_a_gap()
    {
        Advisory("A", "Debian:12", "openssl", """{"introduced":"0"}""");
        var image = new ImageBuilder().Layer(l => l.File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"));
        Assert.IsNotEmpty((await CheckAsync(image)).Gaps);
    }

    [TestMethod]
    public async Task A_record_that_cannot_be_read_names_its_file()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "bad.json"), "{", TestContext.CancellationToken);
        var e = await Assert.ThrowsExactlyAsync<GuardException>(() => CheckAsync(Image()));
        Assert.AreEqual("CBG9010", e.Code);
        Assert.Contains("bad.json", e.Message);
    }

    private static ImageBuilder Image(string? deps = null)
    {
        var image = new ImageBuilder().Layer(l => l.File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n").File("var/lib/dpkg/status", Status), "debian");
        return image.Layer(l => l.File("app/App.dll", "code").File("app/Some.Library.dll", "code").File("app/Direct.dll", "code").File("app/App.deps.json", deps ?? """{ "libraries": {} }"""), Sdk);
    }

    private void Advisory(string id, string ecosystem, string name, string events) => File.WriteAllText(Path.Combine(_folder.FullName, $"{id}.json"),
        $$$"""
        {"id":"TEST-{{{id}}}","modified":"2026-11-20T00:00:00Z","database_specific":{"severity":"HIGH"},
         "affected":[{"package":{"ecosystem":"{{{ecosystem}}}","name":"{{{name}}}"},"ranges":[{"type":"ECOSYSTEM","events":[{{{events}}}]}]}]}
        """);

    private Task<ControlResult> CheckAsync(ImageBuilder builder, ContentSecurityOptions? options = null) => ContentCheck.RunAsync(builder, _folder.FullName, options ?? new(), TestContext.CancellationToken);
}
