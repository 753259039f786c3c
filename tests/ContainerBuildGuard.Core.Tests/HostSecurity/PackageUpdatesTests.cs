using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>Updates that wait, by each package manager's own files.</summary>
[TestClass]
public sealed class PackageUpdatesTests
{
    private const string Cache = "/var/cache/dnf/updates-0123456789abcdef/repodata/";
    private const string Repository = "[updates]\nname=Updates\n[extras]\nenabled=0\n";

    [TestMethod]
    [DataRow("x-updateinfo.xml")]
    [DataRow("x-updateinfo.xml.gz")]
    [DataRow("x-updateinfo.xml.zst")]
    public async Task Security_advisories_of_an_enabled_repository_count(string name)
    {
        var result = await Rpm(Cache + name, Advisory("security", Package("openssl", "1.1.1k", "14.el9", epoch: 1))).AskAsync("CBG5177");
        Assert.AreEqual(AuditOutcome.Failed, result.Outcome, result.Reason);
        Assert.Contains("openssl 1:1.1.1k-6.el9 -> 1:1.1.1k-14.el9", result.Findings.Single().Message);
        Assert.AreEqual(Severity.High, result.Findings.Single().Severity);
        Assert.Contains("dnf upgrade", result.Findings.Single().Remedy);
    }

    [TestMethod]
    [DataRow("bugfix", "openssl", "9", "x86_64", 1, "")]
    [DataRow("security", "other", "9", "x86_64", 1, "")]
    [DataRow("security", "openssl", "9", "i686", 1, "")]
    [DataRow("security", "openssl", "9", "x86_64", 0, "")]
    [DataRow("security", "openssl", "0.1", "x86_64", 1, "")]
    [DataRow("security", "openssl", "9", "x86_64", 1, "openssl:3")]
    [DataRow("security", "nodejs", "99", "x86_64", 0, "nodejs:22")]
    [DataRow("security", "nodejs", "99", "x86_64", 0, "")]
    public async Task An_advisory_for_something_else_is_none(string type, string name, string version, string architecture, int epoch, string module) =>
        Assert.AreEqual(AuditOutcome.Passed, (await Rpm(Cache + "x-updateinfo.xml", Advisory(type, Package(name, version, "1", epoch, architecture), module)).AskAsync("CBG5177")).Outcome);

    [TestMethod]
    public async Task A_modules_package_is_an_update_for_who_has_its_stream() =>
        Assert.AreEqual(AuditOutcome.Failed, (await Rpm(Cache + "x-updateinfo.xml", Advisory("security", Package("nodejs", "20.9", "1"), "nodejs:20")).AskAsync("CBG5177")).Outcome);

    [TestMethod]
    public async Task The_newest_of_several_installed_versions_counts()
    {
        byte[][] kernels = [RpmFiles.Header("kernel", "5.14.0", "1.el9", 0), RpmFiles.Header("kernel", "5.14.0", "9.el9", 0)];
        Assert.AreEqual(AuditOutcome.Passed, (await Rpm(Cache + "x-updateinfo.xml", Advisory("security", Package("kernel", "5.14.0", "9.el9")), kernels).AskAsync("CBG5177")).Outcome);
    }

    [TestMethod]
    [DataRow("/var/cache/dnf/extras-0123456789abcdef/repodata/x-updateinfo.xml", "no enabled repository")]
    [DataRow(Cache + "x-primary.xml", "no enabled repository")]
    [DataRow(Cache + "x-updateinfo.xml.zck", "does not read")]
    public async Task What_says_nothing_is_not_checked(string path, string reason)
    {
        var result = await Rpm(path, Advisory("security", Package("openssl", "9", "1", epoch: 1))).AskAsync("CBG5177");
        Assert.AreEqual(AuditOutcome.NotChecked, result.Outcome);
        Assert.Contains(reason, result.Reason);
    }

