using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.SystemPackages;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>What is gathered of layers for whole-image questions: which package brought a setuid file, which content is there again. Each asked of fresh facts and of kept ones.</summary>
[TestClass]
public sealed class LayerFactsTests
{
    private const string Sdk = ".NET SDK Container Tooling, version 10";
    private const int Setuid = 0b100_111_101_101;
    private const int Large = 21 << 20;

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Managers =>
    [
        ["dpkg", (Action<LayerBuilder>)(l => l.File("usr/bin/tool", "x", Setuid).File("var/lib/dpkg/info/tool:amd64.list", "/.\n/usr\n/usr/bin\n/usr/bin/tool\n"))],
        ["dpkg before /usr was merged", (Action<LayerBuilder>)(l => l.File("usr/bin/tool", "x", Setuid).File("var/lib/dpkg/info/tool.list", "/bin/tool\n"))],
        ["dpkg, list first", (Action<LayerBuilder>)(l => l.File("var/lib/dpkg/info/tool.list", "/usr/bin/tool\n").File("usr/bin/tool", "x", Setuid))],
        ["apk", (Action<LayerBuilder>)(l => l.File("usr/bin/tool", "x", Setuid).File("lib/apk/db/installed", "P:other\nV:1\nF:usr/bin\nR:other\n\nP:tool\nV:1\nF:usr\nF:usr/bin\nR:tool\na:0:0:4755\nZ:Q1\n"))],
        ["rpm", (Action<LayerBuilder>)(l => l.File("usr/bin/tool", "x", Setuid).File("var/lib/rpm/Packages.db", RpmFiles.Ndb(RpmFiles.Header("other", "1", "1", 0, files: "/usr/bin/other"), RpmFiles.Header("tool", "1", "1", 0, files: ["/etc/tool.conf", "/usr/bin/tool"]))))],
    ];

    [TestMethod]
    [DynamicData(nameof(Managers))]
    public async Task A_setuid_file_of_a_package_names_it_and_weighs_less(string manager, Action<LayerBuilder> layer)
    {
        foreach (var findings in await TwiceAsync(new ImageBuilder().Layer(l => l.File("etc/os-release", "")).Layer(layer, Sdk)))
        {
            var finding = findings.Single(f => f.Code == "CBG2006");
            Assert.AreEqual(Severity.Medium, finding.Severity, manager);
            Assert.Contains("the package tool", finding.Message);
        }

        foreach (var findings in await TwiceAsync(new ImageBuilder().Layer(layer).Layer(l => l.File("app/readme", "x"), Sdk)))
        {
            Assert.Contains("/usr/bin/tool (tool)", findings.Single(f => f.Code == "CBG2055").Message, manager);
        }
    }

    [TestMethod]
    public async Task A_setuid_file_that_no_package_brought_says_so()
    {
        var image = new ImageBuilder().Layer(l => l.File("usr/bin/su", "x", Setuid).File("var/lib/dpkg/info/util.list", "/usr/bin/su\n").File("opt/stray", "x", Setuid)).Layer(l => l.File("app/tool", "x", Setuid), Sdk);
        var findings = (await TwiceAsync(image))[0];
        var own = findings.Single(f => f.Code == "CBG2006");
        Assert.AreEqual(Severity.High, own.Severity);
        Assert.Contains("No package of the image brought it", own.Message);
        CollectionAssert.AreEquivalent(new[] { Severity.Info, Severity.Medium }, findings.Where(f => f.Code == "CBG2055").Select(f => f.Severity).ToArray());
        Assert.Contains("/opt/stray", findings.Single(f => f is { Code: "CBG2055", Severity: Severity.Medium }).Message);
    }

    [TestMethod]
    public async Task A_bit_that_was_set_after_the_package_was_installed_is_not_the_packages()
    {
        static ImageBuilder Image(int first) => new ImageBuilder().Layer(l => l.File("usr/bin/tool", "x", first).File("var/lib/dpkg/info/tool.list", "/usr/bin/tool\n")).Layer(l => l.File("usr/bin/tool", "x", Setuid), Sdk);
        Assert.AreEqual(Severity.High, (await TwiceAsync(Image(0b111_101_101)))[0].Single(f => f.Code == "CBG2006").Severity);
        Assert.AreEqual(Severity.Medium, (await TwiceAsync(Image(Setuid)))[0].Single(f => f.Code == "CBG2006").Severity);
    }

