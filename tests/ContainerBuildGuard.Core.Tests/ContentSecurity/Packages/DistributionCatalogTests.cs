using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The databases of distributions, as their images have them.</summary>
[TestClass]
public sealed class DistributionCatalogTests
{
    private const string Debian = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
    private const string Ubuntu = "NAME=Ubuntu\nID=ubuntu\nVERSION_ID='24.04'\nPRETTY_NAME=\"Ubuntu 24.04 LTS\"\n";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Dpkg_states_sources_and_rebuilds()
    {
        var (packages, gaps) = await ReadAsync(l => l.File("usr/lib/os-release", Debian).File("var/lib/dpkg/status", """
            Package: libssl3
            Status: install ok installed
            Architecture: amd64
            Source: openssl (3.0.11-1)
            Version: 3.0.11-1+b2
            Description: a library
             Version: 9 is not a field

            package: pending
            status: install ok triggers-pending
            version: 1.0

            Package: gone
            Status: deinstall ok config-files
            Version: 1.0

            Package: broken
            Status: install ok installed

            Package: last
            Status: install ok installed
            Version: 1:2.0-1
            """));
        CollectionAssert.AreEqual(new[] { "libssl3", "pending", "last" }, packages.ConvertAll(p => p.Name));
        Assert.AreEqual(("openssl", "3.0.11-1"), (packages[0].SourceName, packages[0].SourceVersion));
        Assert.AreEqual("pkg:deb/debian/libssl3@3.0.11-1%2Bb2?arch=amd64&distro=debian-12", packages[0].Purl);
        Assert.Contains("line 17", gaps.Single().Reason);
        Assert.AreEqual("var/lib/dpkg/status", gaps.Single().Path);
    }

    [TestMethod]
    public async Task Distroless_has_a_file_a_package_and_checksums_beside_them()
    {
        var (packages, gaps) = await ReadAsync(l => l.File("etc/os-release", Debian)
            .File("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12.4\n").File("var/lib/dpkg/status.d/base.md5sums", "d41d8cd98f00b204e9800998ecf8427e  etc/x\n")
            .File("var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 2024a-0+deb12u1\n"));
        CollectionAssert.AreEqual(new[] { "base-files", "tzdata" }, packages.ConvertAll(p => p.Name));
        Assert.IsEmpty(gaps);
    }

    [TestMethod]
    public async Task A_chiselled_image_joins_what_was_cut_with_the_sources_that_dpkg_knows()
    {
        var (packages, gaps) = await ReadAsync(l => l.File("etc/os-release", Ubuntu)
            .File("var/lib/dpkg/status", "Package: libssl3t64\nVersion: 3.0.13-0ubuntu3.5\nSource: openssl\n\nPackage: gcc-14-base\nVersion: 14.2.0\nSource: gcc-14\n")
            .File("var/lib/chisel/manifest.wall", Wall(
                """{"jsonwall":"1.0","schema":"1.0","count":7}""",
                """{"kind":"content","slice":"gcc-14-base_copyright","path":"/usr/share/doc/gcc-14-base/copyright"}""",
                """{"kind":"content","slice":"libssl3t64_libs","path":"/usr/lib/x86_64-linux-gnu/libssl.so.3"}""",
                """{"kind":"package","name":"gcc-14-base","version":"14.2.0","sha256":"0","arch":"amd64"}""",
                """{"kind":"package","name":"libssl3t64","version":"3.0.13-0ubuntu3.5","sha256":"0","arch":"amd64"}""",
                """{"kind":"package","name":"zlib1g","version":"1:1.3","sha256":"0","arch":"amd64"}""",
                "not json")));
        Assert.AreEqual(("openssl", Presence.Present), (packages[0].SourceName, packages[0].Presence));
        Assert.AreEqual(("gcc-14", Presence.DocumentationOnly), (packages[1].SourceName, packages[1].Presence));
        Assert.AreEqual(("zlib1g", "zlib"), (packages[2].Name, packages[2].SourceName));
        Assert.Contains("line 7", gaps.Single().Reason);
    }

    [TestMethod]
    public async Task A_chiselled_image_without_dpkg_is_read_by_its_manifest_alone()
    {
        var (packages, gaps) = await ReadAsync(l => l.File("etc/os-release", Ubuntu).File("var/lib/chisel/manifest.wall", Wall(
            """{"jsonwall":"1.0","schema":"1.0","count":2}""", """{"kind":"package","name":"libc6","version":"2.39-0ubuntu8","sha256":"0","arch":"amd64"}""")));
        Assert.AreEqual(("libc6", "glibc", "Ubuntu", "24.04"), (packages.Single().Name, packages[0].SourceName, packages[0].Ecosystem, packages[0].EcosystemRelease));
        Assert.IsEmpty(gaps);
    }