    [TestMethod]
    public async Task A_damaged_database_or_advisory_is_not_checked()
    {
        var advisory = Advisory("security", Package("openssl", "9", "1", epoch: 1));
        Assert.AreEqual(AuditOutcome.NotChecked, (await Rpm(Cache + "x-updateinfo.xml", advisory[..60]).AskAsync("CBG5177")).Outcome);
        var host = new FakeHost().User(0).File("/etc/yum.repos.d/a.repo", Repository).Bytes("/var/lib/rpm/rpmdb.sqlite", "SQLite format 3\0"u8.ToArray()).File(Cache + "x-updateinfo.xml", advisory);
        Assert.AreEqual(AuditOutcome.NotChecked, (await host.AskAsync("CBG5177")).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().User(0).File("/etc/yum.repos.d/a.repo", Repository).Folder("/var/lib/rpm").File(Cache + "x-updateinfo.xml", advisory).AskAsync("CBG5177")).Outcome);
    }

    [TestMethod]
    public async Task Any_update_of_apk_counts_and_counts_less()
    {
        var host = Apk("C:Q1x=\nP:musl\nV:1.2.5-r1\nA:x86_64\n\nP:zlib\nV:1.3-r0\n", ("musl", "1.2.5-r10"), ("zlib", "1.3-r0"), ("other", "9-r0"));
        var result = await host.AskAsync("CBG5177");
        Assert.AreEqual(AuditOutcome.Failed, result.Outcome, result.Reason);
        Assert.AreEqual(Severity.Medium, result.Findings.Single().Severity);
        Assert.Contains("1 installed packages have an update", result.Findings.Single().Message);
        Assert.Contains("musl 1.2.5-r1 -> 1.2.5-r10", result.Findings.Single().Message);
        Assert.AreEqual(AuditOutcome.Passed, (await Apk("P:zlib\nV:1.3-r1\n", ("zlib", "1.3-r0")).AskAsync("CBG5177")).Outcome);
    }

    [TestMethod]
    [DataRow("/usr/lib/apk/db/installed")]
    [DataRow("/var/lib/apk/db/installed")]
    public async Task The_list_of_apk_is_found_in_every_place_that_it_has(string place)
    {
        var host = Apk(place, "P:musl\nV:1.2.5-r1\n", [("musl", "1.2.5-r10")]);
        Assert.AreEqual(AuditOutcome.Failed, (await host.AskAsync("CBG5177")).Outcome);
    }

    [TestMethod]
    public async Task An_index_that_is_missing_damaged_or_not_to_be_ordered_is_not_checked()
    {
        Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().User(0).File("/lib/apk/db/installed", "P:a\nV:1-r0\n").AskAsync("CBG5177")).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().User(0).File("/lib/apk/db/installed", "P:a\nV:1-r0\n").Bytes("/var/cache/apk/APKINDEX.0.tar.gz", [1, 2, 3]).AskAsync("CBG5177")).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, (await Apk("P:a\nV:1-r0\n", ("a", "what?")).AskAsync("CBG5177")).Outcome);
    }

    [TestMethod]
    public async Task A_list_of_apt_is_read_compressed_too()
    {
        const string Status = "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n";
        const string List = "Package: a\nArchitecture: amd64\nVersion: 1.0-2\n\n";
        var folder = "/var/lib/apt/lists/deb.debian.org_debian-security_dists_x_main_binary-amd64_Packages";
        Assert.AreEqual(AuditOutcome.Failed, (await new FakeHost().User(0).File("/var/lib/dpkg/status", Status).Bytes(folder + ".gz", Compressed(".gz", List)).AskAsync("CBG5177")).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().User(0).File("/var/lib/dpkg/status", Status).Bytes(folder + ".lz4", [1]).AskAsync("CBG5177")).Outcome);
    }

    private static FakeHost Rpm(string path, string advisory, params byte[][] more) => new FakeHost().User(0).File("/etc/yum.repos.d/a.repo", Repository).Bytes(path, Compressed(Path.GetExtension(path), advisory))
        .Bytes("/usr/lib/sysimage/rpm/Packages.db", RpmFiles.Ndb([RpmFiles.Header("openssl", "1.1.1k", "6.el9", 1), RpmFiles.Header("nodejs", "20.1", "1", 0, module: "nodejs:20:9040:abc"), .. more]));

    private static string Advisory(string type, string package, string module = "") =>
        $"<?xml version=\"1.0\"?><updates><update type=\"{type}\"><id>A-1</id><pkglist><collection>{(module.Length > 0 ? $"<module name=\"{module.Split(':')[0]}\" stream=\"{module.Split(':')[1]}\" version=\"1\" context=\"c\" arch=\"x86_64\"/>" : "")}{package}</collection></pkglist></update></updates>";

    private static string Package(string name, string version, string release, int epoch = 0, string architecture = "x86_64") =>
        $"<package name=\"{name}\" version=\"{version}\" release=\"{release}\" epoch=\"{epoch}\" arch=\"{architecture}\"><filename>x.rpm</filename></package>";

    /// <summary>As apk's own: an archive with the signature and no end, then one with the index, each compressed by itself.</summary>
    private static FakeHost Apk(string installed, params (string Name, string Version)[] index) => Apk("/lib/apk/db/installed", installed, index);

    private static FakeHost Apk(string place, string installed, (string Name, string Version)[] index)
    {
        var signature = Tar(".SIGN.RSA.key.rsa.pub", "x")[..1024];
        var list = Tar("APKINDEX", string.Concat(index.Select(p => $"C:Q1=\nP:{p.Name}\nV:{p.Version}\nA:x86_64\n\n")));
        return new FakeHost().User(0).File(place, installed).Bytes("/var/cache/apk/APKINDEX.0a1b2c3d.tar.gz", [.. Compressed(".gz", signature), .. Compressed(".gz", list)]);
    }

    private static byte[] Tar(string name, string text)
    {
        using var file = new MemoryStream();
        using (var writer = new TarWriter(file, TarEntryFormat.Ustar, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        }

        return file.ToArray();
    }

    private static byte[] Compressed(string kind, string text) => Compressed(kind, Encoding.UTF8.GetBytes(text));

    private static byte[] Compressed(string kind, byte[] content)
    {
        using var file = new MemoryStream();
        using (Stream? packed = kind switch { ".gz" => new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true), ".zst" => new ZstdSharp.CompressionStream(file, leaveOpen: true), _ => null })
        {
            (packed ?? file).Write(content);
        }

        return file.ToArray();
    }
}