    [TestMethod]
    [DataRow("var/lib/rpm/rpmdb.sqlite", "SQLite format 3\0")]
    [DataRow("var/lib/rpm/Packages.db", "RpmP")]
    [DataRow("app/readme", "x")]
    public async Task Where_packages_are_not_known_nobody_says_that_none_brought_it(string path, string content)
    {
        var finding = (await TwiceAsync(new ImageBuilder().Layer(l => l.File("app/tool", "x", Setuid).File(path, content), Sdk)))[0].Single(f => f.Code == "CBG2006");
        Assert.AreEqual(Severity.High, finding.Severity);
        Assert.DoesNotContain("ackage", finding.Message);
    }

    [TestMethod]
    public async Task A_layer_that_only_changes_owners_carries_the_files_again()
    {
        var content = Content(1);
        foreach (var findings in await TwiceAsync(new ImageBuilder().Layer(l => l.File("app/model.bin", content)).Layer(l => l.File("app/model.bin", content, user: 1654), Sdk)))
        {
            Assert.Contains("21 MB are in the image again", findings.Single(f => f.Code == "CBG2070").Message);
            Assert.Contains("only owner, mode or time differ", findings.Single(f => f.Code == "CBG2070").Message);
            Assert.DoesNotContain("CBG2062", findings.Select(f => f.Code), "One waste is said once.");
        }
    }

    [TestMethod]
    public async Task A_copy_elsewhere_is_found_and_what_only_looks_like_one_is_not()
    {
        var copied = (await TwiceAsync(new ImageBuilder().Layer(l => l.File("app/a.bin", Content(1)).File("app/publish/b.bin", Content(1)), Sdk)))[0];
        Assert.Contains("/app/a.bin in layer 0, /app/publish/b.bin in layer 0", copied.Single(f => f.Code == "CBG2070").Message);
        Assert.DoesNotContain("CBG2070", (await TwiceAsync(new ImageBuilder().Layer(l => l.File("app/a.bin", Content(1)).File("app/b/a.bin", Content(2)), Sdk)))[0].Select(f => f.Code));
        Assert.DoesNotContain("CBG2070", (await TwiceAsync(new ImageBuilder().Layer(l => l.File("app/a.bin", Content(1)).HardLink("app/b.bin", "app/a.bin"), Sdk)))[0].Select(f => f.Code));
    }

    [TestMethod]
    public async Task What_is_deleted_for_good_is_still_the_other_waste()
    {
        var findings = (await TwiceAsync(new ImageBuilder().Layer(l => l.File("app/a.bin", Content(1))).Layer(l => l.File("app/b.bin", Content(1)), Sdk).Layer(l => l.Whiteout("app/a.bin").Whiteout("app/b.bin"), Sdk)))[0];
        Assert.Contains("42 MB", findings.Single(f => f.Code == "CBG2062").Message);
    }

    private static byte[] Content(byte seed)
    {
        var content = new byte[Large];
        content[^1] = seed;
        return content;
    }

    /// <summary>The findings of fresh facts, and those of facts that were kept: the same.</summary>
    private async Task<IReadOnlyList<Finding>[]> TwiceAsync(ImageBuilder builder)
    {
        var folder = Directory.CreateTempSubdirectory("cbg-facts-");
        try
        {
            var (image, control, runs) = (builder.Build(), new HardenedImageControl(), new List<IReadOnlyList<Finding>>());
            for (var run = 0; run < 2; run++)
            {
                var options = new InspectionOptions { Cache = FactCache.Open(folder.FullName) };
                var inspection = await ImageInspector.InspectAsync(image, [.. control.CreateObservers()], options, TestContext.CancellationToken);
                Assert.IsEmpty(inspection.Gaps);
                runs.Add((await control.JudgeAsync(inspection, TestContext.CancellationToken)).Findings);
                Assert.AreEqual(builder.Layers.Count, FactCache.Open(folder.FullName)!.Measure().Layers);
            }

            CollectionAssert.AreEqual(runs[0].Select(f => f.Message).ToArray(), runs[1].Select(f => f.Message).ToArray());
            return [.. runs];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
