using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class SbomTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-sbom-");

    public TestContext TestContext { get; set; } = null!;

    internal static GuardResult Result => new()
    {
        Reference = "app:1",
        Digest = $"sha256:{new string('a', 64)}",
        BaseImage = "debian:12",
        Verdict = Verdict.Passed,
        Packages =
        [
            new Package { Purl = "pkg:nuget/App.Core@1.0.0", Ecosystem = "NuGet", Name = "App.Core", Version = "1.0.0", Origin = Origin.App, LayerIndex = 1, Path = "app/app.deps.json", Sha512 = new string('B', 128), License = "MIT OR Apache-2.0", DependsOn = ["pkg:nuget/Deep@2.0.0", "pkg:nuget/Elsewhere@1.0.0"] },
            new Package { Purl = "pkg:nuget/Deep@2.0.0", Ecosystem = "NuGet", Name = "Deep", Version = "2.0.0", Origin = Origin.App, LayerIndex = 1, Path = "app/app.deps.json", Presence = Presence.Absent },
            new Package { Purl = "pkg:deb/debian/libssl3@3.0.11-1?arch=amd64&distro=debian-12", Ecosystem = "Debian", EcosystemRelease = "12", Name = "libssl3", Version = "3.0.11-1", SourceName = "openssl", SourceVersion = "3.0.11-1", Origin = Origin.Base, LayerIndex = 0, Path = "var/lib/dpkg/status", License = "as the distribution says" },
            new Package { Purl = "pkg:rpm/azurelinux/openssl-libs@3.3.0-1.azl3?distro=azurelinux-3.0&epoch=1", Ecosystem = "Azure Linux", EcosystemRelease = "3", Name = "openssl-libs", Version = "1:3.3.0-1.azl3", SourceName = "openssl", SourceVersion = "1:3.3.0-1.azl3", Origin = Origin.Base, LayerIndex = 0, Path = "var/lib/rpm/rpmdb.sqlite" },
            new Package { Purl = "pkg:nuget/Analyzer@3.0.0", Ecosystem = "NuGet", Name = "Analyzer", Version = "3.0.0", Origin = Origin.App, LayerIndex = 1, Path = "App.csproj", License = "MIT", Presence = Presence.BuildOnly },
            new Package { Purl = "pkg:maven/org.example/tool@1.2", Ecosystem = "Maven", Name = "org.example:tool", Version = "1.2", Origin = Origin.App, LayerIndex = 1, Path = "app/tool.jar" },
        ],
    };

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("redhat", "9.4", "Red Hat", "9")]
    [DataRow("rhel", "8.10", "Red Hat", "8")]
    [DataRow("alma", "9.4", "AlmaLinux", "9")]
    [DataRow("cbl-mariner", "2.0", "Azure Linux", "2")]
    [DataRow("rocky", "9.3", "Rocky Linux", "9")]
    public void Distributions_go_by_the_names_that_their_bills_tools_give_them(string name, string version, string ecosystem, string release)
    {
        var own = SbomReader.Read(Write("own.json", $$"""{"bomFormat":"CycloneDX","components":[{"type":"library","name":"a","purl":"pkg:rpm/{{name}}/a@1-1?distro={{name}}-{{version}}"}]}""")).Packages.Single();
        var said = SbomReader.Read(Write("said.json", $$"""{"bomFormat":"CycloneDX","components":[{"type":"operating-system","name":"{{name}}","version":"{{version}}"},{"type":"library","name":"a","purl":"pkg:rpm/{{name}}/a@1-1"}]}""")).Packages.Single();
        Assert.AreEqual((ecosystem, release, ecosystem, release), (own.Ecosystem, own.EcosystemRelease, said.Ecosystem, said.EcosystemRelease));
    }

    [TestMethod]
    [DataRow("cdx")]
    [DataRow("spdx")]
    public void What_is_written_reads_back_as_the_same_packages(string format)
    {
        var read = SbomReader.Read(Bill(format));
        static string Say(Package p) => $"{p.Purl} {p.Ecosystem}:{p.EcosystemRelease} {p.Name} {p.Version} {p.SourceName} {p.SourceVersion} {p.Origin} {p.Presence}";
        Assert.AreEqual("app:1", read.Subject);
        CollectionAssert.AreEquivalent(Result.Packages.Select(Say).ToList(), read.Packages.ConvertAll(Say));
        Assert.IsEmpty(read.Gaps);
    }

    [TestMethod]
    public void Spdx_has_the_shape_of_its_schema()
    {
        var faults = SpdxShape.Faults(JsonNode.Parse(File.ReadAllBytes(Bill("spdx"))));
        Assert.IsEmpty(faults, string.Join("; ", faults));
    }

    [TestMethod]
    [DataRow("\"SHA512\"", "\"SHA-512\"", "$.packages[5].checksums[0].algorithm is 'SHA-512'")]
    [DataRow("\"PACKAGE-MANAGER\"", "\"PACKAGE MANAGER\"", "$.packages[2].externalRefs[0].referenceCategory is 'PACKAGE MANAGER'")]
    [DataRow("\"DEPENDS_ON\"", "\"USES\"", "relationshipType is 'USES'")]
    [DataRow("\"downloadLocation\"", "\"download\"", "$.packages[0] lacks downloadLocation")]
    [DataRow("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.5+00:00", "$.creationInfo.created is '1970-01-01T00:00:00.5+00:00'")]
    [DataRow("\"SPDXRef-Package-1\"", "\"SPDXRef_Package_1\"", "$.packages[2].SPDXID is 'SPDXRef_Package_1'")]
    public void A_document_of_another_shape_is_noticed(string text, string instead, string fault)
    {
        var bill = File.ReadAllText(Bill("spdx"));
        StringAssert.Contains(bill, text);
        StringAssert.Contains(string.Join("; ", SpdxShape.Faults(JsonNode.Parse(bill.Replace(text, instead, StringComparison.Ordinal)))), fault);
    }

    [TestMethod]
    public void CycloneDx_holds_graph_hashes_licences_and_base()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Bill("cdx")));
        var dependencies = json.RootElement.GetProperty("dependencies").EnumerateArray().ToDictionary(d => d.GetProperty("ref").GetString()!, d => d.GetProperty("dependsOn").EnumerateArray().Select(x => x.GetString()!).ToList());
        CollectionAssert.AreEqual(new[] { "pkg:nuget/Deep@2.0.0" }, dependencies["pkg:nuget/App.Core@1.0.0"]);
        Assert.Contains("pkg:nuget/App.Core@1.0.0", dependencies["image"]);
        Assert.DoesNotContain("pkg:nuget/Deep@2.0.0", dependencies["image"]);
        var app = json.RootElement.GetProperty("components").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "App.Core");
        Assert.AreEqual(new string('b', 128), app.GetProperty("hashes")[0].GetProperty("content").GetString());
        Assert.AreEqual("MIT OR Apache-2.0", app.GetProperty("licenses")[0].GetProperty("expression").GetString());
        Assert.AreEqual("debian:12", json.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("pedigree").GetProperty("ancestors")[0].GetProperty("name").GetString());
    }

    [TestMethod]
    public void Spdx_tells_a_listed_licence_from_a_distributions_own_words()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Bill("spdx")));
        var declared = json.RootElement.GetProperty("packages").EnumerateArray().Where(p => p.TryGetProperty("licenseDeclared", out _)).ToDictionary(p => p.GetProperty("name").GetString()!, p => p.GetProperty("licenseDeclared").GetString());
        Assert.AreEqual("MIT OR Apache-2.0", declared["App.Core"]);
        Assert.AreEqual("LicenseRef-1", declared["libssl3"]);
        Assert.AreEqual("as the distribution says", json.RootElement.GetProperty("hasExtractedLicensingInfos")[0].GetProperty("extractedText").GetString());
        Assert.AreEqual("NOASSERTION", declared["Deep"]);
        var relations = json.RootElement.GetProperty("relationships").EnumerateArray().Select(r => r.GetProperty("relationshipType").GetString()).ToList();
        Assert.Contains("DEPENDS_ON", relations);
        Assert.Contains("DESCENDANT_OF", relations);
    }

    [TestMethod]
    [DataRow("""{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"operating-system","name":"debian","version":"12"},{"type":"library","name":"libssl3","version":"3.0.11-1","purl":"pkg:deb/debian/libssl3@3.0.11-1","properties":[{"name":"aquasecurity:trivy:SrcName","value":"openssl"},{"name":"aquasecurity:trivy:SrcVersion","value":"3.0.11"},{"name":"aquasecurity:trivy:SrcRelease","value":"1"}]}]}""")]
    [DataRow("""{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"libssl3","version":"3.0.11-1+b2","purl":"pkg:deb/debian/libssl3@3.0.11-1%2Bb2?arch=amd64&distro=debian-12&upstream=openssl%403.0.11-1"}]}""")]
    [DataRow("""{"spdxVersion":"SPDX-2.3","name":"x","packages":[{"SPDXID":"SPDXRef-1","name":"libssl3","versionInfo":"3.0.11-1","sourceInfo":"built package from: openssl 3.0.11-1","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/debian/libssl3@3.0.11-1?distro=bookworm"}]}]}""")]
    public void Bills_of_other_tools_are_matched_by_source(string bill)
    {
        var finding = Check(bill).Findings.Single(f => f.Advisory is not null);
        Assert.AreEqual("X-1", finding.Advisory!.Id);
        Assert.AreEqual("3.0.13-1", finding.Package!.FixedVersion);
    }

    [TestMethod]
    [DataRow("""{"bomFormat":"CycloneDX","components":[{"type":"library","name":"mystery","version":"1"}]}""", "no package URL")]
    [DataRow("""{"bomFormat":"CycloneDX","components":[{"type":"library","name":"a","purl":"pkg:deb/debian/a@1"}]}""", "names a distribution and release")]
    [DataRow("""{"bomFormat":"CycloneDX","components":[{"type":"library","name":"a","purl":"pkg:nuget/a"}]}""", "does not say its version")]
    [DataRow("""{"bomFormat":"CycloneDX","components":[{"type":"library","name":"a","purl":"pkg:swift/a@1"}]}""", "no advisories for packages of the type")]
    [DataRow("""{"bomFormat":"CycloneDX","components":[]}""", "names no package")]
    [DataRow("""{"bomFormat":"CycloneDX","components":[{"type":"library","name":"a","purl":"pkg:nuget/a@1"}],"compositions":[{"aggregate":"incomplete"}]}""", "incomplete")]
    public void What_cannot_be_compared_is_a_gap_and_never_passes(string bill, string reason)
    {
        var result = Check(bill);
        Assert.IsTrue(result.Gaps.Any(g => g.Reason.Contains(reason, StringComparison.Ordinal)), string.Join('\n', result.Gaps));
        Assert.AreEqual(Verdict.Refused, result.Verdict);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("{}")]
    [DataRow("""{"spdxVersion":"SPDX-3.0"}""")]
    [DataRow("""{"bomFormat":"CycloneDX","components":[""")]
    [DataRow("<bom/>")]
    public void What_is_no_bill_is_an_error_with_a_code(string text)
    {
        var e = Assert.ThrowsExactly<GuardException>(() => SbomReader.Read(Write("bill.json", text)));
        Assert.AreEqual("CBG9003", e.Code);
        Assert.Contains("bill.json", e.Message);
    }

    [TestMethod]
    public void Only_json_is_taken_for_a_bill()
    {
        Assert.IsTrue(SbomReader.LooksLikeOne(Write("a", "\uFEFF \n{}")));
        Assert.IsFalse(SbomReader.LooksLikeOne(Write("b", "app.tar")));
        Assert.IsFalse(SbomReader.LooksLikeOne(Path.Combine(_folder.FullName, "missing")));
    }

    private GuardResult Check(string bill)
    {
        Write("osv.json", """{"id":"X-1","modified":"2026-11-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.13-1"}]}]}]}""");
        return SbomGuard.Check(Write("bill.json", bill), new GuardRequest { Policy = Policy.Default, AdvisoriesPath = Path.Combine(_folder.FullName, "osv.json") }, TestContext.CancellationToken);
    }

    private string Bill(string format)
    {
        var path = Path.Combine(_folder.FullName, $"bill.{format}.json");
        using var file = File.Create(path);
        Action<GuardResult, Stream, DateTimeOffset> write = format == "cdx" ? CycloneDxWriter.Write : SpdxWriter.Write;
        write(Result, file, DateTimeOffset.UnixEpoch);
        return path;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }
}
