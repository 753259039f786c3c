using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class RpmModulesTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("nodejs:18:8080020230616:abf02be4", "1:18.1.0-1.module_el8.6.0+1+a.alma", "Important: nodejs:18 security update", "1:18.2.0-1.module_el8.6.0+2+b.alma", true)]
    [DataRow("nodejs:18:8080020230616:abf02be4", "1:18.1.0-1.module_el8.6.0+1+a.alma", "Important: nodejs:20 security update", "1:20.2.0-1.module_el8.6.0+2+b.alma", false)]
    [DataRow("nodejs:18:8080020230616:abf02be4", "1:18.1.0-1.module_el8.6.0+1+a.alma", "Important: nodejs:16 and nodejs:18 security update", "1:18.2.0-1.module_el8.6.0+2+b.alma", true)]
    [DataRow("virt:rhel:80600:ad605", "6.2.0-1.module_el8.6.0+1+a", "Moderate: virt:rhel and virt-devel:rhel security update", "6.2.0-2.module_el8.6.0+2+b", true)]
    [DataRow("ruby:2.5:80600:ad605", "2.5.9-1.module_el8.6.0+1+a", "Moderate: ruby security update", "2.5.9-2.module_el8.6.0+2+b", true)]
    [DataRow("", "1:18.1.0-1.el9", "Important: nodejs:18 security update", "1:18.2.0-1.module_el9.6.0+2+b.alma", false)]
    [DataRow("", "1:16.1.0-1.el9", "Important: nodejs security update", "1:16.2.0-1.el9", true)]
    [DataRow("nodejs:18:8080020230616:abf02be4", "1:18.1.0-1.module_el8.6.0+1+a.alma", "Important: nodejs security update", "1:16.2.0-1.el9", false)]
    [DataRow("", "1:18.1.0-1.module_el8.6.0+1+a.alma", "Important: nodejs:20 security update", "1:20.2.0-1.module_el8.6.0+2+b.alma", true, DisplayName = "a list that does not say the stream")]
    public void An_advisory_concerns_the_stream_that_it_names(string module, string version, string summary, string fix, bool concerns)
    {
        var entry = new AffectedPackage { Ecosystem = "AlmaLinux", Release = "8", Name = "nodejs", Ranges = [new AffectedRange([new(RangeEventKind.Introduced, "0"), new(RangeEventKind.Fixed, fix)])] };
        Assert.AreEqual(concerns, RpmModules.Concerns(Package("nodejs", version, module), entry, () => summary));
    }

    [TestMethod]
    public void What_is_open_without_a_fix_concerns_every_stream()
    {
        var entry = new AffectedPackage { Ecosystem = "AlmaLinux", Release = "8", Name = "nodejs", Ranges = [new AffectedRange([new(RangeEventKind.Introduced, "0")])] };
        Assert.IsTrue(RpmModules.Concerns(Package("nodejs", "1:18.1.0-1.module_el8.6.0+1+a.alma", "nodejs:18:1:a"), entry, () => ""));
    }

    [TestMethod]
    public void Real_records_of_one_stream_do_not_meet_another()
    {
        var data = Path.Combine(Testing.Servers.Repository.Root, "..", "shared", "data", "osv-almalinux", "AlmaLinux-8.zip");
        if (!File.Exists(data))
        {
            Assert.Inconclusive("The published records of AlmaLinux are not on this machine.");
        }

        using var index = AdvisoryLoader.Open(data, TestContext.CancellationToken);
        // The last build of nginx:1.20; newer streams have higher versions, bug fix notices none that counts.
        var matches = new VulnerabilityMatcher(index).Match(Package("nginx", "1:1.20.1-1.module_el8.8.0+3624+abf02be4.1.alma.1", "nginx:1.20:8080020231012035114:abf02be4")).Vulnerabilities;
        Assert.IsEmpty(matches.Where(v => v.FixedVersion is { } fix && !fix.StartsWith("1:1.20.", StringComparison.Ordinal)), string.Join(", ", matches.Select(m => $"{m.Id} {m.FixedVersion}")));
        var older = new VulnerabilityMatcher(index).Match(Package("nginx", "1:1.20.1-1.module_el8.5.0+2611+ab304644.alma", "nginx:1.20:8050020211012035114:ab304644")).Vulnerabilities;
        Assert.IsTrue(older.Exists(v => v.FixedVersion is { } fix && fix.StartsWith("1:1.20.1-1.module_el8.8.0", StringComparison.Ordinal)), string.Join(", ", older.Select(m => $"{m.Id} {m.FixedVersion}")));
    }

    [TestMethod]
    [DataRow("ALBA-2026:1", "", false)]
    [DataRow("ALEA-2026:1", "", false)]
    [DataRow("RHBA-2026:1", "", false)]
    [DataRow("ALBA-2026:1", "CVE-2026-1", true)]
    [DataRow("ALSA-2026:1", "", true)]
    [DataRow("USN-1-1", "", true)]
    public void A_notice_that_fixes_bugs_alone_is_no_advisory(string id, string related, bool isAdvisory) =>
        Assert.AreEqual(isAdvisory, OsvReader.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","related":[{{(related.Length > 0 ? $"\"{related}\"" : "")}}],"affected":[]}""")) is not null);

    private static Package Package(string name, string version, string module) => new()
    {
        Purl = $"pkg:rpm/almalinux/{name}", Ecosystem = "AlmaLinux", EcosystemRelease = "8", Name = name, Version = version, SourceName = name, SourceVersion = version, Module = module,
        Origin = Origin.Base, LayerIndex = 0, Path = "var/lib/rpm/rpmdb.sqlite",
    };
}
