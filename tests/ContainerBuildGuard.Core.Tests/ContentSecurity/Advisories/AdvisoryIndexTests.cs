using System.IO.Compression;
using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class AdvisoryIndexTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-index-");

    public TestContext TestContext { get; set; } = null!;

    private string Output => Path.Combine(_folder.FullName, "out", "advisories.cbgadv");

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    public void What_goes_in_comes_out()
    {
        Write("a.json", """
            {"id":"GHSA-1","summary":"A weakness","aliases":["CVE-2026-1"],"related":["CVE-2026-9"],"modified":"2026-11-01T10:00:00Z","database_specific":{"severity":"HIGH"},
             "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
             "affected":[{"package":{"ecosystem":"NuGet","name":"Some.Package"},"versions":["9.9.9"],"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.0.0"},{"fixed":"2.0.0"}]}],"ecosystem_specific":{"severity":"LOW"}}]}
            """);
        using var index = Build();
        var entry = index.Find("NuGet", "", "some.PACKAGE").Single();
        var advisory = index.Read(entry);
        Assert.AreEqual("GHSA-1", advisory.Id);
        CollectionAssert.AreEqual(new[] { "CVE-2026-1" }, advisory.Aliases.ToArray());
        CollectionAssert.AreEqual(new[] { "CVE-2026-9" }, advisory.Related.ToArray());
        Assert.AreEqual("A weakness", advisory.Summary);
        Assert.AreEqual(Severity.High, advisory.Severity);
        Assert.AreEqual(9.8, advisory.Cvss);
        Assert.AreEqual(Severity.Low, entry.Affected.Severity);
        CollectionAssert.AreEqual(new[] { "9.9.9" }, entry.Affected.Versions.ToArray());
        Assert.AreEqual((Affection.Yes, "2.0.0"), AffectedRanges.Evaluate(entry.Affected, "1.5.0"));
        Assert.AreEqual(new DateTimeOffset(2026, 11, 1, 10, 0, 0, TimeSpan.Zero), index.AsOf);
        Assert.IsEmpty(index.Find("NuGet", "", "Other"));
        Assert.IsTrue(index.Covers("NuGet", ""));
        Assert.IsFalse(index.Covers("Debian", "12"));
    }

    [TestMethod]
    public void Many_packages_are_found_also_where_sorting_goes_through_the_disk()
    {
        using (var writer = new AdvisoryIndexWriter(Path.Combine(_folder.FullName, "many.cbgadv"), bufferBytes: 16 << 10))
        {
            for (var i = 0; i < 5000; i++)
            {
                writer.Add(new Advisory { Id = $"X-{i}", Summary = $"number {i}", Affected = [Package($"p{i % 700}", i)] }, "test");
            }

            Assert.IsFalse(writer.Add(new Advisory { Id = "X-1" }, "test"));
            writer.Complete(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "[]"u8);
        }

        using var index = AdvisoryIndex.Open(Path.Combine(_folder.FullName, "many.cbgadv"));
        index.CheckAll();
        Assert.AreEqual((5000, 700, 5000L), (index.Count, index.PackageCount, index.RangeCount));
        for (var i = 0; i < 700; i++)
        {
            var ids = index.Find("Debian", "12", $"p{i}").Select(e => index.Read(e).Id).ToList();
            CollectionAssert.AreEqual(Enumerable.Range(0, 5000).Where(n => n % 700 == i).Select(n => $"X-{n}").ToList(), ids);
        }
    }

    [TestMethod]
    public void The_same_records_give_the_same_bytes()
    {
        byte[] Once(string name)
        {
            using (var writer = new AdvisoryIndexWriter(Path.Combine(_folder.FullName, name)))
            {
                foreach (var i in Enumerable.Range(0, 50))
                {
                    writer.Add(new Advisory { Id = $"X-{i}", Affected = [Package($"p{i}", i)] }, "test");
                }

                writer.Complete(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "[]"u8);
            }

            return File.ReadAllBytes(Path.Combine(_folder.FullName, name));
        }

        CollectionAssert.AreEqual(Once("1.cbgadv"), Once("2.cbgadv"));
    }

    [TestMethod]
    public void A_flipped_bit_anywhere_is_seen()
    {
        Write("a.json", Record("X-1", "p"));
        Build().Dispose();
        var good = File.ReadAllBytes(Output);
        using var whole = AdvisoryIndex.Open(Output);
        var random = new Random(7);
        foreach (var at in Enumerable.Range(0, 200).Select(_ => random.Next(good.Length)).Append(0).Append(good.Length - 1))
        {
            var bad = (byte[])good.Clone();
            bad[at] ^= (byte)(1 << random.Next(8));
            var path = Path.Combine(_folder.FullName, "bad.cbgadv");
            File.WriteAllBytes(path, bad);
            var e = Assert.ThrowsExactly<GuardException>(() =>
            {
                using var index = AdvisoryIndex.Open(path);
                index.CheckAll();
            }, $"byte {at}");
            Assert.AreEqual("CBG9010", e.Code);
            Assert.Contains("bad.cbgadv", e.Message);
        }
    }

    [TestMethod]
    public void A_cut_index_one_of_another_version_and_another_file_are_refused()
    {
        Write("a.json", Record("X-1", "p"));
        Build().Dispose();
        var good = File.ReadAllBytes(Output);
        void Refused(byte[] bytes, string reason)
        {
            var path = Path.Combine(_folder.FullName, "bad.cbgadv");
            File.WriteAllBytes(path, bytes);
            Assert.Contains(reason, Assert.ThrowsExactly<GuardException>(() => AdvisoryIndex.Open(path).Dispose()).Message);
        }

        Refused(good[..^10], "bytes where its header says");
        Refused(good[..100], "no advisory index");
        Refused([], "no advisory index");
        Refused(Encoding.UTF8.GetBytes(new string('x', 10_000)), "no advisory index");
        var other = (byte[])good.Clone();
        other[8] = 2;
        Refused(other, "version 2");
    }

    [TestMethod]
    public void A_new_index_takes_the_place_of_one_that_is_being_read()
    {
        Write("a.json", Record("X-1", "p"));
        using var old = Build();
        Write("b.json", Record("X-2", "q"));
        using var next = Build();
        Assert.HasCount(1, old.Find("NuGet", "", "p"));
        Assert.IsEmpty(old.Find("NuGet", "", "q"));
        Assert.HasCount(1, next.Find("NuGet", "", "q"));
        old.CheckAll();
    }

    [TestMethod]
    public void An_input_that_cannot_be_read_leaves_the_old_index_and_names_the_record()
    {
        Write("a.json", Record("X-1", "p"));
        Build().Dispose();
        var before = File.ReadAllBytes(Output);
        Zip("bad.zip", ("ok.json", Record("X-2", "q")), ("broken.json", "{\"id\":"));
        var e = Assert.ThrowsExactly<GuardException>(() => Build());
        Assert.AreEqual("CBG9010", e.Code);
        Assert.Contains("broken.json", e.Message);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(Output));
        Assert.HasCount(1, Directory.GetFileSystemEntries(Path.GetDirectoryName(Output)!));
    }

    [TestMethod]
    [DataRow("../evil.json")]
    [DataRow("/etc/evil.json")]
    [DataRow("a\\b.json")]
    public void A_zip_with_a_name_that_leaves_it_is_refused(string name)
    {
        Zip("bad.zip", (name, Record("X-1", "p")));
        Assert.Contains("points outside", Assert.ThrowsExactly<GuardException>(() => Build()).Message);
    }

    [TestMethod]
    public void A_zip_bomb_is_refused_by_what_it_inflates_to()
    {
        using (var zip = ZipFile.Open(Path.Combine(_folder.FullName, "bomb.zip"), ZipArchiveMode.Create))
        using (var entry = zip.CreateEntry("bomb.json").Open())
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 70; i++)
            {
                entry.Write(zeros);
            }
        }

        Assert.Contains("limit", Assert.ThrowsExactly<GuardException>(() => Build()).Message);
    }

    [TestMethod]
    public void A_truncated_zip_and_an_empty_folder_are_refused()
    {
        Assert.AreEqual("CBG9010", Assert.ThrowsExactly<GuardException>(() => Build()).Code);
        Zip("cut.zip", ("a.json", Record("X-1", "p")));
        var path = Path.Combine(_folder.FullName, "cut.zip");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^30]);
        Assert.Contains("cut.zip", Assert.ThrowsExactly<GuardException>(() => Build()).Message);
    }

    [TestMethod]
    public void Every_kind_of_document_is_recognised_by_what_is_in_it()
    {
        Write("nuget.json", """{"some.package":[{"url":"https://github.com/advisories/GHSA-aaaa-bbbb-cccc","severity":2,"versions":"[1.0.0, 2.0.0)"},{"url":"https://github.com/advisories/GHSA-aaaa-bbbb-cccc","severity":2,"versions":"(, 0.5.0]"}]}""");
        Write("cve.json", """
            {"last_updated":"2026-11-10","disclosures":[
              {"id":"CVE-2026-1","problem":"Denial of service","cvss":{"vector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H","severity":"HIGH"},"platforms":["all"]},
              {"id":"CVE-2026-2","platforms":["windows"]}],
             "products":[{"cve_id":"CVE-2026-1","name":"dotnet-runtime","min_vulnerable":"10.0.0","max_vulnerable":"10.0.11","fixed":"10.0.12"},
                         {"cve_id":"CVE-2026-1","name":"dotnet-runtime","min_vulnerable":"","max_vulnerable":"","fixed":""},
                         {"cve_id":"CVE-2026-2","name":"dotnet-aspnetcore","min_vulnerable":"10.0.0","max_vulnerable":"10.0.11","fixed":"10.0.12"}],
             "packages":[{"cve_id":"CVE-2026-1","name":"System.Some","min_vulnerable":"9.0.0","max_vulnerable":"9.0.1","fixed":"9.0.2"}]}
            """);
        Write("kev.json", """{"catalogVersion":"2026.11.20","vulnerabilities":[{"cveID":"CVE-2026-1"}]}""");
        Write("epss.csv", "#model_version:v2026\ncve,epss,percentile\nCVE-2026-1,0.75,0.99\nCVE-2026-3,0.00012,0.1\n");
        using var index = Build();
        Assert.AreEqual((Affection.Yes, "2.0.0"), AffectedRanges.Evaluate(index.Find("NuGet", "", "Some.Package").Single(e => e.Affected.Ranges[0].Events[0].Version == "1.0.0").Affected, "1.2.0"));
        Assert.AreEqual((Affection.Yes, "10.0.12"), AffectedRanges.Evaluate(index.Find(VersionOrder.DotNet, "", "Microsoft.NETCore.App").Single().Affected, "10.0.3"));
        Assert.IsEmpty(index.Find(VersionOrder.DotNet, "", "Microsoft.AspNetCore.App"));
        Assert.HasCount(1, index.Find("NuGet", "", "system.some"));
        Assert.AreEqual(new Exploitation(0.75, true), index.FindExploitation(["GHSA-x", "cve-2026-1"]));
        Assert.AreEqual(0.0001, index.FindExploitation(["CVE-2026-3"]).Epss!.Value, 0.0001);
        Assert.AreEqual(new Exploitation(null, false), index.FindExploitation(["CVE-2026-4"]));
    }

    [TestMethod]
    public void A_document_of_no_known_form_is_refused()
    {
        Write("x.json", """{"hello":"world"}""");
        Assert.Contains("x.json", Assert.ThrowsExactly<GuardException>(() => Build()).Message);
    }

    [TestMethod]
    public void Real_records_of_AlmaLinux_are_read_and_found()
    {
        var data = Path.Combine(Testing.Servers.Repository.Root, "..", "shared", "data", "osv-almalinux", "AlmaLinux-9.zip");
        if (!File.Exists(data))
        {
            Assert.Inconclusive("The published records of AlmaLinux are not on this machine.");
        }

        AdvisoryBuilder.Build([(data, null)], Output, TimeProvider.System, TestContext.CancellationToken);
        using var index = AdvisoryIndex.Open(Output);
        index.CheckAll();
        Assert.IsGreaterThan(1700, index.Count);
        var match = new VulnerabilityMatcher(index).Match(new Package
        {
            Purl = "pkg:rpm/almalinux/grub2-common", Ecosystem = "AlmaLinux", EcosystemRelease = "9", Name = "grub2-common", Version = "1:2.06-20.el9", SourceName = "grub2", SourceVersion = "1:2.06-20.el9",
            Origin = Origin.Base, LayerIndex = 0, Path = "var/lib/rpm/rpmdb.sqlite",
        });
        var notice = match.Vulnerabilities.Single(v => v.Ids.Contains("ALSA-2022:5099"));
        Assert.AreEqual("1:2.06-27.el9_0.7.alma", notice.FixedVersion);
        Assert.AreEqual(Severity.High, notice.Severity);
        Assert.IsTrue(notice.Ids.Any(i => i.StartsWith("CVE-", StringComparison.Ordinal)));
        Assert.IsEmpty(match.Undetermined);
    }

    private static AffectedPackage Package(string name, int number) => new()
    {
        Ecosystem = "Debian", Release = "12", Name = name,
        Ranges = [new AffectedRange([new(RangeEventKind.Introduced, "0"), new(RangeEventKind.Fixed, $"{number}.0-1")])],
    };

    private static string Record(string id, string package) =>
        $$"""{"id":"{{id}}","modified":"2026-11-01T10:00:00Z","affected":[{"package":{"ecosystem":"NuGet","name":"{{package}}"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}""";

    private AdvisoryIndex Build()
    {
        AdvisoryBuilder.Build([.. Directory.GetFiles(_folder.FullName).Where(f => !f.EndsWith(".cbgadv", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => (f, (DateTimeOffset?)null))], Output, TimeProvider.System, TestContext.CancellationToken);
        return AdvisoryIndex.Open(Output);
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.FullName, name), content);

    private void Zip(string name, params (string Name, string Content)[] entries)
    {
        using var zip = ZipFile.Open(Path.Combine(_folder.FullName, name), ZipArchiveMode.Create);
        foreach (var (entry, content) in entries)
        {
            using var writer = new StreamWriter(zip.CreateEntry(entry).Open());
            writer.Write(content);
        }
    }
}