    [TestMethod]
    [DataRow("plain text")]
    [DataRow("")]
    public async Task A_manifest_that_is_no_zstd_is_a_gap_and_never_clean(string content)
    {
        var (_, gaps) = await ReadAsync(l => l.File("etc/os-release", Ubuntu).File("var/lib/chisel/manifest.wall", content));
        Assert.IsTrue(gaps.Exists(g => g.Path == "var/lib/chisel/manifest.wall"));
        Assert.IsTrue(gaps.Exists(g => g.Reason.Contains("no package database", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("lib/apk/db/installed")]
    [DataRow("usr/lib/apk/db/installed")]
    public async Task Apk_in_both_of_its_places(string path)
    {
        var (packages, gaps) = await ReadAsync(l => l.File("etc/os-release", "ID=alpine\nVERSION_ID=3.22.1\n").File(path, "C:Q1x\nP:libssl3\nV:3.5.1-r0\nA:x86_64\nL:Apache-2.0\no:openssl\np:so:libssl.so.3=3\nF:usr/lib\nR:libssl.so.3\n\nP:musl\nV:1.2.5-r10\n\nP:nothing"));
        Assert.AreEqual(("libssl3", "openssl", "Apache-2.0", "v3.22"), (packages[0].Name, packages[0].SourceName, packages[0].License, packages[0].EcosystemRelease));
        Assert.AreEqual("pkg:apk/alpine/libssl3@3.5.1-r0?arch=x86_64&distro=alpine-3.22.1", packages[0].Purl);
        Assert.HasCount(2, packages);
        Assert.Contains("line 14", gaps.Single().Reason);
    }

    [TestMethod]
    public async Task Azure_Linux_distroless_lists_costs_one_package_a_bad_line()
    {
        var (packages, gaps) = await ReadAsync(l => l.File("etc/os-release", "ID=azurelinux\nVERSION_ID=\"3.0\"\n").File("var/lib/rpmmanifest/container-manifest-2",
            "openssl-libs\t3.3.3-1.azl3\t1\t1\tMicrosoft\t(none)\t1\tx86_64\t0\topenssl-3.3.3-1.azl3.src.rpm\nbad line\nshadow\t4.14-1.azl3\t1\t1\tMicrosoft\t2\t1\tx86_64\t2\tshadow-utils-4.14-1.azl3.src.rpm\n")
            .File("var/lib/rpmmanifest/container-manifest-1", "glibc-2.38-8.azl3.x86_64\n"));
        Assert.HasCount(2, packages);
        Assert.AreEqual(("openssl", "3.3.3-1.azl3"), (packages[0].SourceName, packages[0].SourceVersion));
        Assert.AreEqual(("2:4.14-1.azl3", "shadow-utils", "2:4.14-1.azl3", "3"), (packages[1].Version, packages[1].SourceName, packages[1].SourceVersion, packages[1].EcosystemRelease));
        Assert.Contains("epoch=2", packages[1].Purl);
        Assert.Contains("line 2", gaps.Single().Reason);
    }

    [TestMethod]
    public async Task The_short_list_counts_where_it_is_all_there_is()
    {
        var (packages, _) = await ReadAsync(l => l.File("etc/os-release", "ID=azurelinux\nVERSION_ID=3.0\n").File("var/lib/rpmmanifest/container-manifest-1", "openssl-libs-3.3.3-1.azl3.x86_64\n"));
        Assert.AreEqual(("openssl-libs", "3.3.3-1.azl3", "x86_64"), (packages.Single().Name, packages[0].Version, packages[0].Purl.Split("arch=")[1].Split('&')[0]));
    }

    [TestMethod]
    [DataRow("ID=debian\nVERSION_ID=12\n", "no package database")]
    [DataRow("ID=wolfi\nVERSION_ID=20230201\n", "no package database")]
    public async Task A_known_distribution_without_packages_is_a_gap(string release, string reason)
    {
        var (_, gaps) = await ReadAsync(l => l.File("etc/os-release", release));
        Assert.Contains(reason, gaps.Single().Reason);
    }

    [TestMethod]
    [DataRow("ID=arch\n")]
    [DataRow("ID=debian\n")]
    [DataRow("ID=alpine\nVERSION_ID=3.24_alpha20260101\n")]
    [DataRow(null)]
    public async Task Packages_of_no_known_release_are_a_gap(string? release)
    {
        var (_, gaps) = await ReadAsync(l => (release is null ? l : l.File("etc/os-release", release)).File("var/lib/dpkg/status", "Package: a\nVersion: 1\n"));
        Assert.IsNotEmpty(gaps);
    }

    [TestMethod]
    public async Task A_package_belongs_to_the_layer_that_brought_it_not_to_the_one_that_rewrote_the_file()
    {
        var image = new ImageBuilder()
            .Layer(l => l.File("etc/os-release", Debian).File("var/lib/dpkg/status", "Package: old\nVersion: 1\n\nPackage: raised\nVersion: 1\n"))
            .Layer(l => l.File("var/lib/dpkg/status", "Package: old\nVersion: 1\n\nPackage: raised\nVersion: 2\n\nPackage: new\nVersion: 1\n"));
        var result = await ContentCheck.RunAsync(image, null, new(), TestContext.CancellationToken);
        CollectionAssert.AreEquivalent(new[] { ("old", 0, Origin.Base), ("raised", 1, Origin.App), ("new", 1, Origin.App) }, result.Packages.Select(p => (p.Name, p.LayerIndex, p.Origin)).ToArray());
    }

    [TestMethod]
    public async Task What_a_later_layer_deletes_is_not_there()
    {
        var image = new ImageBuilder().Layer(l => l.File("etc/os-release", "ID=alpine\nVERSION_ID=3.22\n").File("usr/lib/apk/db/installed", "P:a\nV:1-r0\n")).Layer(l => l.Whiteout("usr/lib/apk/db/installed"));
        Assert.IsEmpty((await ContentCheck.RunAsync(image, null, new(), TestContext.CancellationToken)).Packages);
    }

    private static byte[] Wall(params string[] lines)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n")).ToArray();
    }

    private async Task<(List<Package> Packages, List<Inspection.Gap> Gaps)> ReadAsync(Action<LayerBuilder> layer)
    {
        var result = await ContentCheck.RunAsync(new ImageBuilder().Layer(layer), null, new(), TestContext.CancellationToken);
        return ([.. result.Packages], [.. result.Gaps]);
    }
}
