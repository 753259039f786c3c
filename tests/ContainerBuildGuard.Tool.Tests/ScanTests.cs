using System.Text.Json;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary><c>cbg scan</c> and <c>cbg sbom</c> as a user runs them: an archive, bills of materials of several tools, VEX documents, no network.</summary>
[TestClass]
public sealed class ScanTests
{
    private static DirectoryInfo _folder = null!;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext context)
    {
        _folder = Directory.CreateTempSubdirectory("cbg-scan-");
        Directory.CreateDirectory(At("osv"));
        var modified = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        await OsvAsync("GHSA-1111-1111-1111", "NuGet", "Lib", "2.0.0", modified);
        await OsvAsync("DEBIAN-CVE-2026-1", "Debian:12", "openssl", "3.0.13-1", modified);
        Directory.CreateDirectory(At("old"));
        await File.WriteAllTextAsync(At("old/x.json"), (await File.ReadAllTextAsync(At("osv/GHSA-1111-1111-1111.json"))).Replace(modified, "2020-01-01T00:00:00Z", StringComparison.Ordinal));
        await using var file = File.Create(At("app.tar"));
        await OciArchiveWriter.WriteAsync(AppImage(), "app", ["1.0"], file, context.CancellationToken);
    }

    [ClassCleanup]
    public static void Stop() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task Vulnerable_packages_refuse_and_the_plan_says_what_to_do()
    {
        Assert.AreEqual(1, (await ScanAsync(At("app.tar"), "--fail-on", "high")).ExitCode);
        var plan = await ScanAsync(At("app.tar"), "--fail-on", "high", "--fix-plan");
        Assert.AreEqual(1, plan.ExitCode, plan.Error);
        using var json = JsonDocument.Parse(plan.Output);
        Assert.AreEqual(1, json.RootElement.GetProperty("schemaVersion").GetInt32());
        var steps = json.RootElement.GetProperty("steps").EnumerateArray().ToDictionary(s => s.GetProperty("kind").GetString()!);
        Assert.AreEqual("dotnet add App.csproj package Lib --version 2.0.0", steps["nuget-package"].GetProperty("command").GetString());
        Assert.AreEqual("high", steps["nuget-package"].GetProperty("severity").GetString());
        Assert.AreEqual("CVE-2026-1", steps["base-image"].GetProperty("fixes")[0].GetString());
    }

    [TestMethod]
    public async Task A_VEX_document_on_the_command_line_accepts_with_its_reason()
    {
        await File.WriteAllTextAsync(At("app.openvex.json"), """
            {"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.test/vex/1","author":"tests","timestamp":"2026-11-01T00:00:00Z","version":1,"statements":[
              {"vulnerability":{"name":"GHSA-1111-1111-1111"},"products":[{"@id":"pkg:nuget/Lib"}],"status":"not_affected","justification":"vulnerable_code_not_in_execute_path"},
              {"vulnerability":{"name":"CVE-2026-1"},"products":[{"@id":"pkg:deb/debian/libssl3"}],"status":"fixed"}]}
            """, TestContext.CancellationToken);
        var accepted = await ScanAsync(At("app.tar"), "--vex", At("app.openvex.json"), "--format", "json");
        Assert.AreEqual(0, accepted.ExitCode, accepted.Output + accepted.Error);
        Assert.Contains("vulnerable_code_not_in_execute_path", accepted.Output);
        await File.WriteAllTextAsync(At("broken.json"), "{}", TestContext.CancellationToken);
        var broken = await ScanAsync(At("app.tar"), "--vex", At("broken.json"));
        Assert.AreEqual(2, broken.ExitCode);
        Assert.Contains("CBG9009", broken.Error);
        Assert.Contains("broken.json", broken.Error);
    }

    [TestMethod]
    public async Task Old_advisories_warn_and_refuse_where_fresh_ones_are_required()
    {
        var warned = await Cbg.RunAsync("scan", At("app.tar"), "--advisories", At("old"), "--fail-on", "critical", "--format", "json");
        Assert.AreEqual(0, warned.ExitCode, warned.Error);
        Assert.Contains("CBG1020", warned.Output);
        Assert.Contains("CBG1021", warned.Output);
        var refused = await Cbg.RunAsync("scan", At("app.tar"), "--advisories", At("old"), "--fail-on", "critical", "--require-fresh");
        Assert.AreEqual(1, refused.ExitCode, refused.Error);
    }

    [TestMethod]
    [DataRow("cyclonedx")]
    [DataRow("spdx")]
    public async Task A_bill_that_the_tool_wrote_gives_the_same_findings_as_its_image(string format)
    {
        var bill = At($"{format}.json");
        Assert.AreEqual(0, (await Cbg.RunAsync("sbom", At("app.tar"), "--format", format, "--output", bill, "--offline")).ExitCode);
        var ofImage = Advisories((await ScanAsync(At("app.tar"), "--format", "json")).Output);
        var ofBill = Advisories((await ScanAsync(bill, "--format", "json")).Output);
        CollectionAssert.AreEqual(new[] { "CVE-2026-1 3.0.13-1", "GHSA-1111-1111-1111 2.0.0" }, ofImage);
        CollectionAssert.AreEqual(ofImage, ofBill);
    }

    [TestMethod]
    [DataRow("syft.cdx.json", """
        {"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"component":{"type":"container","name":"app"}},"components":[
          {"type":"library","name":"libssl3","version":"3.0.11-1","purl":"pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl","properties":[{"name":"syft:location:0:path","value":"/var/lib/dpkg/status"}]},
          {"type":"library","name":"Lib","version":"1.0.0","purl":"pkg:nuget/Lib@1.0.0"},
          {"type":"library","name":"Lib","version":"1.1.0","purl":"pkg:nuget/Lib@1.1.0","scope":"excluded"},
          {"type":"operating-system","name":"debian","version":"12"}]}
        """)]
    [DataRow("trivy.cdx.json", """
        {"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"type":"container","name":"app"}},"components":[
          {"type":"operating-system","name":"debian","version":"12.9"},
          {"type":"library","name":"libssl3","version":"3.0.11-1","purl":"pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12.9","properties":[{"name":"aquasecurity:trivy:SrcName","value":"openssl"},{"name":"aquasecurity:trivy:SrcVersion","value":"3.0.11"},{"name":"aquasecurity:trivy:SrcRelease","value":"1"}]},
          {"type":"library","name":"Lib","version":"1.0.0","purl":"pkg:nuget/Lib@1.0.0"}]}
        """)]
    [DataRow("syft.spdx.json", """
        {"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"app","packages":[
          {"SPDXID":"SPDXRef-root","name":"app","versionInfo":"1","primaryPackagePurpose":"CONTAINER"},
          {"SPDXID":"SPDXRef-1","name":"libssl3","versionInfo":"3.0.11-1","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12&upstream=openssl"}]},
          {"SPDXID":"SPDXRef-2","name":"Lib","versionInfo":"1.0.0","externalRefs":[{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:nuget/Lib@1.0.0"}]}],
         "relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-root"}]}
        """)]
    public async Task Bills_of_other_tools_are_read(string name, string bill)
    {
        await File.WriteAllTextAsync(At(name), bill, TestContext.CancellationToken);
        var scanned = await ScanAsync(At(name), "--format", "json");
        Assert.AreEqual(1, scanned.ExitCode, scanned.Error);
        CollectionAssert.AreEqual(new[] { "CVE-2026-1 3.0.13-1", "GHSA-1111-1111-1111 2.0.0" }, Advisories(scanned.Output));
    }

    [TestMethod]
    [DataRow("{\"bomFormat\":\"CycloneDX\",\"components\":[")]
    [DataRow("{\"hello\":\"world\"}")]
    public async Task What_is_no_bill_is_wrong_input(string text)
    {
        var path = At($"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(path, text, TestContext.CancellationToken);
        var result = await ScanAsync(path);
        Assert.AreEqual(2, result.ExitCode, result.Output);
        Assert.Contains("CBG9003", result.Error);
    }

    [TestMethod]
    [DataRow("check", true)]
    [DataRow("lint", false)]
    [DataRow("scan", true)]
    [DataRow("secrets", false)]
    [DataRow("sbom", false)]
    public async Task Without_a_network_everything_works_on_what_is_here(string command, bool advisories)
    {
        if (!ProcessRunner.Exists("unshare") || (await ProcessRunner.RunAsync("unshare", ["-n", "true"])).ExitCode != 0)
        {
            Assert.Inconclusive("This user cannot make a network namespace.");
        }

        string[] arguments = [command, At("app.tar"), "--offline", .. advisories ? (string[])["--advisories", At("osv")] : []];
        var with = await Cbg.RunAsync(arguments);
        var without = await ProcessRunner.RunAsync("unshare", ["-n", "dotnet", Path.Combine(AppContext.BaseDirectory, "cbg.dll"), .. arguments]);
        Assert.AreEqual(with.ExitCode, without.ExitCode, without.Output);
        Assert.IsLessThan(2, without.ExitCode, without.Output);
    }

    private static Task<Cbg> ScanAsync(string image, params string[] options) => Cbg.RunAsync(["scan", image, "--advisories", At("osv"), .. options]);

    private static List<string> Advisories(string report)
    {
        using var json = JsonDocument.Parse(report);
        return [.. json.RootElement.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("advisory").ValueKind == JsonValueKind.Object)
            .Select(f => $"{f.GetProperty("advisory").GetProperty("id").GetString()} {f.GetProperty("package").GetProperty("fixedVersion").GetString()}").Order(StringComparer.Ordinal)];
    }

    private static string At(string name) => Path.Combine(_folder.FullName, name);

    private static Task OsvAsync(string id, string ecosystem, string name, string fix, string modified) => File.WriteAllTextAsync(At($"osv/{id}.json"), $$$"""
        {"id":"{{{id}}}","modified":"{{{modified}}}","aliases":[{{{(id.Contains("CVE", StringComparison.Ordinal) ? "\"CVE-2026-1\"" : "")}}}],"database_specific":{"severity":"HIGH"},
         "affected":[{"package":{"ecosystem":"{{{ecosystem}}}","name":"{{{name}}}"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"{{{fix}}}"}]}]}]}
        """);

    private static Image AppImage() => new ImageBuilder()
        .Layer(l => l.File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n").File("var/lib/dpkg/status", "Package: libssl3\nSource: openssl\nVersion: 3.0.11-1\nArchitecture: amd64\n"), "debian")
        .Layer(l => l.File("app/Lib.dll", "code").File("app/App.deps.json", """
            {"runtimeTarget":{"name":"t"},"targets":{"t":{"App/1.0.0":{"dependencies":{"Lib":"1.0.0"}},"Lib/1.0.0":{"runtime":{"lib/Lib.dll":{}}}}},"libraries":{"App/1.0.0":{"type":"project"},"Lib/1.0.0":{"type":"package"}}}
            """), ".NET SDK Container Tooling, version 10")
        .User("1654").Build();
}
