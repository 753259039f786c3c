using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Lifecycle;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>From advisories to findings: merging, severity, states, suppression and remedies.</summary>
[TestClass]
public sealed class MatchingTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-match-");

    public TestContext TestContext { get; set; } = null!;

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task Advisories_of_one_vulnerability_are_one_finding_under_its_CVE()
    {
        Osv("GHSA-1111-2222-3333", "NuGet", "Lib", """{"introduced":"0"},{"fixed":"1.5.0"}""", """ "aliases":["CVE-2026-1"],"database_specific":{"severity":"MODERATE"},"summary":"From GitHub" """);
        File.WriteAllText(Path.Combine(_folder.FullName, "nuget.json"), """{"lib":[{"url":"https://github.com/advisories/GHSA-1111-2222-3333","severity":2,"versions":"(, 1.6.0)"}]}""");
        var finding = (await CheckAsync()).Single(f => f.Advisory is not null);
        Assert.AreEqual("CVE-2026-1", finding.Advisory!.Id);
        CollectionAssert.AreEqual(new[] { "GHSA-1111-2222-3333" }, finding.Advisory.Aliases.ToArray());
        Assert.AreEqual(("1.6.0", Severity.High), (finding.Package!.FixedVersion, finding.Severity));
    }

    [TestMethod]
    public async Task A_notice_joins_the_vulnerabilities_that_are_there_and_stands_for_those_that_are_not()
    {
        Osv("DEBIAN-CVE-2026-1", "Debian:12", "openssl", """{"introduced":"0"},{"fixed":"3.0.13-1"}""", """ "upstream":["CVE-2026-1"] """);
        Osv("DSA-1-1", "Debian:12", "openssl", """{"introduced":"0"},{"fixed":"3.0.13-1"}""", """ "upstream":["CVE-2026-1"] """);
        Osv("DSA-2-1", "Debian:12", "openssl", """{"introduced":"0"},{"fixed":"3.0.14-1"}""", """ "related":["CVE-2026-8","CVE-2026-9"] """);
        var findings = (await CheckAsync()).Where(f => f.Advisory is not null).ToList();
        CollectionAssert.AreEquivalent(new[] { "CVE-2026-1", "DSA-2-1" }, findings.ConvertAll(f => f.Advisory!.Id));
        CollectionAssert.IsSubsetOf(new[] { "CVE-2026-8", "CVE-2026-9" }, findings.Single(f => f.Advisory!.Id == "DSA-2-1").Advisory!.Aliases.ToArray());
    }

    [TestMethod]
    public async Task What_is_known_to_be_exploited_is_raised_and_its_probability_shown()
    {
        Osv("GHSA-1", "NuGet", "Lib", """{"introduced":"0"},{"fixed":"2.0.0"}""", """ "aliases":["CVE-2026-1"],"database_specific":{"severity":"LOW"} """);
        File.WriteAllText(Path.Combine(_folder.FullName, "kev.json"), """{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2026-1"}]}""");
        File.WriteAllText(Path.Combine(_folder.FullName, "epss.csv"), "cve,epss,percentile\nCVE-2026-1,0.5,0.9\n");
        var finding = (await CheckAsync()).Single(f => f.Advisory is not null);
        Assert.AreEqual((Severity.High, true, 0.5), (finding.Severity, finding.Advisory!.KnownExploited, finding.Advisory.Epss));
        Assert.Contains("known to be exploited", finding.Message);
    }

    [TestMethod]
    [DataRow("""{"introduced":"0"}""", "", FixState.Unfixed, Effect.Warns)]
    [DataRow("""{"introduced":"0"}""", """ ,"ecosystem_specific":{"status":"wont-fix"} """, FixState.WillNotFix, Effect.Warns)]
    [DataRow("""{"introduced":"0"}""", """ ,"ecosystem_specific":{"urgency":"high","status":"end-of-life"} """, FixState.EndOfLife, Effect.Warns)]
    [DataRow("""{"introduced":"0"},{"fixed":"3.0.13-1"}""", "", FixState.Fixed, Effect.ByThreshold)]
    public async Task Fixed_unfixed_and_never_to_be_fixed_are_told_apart(string events, string specific, FixState state, Effect effect)
    {
        Osv("X-1", "Debian:12", "openssl", events, """ "database_specific":{"severity":"HIGH"} """, specific);
        var finding = (await CheckAsync()).Single(f => f.Advisory is not null);
        Assert.AreEqual((state, effect), (finding.Package!.FixState, finding.Effect));
        Assert.AreEqual(Effect.ByThreshold, (await CheckAsync(new() { RefuseUnfixed = true })).Single(f => f.Advisory is not null).Effect);
    }

    [TestMethod]
    public async Task A_statement_of_VEX_and_a_suppression_for_NuGetAudit_waive_with_their_reason()
    {
        Osv("GHSA-1", "NuGet", "Lib", """{"introduced":"0"},{"fixed":"2.0.0"}""", """ "aliases":["CVE-2026-1"] """);
        var vex = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.FullName, "vex")).FullName, "a.vex");
        async Task<AppliedWaiver?> With(string product, string status, string justification)
        {
            await File.WriteAllTextAsync(vex, $$"""{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"vulnerability":{"name":"CVE-2026-1"},"products":[{{product}}],"status":"{{status}}"{{justification}}}]}""", TestContext.CancellationToken);
            return (await CheckAsync(new() { VexPaths = [vex] })).Single(f => f.Advisory is not null).Waiver;
        }

        const string Why = ",\"justification\":\"vulnerable_code_not_in_execute_path\"";
        Assert.Contains("vulnerable_code_not_in_execute_path", (await With("{\"@id\":\"pkg:nuget/Lib\"}", "not_affected", Why))!.Reason);
        Assert.IsNotNull(await With("{\"@id\":\"pkg:oci/app\",\"subcomponents\":[{\"@id\":\"pkg:nuget/lib@1.0.0\"}]}", "not_affected", Why));
        Assert.IsNull(await With("{\"@id\":\"pkg:nuget/Lib@9.9.9\"}", "not_affected", Why));
        Assert.IsNull(await With("{\"@id\":\"pkg:nuget/Other\"}", "not_affected", Why));
        Assert.IsNull(await With("{\"@id\":\"pkg:nuget/Lib\"}", "affected", ""));
        Assert.AreEqual("CBG9009", (await Assert.ThrowsExactlyAsync<GuardException>(() => With("{\"@id\":\"pkg:nuget/Lib\"}", "not_affected", ""))).Code);
        Assert.Contains("NuGetAuditSuppress", (await CheckAsync(new() { SuppressedAdvisories = ["https://github.com/advisories/GHSA-1"] })).Single(f => f.Advisory is not null).Waiver!.Reason);
    }

    [TestMethod]
    public async Task The_remedy_is_the_command_and_the_plan_says_each_step_once()
    {
        Osv("GHSA-1", "NuGet", "Lib", """{"introduced":"0"},{"fixed":"1.5.0"}""", """ "database_specific":{"severity":"HIGH"} """);
        Osv("GHSA-2", "NuGet", "Lib", """{"introduced":"0"},{"fixed":"1.10.0"}""", """ "database_specific":{"severity":"LOW"} """);
        Osv("X-1", "Debian:12", "openssl", """{"introduced":"0"},{"fixed":"3.0.13-1"}""", """ "database_specific":{"severity":"HIGH"} """);
        Osv("X-2", "Debian:12", "openssl", """{"introduced":"0"},{"fixed":"3.0.14-1"}""", """ "database_specific":{"severity":"HIGH"} """);
        var findings = await CheckAsync();
        Assert.Contains("`dotnet add App.csproj package Lib --version 1.5.0`", findings.Single(f => f.Advisory?.Id == "GHSA-1").Remedy);
        var plan = FixPlan.Of(new GuardResult { Reference = "x", Verdict = Verdict.Refused, Findings = [.. findings] });
        var nuget = plan.Single(s => s.Kind == FixKind.NuGetPackage);
        Assert.AreEqual(("dotnet add App.csproj package Lib --version 1.10.0", Severity.High), (nuget.Command, nuget.Highest));
        CollectionAssert.AreEqual(new[] { "GHSA-1", "GHSA-2" }, nuget.Fixes.ToArray());
        CollectionAssert.AreEqual(new[] { "X-1", "X-2" }, plan.Single(s => s.Kind == FixKind.BaseImage).Fixes.ToArray());
    }

    [TestMethod]
    [DataRow("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled", "10.0.13", "mcr.microsoft.com/dotnet/aspnet:10.0.13-noble-chiseled")]
    [DataRow("mcr.microsoft.com/dotnet/runtime:10.0.3@sha256:0", "10.0.13", "mcr.microsoft.com/dotnet/runtime:10.0.13")]
    [DataRow("mcr.microsoft.com/dotnet/aspnet:9.0", "10.0.13", null)]
    [DataRow("debian:12", "10.0.13", null)]
    [DataRow("mcr.microsoft.com/dotnet/aspnet:latest", "10.0.13", null)]
    public void The_tag_that_carries_a_runtimes_fix(string image, string version, string? tag) => Assert.AreEqual(tag, BaseTags.WithRuntime(image, version));

    [TestMethod]
    public async Task An_index_that_is_old_or_knows_nothing_of_the_packages_says_so_and_refuses_when_asked()
    {
        Osv("GHSA-1", "NuGet", "Other", """{"introduced":"0"}""", """ "x":1 """, modified: "2026-10-01T00:00:00Z");
        var codes = (await CheckAsync()).Select(f => (f.Code, f.Effect)).ToList();
        CollectionAssert.Contains(codes, ("CBG1020", Effect.ByThreshold));
        CollectionAssert.Contains(codes, ("CBG1021", Effect.ByThreshold));
        CollectionAssert.IsSubsetOf(new[] { ("CBG1020", Effect.Refuses), ("CBG1021", Effect.Refuses) }, (await CheckAsync(new() { RequireFresh = true })).Select(f => (f.Code, f.Effect)).ToArray());
        Assert.AreEqual("CBG1022", (await ContentCheck.RunAsync(Image(), null, new(), TestContext.CancellationToken)).Findings.Single(f => f.Code.StartsWith("CBG102", StringComparison.Ordinal)).Code);
    }

    [TestMethod]
    [DataRow("debian", "11", "CBG1010")]
    [DataRow("debian", "12", "CBG1011")]
    [DataRow("ubuntu", "24.04", null)]
    [DataRow("alpine", "3.19", "CBG1010")]
    [DataRow("alpine", "3.24.1", null)]
    [DataRow("amzn", "2", "CBG1010")]
    [DataRow("fedora", "44", null)]
    [DataRow("centos", "8", "CBG1010")]
    [DataRow("ol", "9.4", null)]
    [DataRow("mariner", "2.0", "CBG1010")]
    [DataRow("azurelinux", "3.0", null)]
    public async Task Distributions_end(string id, string version, string? code)
    {
        var result = await ContentCheck.RunAsync(new ImageBuilder().Layer(l => l.File("etc/os-release", $"ID={id}\nVERSION_ID=\"{version}\"\n")), null, new(), TestContext.CancellationToken);
        Assert.AreEqual(code, result.Findings.FirstOrDefault(f => f.Code.StartsWith("CBG101", StringComparison.Ordinal))?.Code);
    }

    [TestMethod]
    [DataRow("8.0.22", "CBG1010")]
    [DataRow("10.0.12", null)]
    public async Task Runtimes_end(string version, string? code)
    {
        var result = await ContentCheck.RunAsync(new ImageBuilder().Layer(l => l.File($"usr/share/dotnet/shared/Microsoft.NETCore.App/{version}/Microsoft.NETCore.App.deps.json", """{"libraries":{}}""")), null, new(), TestContext.CancellationToken);
        Assert.AreEqual(code, result.Findings.FirstOrDefault(f => f.Code.StartsWith("CBG101", StringComparison.Ordinal))?.Code);
    }

    [TestMethod]
    [DataRow(0, false)]
    [DataRow(364, false)]
    [DataRow(400, true)]
    public async Task A_table_of_ends_that_is_older_than_allowed_is_a_finding(int days, bool found)
    {
        var today = new DateTimeOffset(EndOfLifeTable.Default.AsOf.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(days);
        var result = await ContentCheck.RunAsync(Image(), null, new(), TestContext.CancellationToken, today);
        Assert.AreEqual(found, result.Findings.Any(f => f.Code == "CBG1023"));
        Assert.IsTrue((await ContentCheck.RunAsync(Image(), null, new() { MaxSupportAge = TimeSpan.FromDays(days - 1) }, TestContext.CancellationToken, today)).Findings.Any(f => f.Code == "CBG1023"));
    }

    [TestMethod]
    public async Task A_package_that_only_the_build_needed_is_listed_and_not_matched()
    {
        Osv("GHSA-1", "NuGet", "Analyzer", """{"introduced":"0"}""", """ "database_specific":{"severity":"HIGH"} """);
        Osv("GHSA-2", "NuGet", "Lib", """{"introduced":"0"}""", """ "database_specific":{"severity":"HIGH"} """);
        var packages = System.Collections.Immutable.ImmutableDictionary<string, ResolvedPackage>.Empty
            .Add("Lib", new ResolvedPackage("Lib", "1.0.0", ["App", "Lib/1.0.0"], true, []))
            .Add("Supplied", new ResolvedPackage("Supplied", "4.0.0", ["App", "Supplied/4.0.0"], true, []))
            .Add("Analyzer", new ResolvedPackage("Analyzer", "3.0.0", ["App", "Tools/2.0.0", "Analyzer/3.0.0"], false, []));
        var assets = new ProjectAssets { ProjectPath = "/src/App.csproj", ProjectName = "App", Packages = packages };
        var result = await ContentCheck.RunAsync(Image(), _folder.FullName, new() { Assets = assets }, TestContext.CancellationToken);
        var analyzer = result.Packages.Single(p => p.Name == "Analyzer");
        Assert.AreEqual((Presence.BuildOnly, Origin.App, 1, "App.csproj"), (analyzer.Presence, analyzer.Origin, analyzer.LayerIndex, analyzer.Path));
        CollectionAssert.AreEqual(new[] { "App", "Tools/2.0.0", "Analyzer/3.0.0" }, analyzer.DependencyPath.ToArray());
        Assert.AreEqual(Presence.Present, result.Packages.Single(p => p.Name == "Lib").Presence);
        Assert.AreEqual(Presence.Absent, result.Packages.Single(p => p.Name == "Supplied").Presence);
        CollectionAssert.AreEqual(new[] { "GHSA-2" }, result.Findings.Where(f => f.Advisory is not null).Select(f => f.Advisory!.Id).ToArray());
    }

    [TestMethod]
    public async Task An_app_without_a_dependency_file_is_matched_by_what_its_build_resolved()
    {
        Osv("GHSA-1", "NuGet", "Lib", """{"introduced":"0"}""", """ "database_specific":{"severity":"HIGH"} """);
        var assets = new ProjectAssets { ProjectPath = "/src/App.csproj", ProjectName = "App", Packages = System.Collections.Immutable.ImmutableDictionary<string, ResolvedPackage>.Empty.Add("Lib", new ResolvedPackage("Lib", "1.0.0", ["App", "Lib/1.0.0"], true, [])) };
        var image = new ImageBuilder().Layer(l => l.File("app/Lib.dll", "code"), ".NET SDK Container Tooling, version 10");
        var result = await ContentCheck.RunAsync(image, _folder.FullName, new() { Assets = assets }, TestContext.CancellationToken);
        Assert.AreEqual(Presence.Present, result.Packages.Single().Presence);
        Assert.Contains("GHSA-1", result.Findings.Where(f => f.Advisory is not null).Select(f => f.Advisory!.Id));
    }

    private static ImageBuilder Image() => new ImageBuilder()
        .Layer(l => l.File("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n").File("var/lib/dpkg/status", "Package: libssl3\nSource: openssl\nVersion: 3.0.11-1\n"), "debian")
        .Layer(l => l.File("app/Lib.dll", "code").File("app/App.deps.json", """
            {"runtimeTarget":{"name":"t"},"targets":{"t":{"App/1.0.0":{"dependencies":{"Lib":"1.0.0"}},"Lib/1.0.0":{"runtime":{"lib/Lib.dll":{}}}}},"libraries":{"App/1.0.0":{"type":"project"},"Lib/1.0.0":{"type":"package"}}}
            """), ".NET SDK Container Tooling, version 10");

    private async Task<IReadOnlyList<Finding>> CheckAsync(ContentSecurityOptions? options = null) => (await ContentCheck.RunAsync(Image(), _folder.FullName, options ?? new(), TestContext.CancellationToken)).Findings;

    private void Osv(string id, string ecosystem, string name, string events, string members, string affected = "", string modified = "2026-11-20T00:00:00Z") => File.WriteAllText(
        Path.Combine(_folder.FullName, $"{id}.json"),
        $$$"""{"id":"{{{id}}}","modified":"{{{modified}}}",{{{members}}},"affected":[{"package":{"ecosystem":"{{{ecosystem}}}","name":"{{{name}}}"},"ranges":[{"type":"ECOSYSTEM","events":[{{{events}}}]}]{{{affected}}}}]}""");
}
