using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Red Hat's advisories as OSV publishes them: a product stream in the place of a release.</summary>
[TestClass]
public sealed class RedHatStreamsTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-redhat-");

    public TestContext TestContext { get; set; } = null!;

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("enterprise_linux:9::baseos", "9")]
    [DataRow("enterprise_linux:8::appstream", "8")]
    [DataRow("enterprise_linux:10.1", "10")]
    [DataRow("rhel_eus:9.4::appstream", "extended:9")]
    [DataRow("rhel_els:7", "extended:7")]
    [DataRow("openshift:4.9", "openshift:4.9")]
    [DataRow("rhel_software_collections:3::el7", "rhel_software_collections:3::el7")]
    [DataRow("enterprise_linux:unknown::baseos", "enterprise_linux:unknown::baseos")]
    [DataRow("9", "9")]
    [DataRow("", "")]
    public void A_stream_belongs_to_a_major_version(string stream, string release) => Assert.AreEqual(release, RedHatStreams.Release(stream));

    [TestMethod]
    public void The_same_for_several_repositories_is_kept_once()
    {
        var advisory = OsvReader.Read(Encoding.UTF8.GetBytes($$"""{"id":"RHSA-2026:1","upstream":["CVE-2026-1"],"affected":[{{string.Join(',', ((string[])["baseos", "appstream", "crb"]).Select(r => Entry($"enterprise_linux:9::{r}", "sudo", "0:1.9.5p2-10.el9_6.1")))}},{{Entry("enterprise_linux:8::baseos", "sudo", "0:1.8.29-10.el8_10.1")}}]}"""))!;
        CollectionAssert.AreEqual(new[] { "9", "8" }, advisory.Affected.Select(a => a.Release).ToArray());
    }

    [TestMethod]
    [DataRow("1.9.5p2-9.el9", "RHSA-2026:1", "fixed for 9 in a later build")]
    [DataRow("1.9.5p2-10.el9_6.1", null, "the fix itself")]
    [DataRow("1.9.5p2-11.el9", null, "a later build")]
    [DataRow("1.9.5p2-9.el9_4.2", null, "the fix of an older minor version's support programme")]
    [DataRow("1.9.5p2-9.el9_4.1", "RHSA-2026:1", "that minor version before its fix")]
    [DataRow("1.9.5p2-9.el9_5.9", "RHSA-2026:1", "another minor version's build is no proof")]
    public async Task An_image_of_Red_Hat_is_matched_by_its_major_version(string version, string? id, string why)
    {
        Write("RHSA-2026:1", "CVE-2026-1", Entry("enterprise_linux:9::baseos", "sudo", "0:1.9.5p2-10.el9_6.1"));
        Write("RHSA-2026:2", "CVE-2026-1", Entry("rhel_eus:9.4::baseos", "sudo", "0:1.9.5p2-9.el9_4.2"));
        Write("RHSA-2026:3", "CVE-2026-3", Entry("openshift:4.9", "sudo", "0:9.9-1.el9"));
        Write("RHSA-2026:4", "CVE-2026-4", Entry("enterprise_linux:8::baseos", "sudo", "0:9.9-1.el8"));
        Assert.AreEqual(id, (await CheckAsync("9.4", "sudo", version)).SingleOrDefault()?.Advisory!.Aliases[0], why);
    }

    [TestMethod]
    public async Task Minor_versions_of_10_have_streams_of_their_own()
    {
        Write("RHSA-2026:5", "CVE-2026-5", Entry("enterprise_linux:10.0", "sudo", "0:1.9-5.el10_0.1"));
        Write("RHSA-2026:6", "CVE-2026-5", Entry("enterprise_linux:10.1", "sudo", "0:1.9-8.el10_1"));
        Assert.IsEmpty(await CheckAsync("10.0", "sudo", "1.9-5.el10_0.1"));
        Assert.IsEmpty(await CheckAsync("10.1", "sudo", "1.9-8.el10_1"));
        Assert.AreEqual("CVE-2026-5", (await CheckAsync("10.0", "sudo", "1.9-5.el10_0")).Single().Advisory!.Id);
    }

    [TestMethod]
    public async Task A_notice_stays_for_what_the_minor_versions_fix_does_not_name()
    {
        Write("RHSA-2026:7", "CVE-2026-7\",\"CVE-2026-8", Entry("enterprise_linux:9::baseos", "sudo", "0:1.9-8.el9"));
        Write("RHSA-2026:8", "CVE-2026-7", Entry("rhel_eus:9.4::baseos", "sudo", "0:1.9-5.el9_4.1"));
        Assert.HasCount(1, await CheckAsync("9.4", "sudo", "1.9-5.el9_4.1"));
    }

    [TestMethod]
    public async Task A_second_fix_for_the_same_minor_version_counts()
    {
        Write("RHSA-2026:9", "CVE-2026-9", Entry("enterprise_linux:9::baseos", "sudo", "0:1.9-5.el9_4.1"));
        Write("RHSA-2026:10", "CVE-2026-9", Entry("enterprise_linux:9::baseos", "sudo", "0:1.9-5.el9_4.3"));
        Assert.AreEqual("0:1.9-5.el9_4.3", (await CheckAsync("9.4", "sudo", "1.9-5.el9_4.1")).Single().Package!.FixedVersion);
    }

    private static string Entry(string stream, string name, string fix) =>
        $$"""{"package":{"ecosystem":"Red Hat:{{stream}}","name":"{{name}}"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"{{fix}}"}]}]}""";

    private void Write(string id, string upstream, string affected) => File.WriteAllText(
        Path.Combine(_folder.FullName, $"{id.Replace(':', '-')}.json"),
        $$"""{"id":"{{id}}","modified":"2026-11-20T00:00:00Z","upstream":["{{upstream}}"],"summary":"Red Hat Security Advisory: sudo security update","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{{affected}}]}""");

    /// <summary>What is found about one package of an image of Enterprise Linux.</summary>
    private async Task<List<Finding>> CheckAsync(string release, string name, string version)
    {
        var image = new ImageBuilder().Layer(l => l.File("etc/os-release", $"ID=\"rhel\"\nVERSION_ID=\"{release}\"\n")
            .File("var/lib/rpmmanifest/container-manifest-2", $"{name}\t{version}\t1\t1\tRed Hat, Inc.\t(none)\t1\tx86_64\t0\t{name}-{version}.src.rpm\n"));
        var result = await ContentCheck.RunAsync(image, _folder.FullName, new(), TestContext.CancellationToken);
        return [.. result.Findings.Where(f => f.Advisory is not null)];
    }
}
