using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Lifecycle;

[TestClass]
public sealed class EndOfLifeTableTests
{
    private static string Committed => File.ReadAllText(EndOfLifeSources.Table);

    [TestMethod]
    [DataRow("debian")]
    [DataRow("ubuntu")]
    public void The_dates_of_Debian_and_Ubuntu_are_those_that_they_publish(string product)
    {
        var file = $"/usr/share/distro-info/{product}.csv";
        if (!File.Exists(file))
        {
            Assert.Inconclusive("Debian's package distro-info-data is not installed.");
        }

        var published = EndOfLifeSources.Read(product, File.ReadAllText(file)).ToDictionary(l => l.Release);
        foreach (var ours in EndOfLifeTable.Default.Releases.Where(r => r.Product == product && published.ContainsKey(r.Release)))
        {
            var theirs = published[ours.Release];
            Assert.AreEqual((theirs.End, theirs.Regular), ($"{ours.End:yyyy-MM-dd}", ours.Regular is { } regular ? $"{regular:yyyy-MM-dd}" : null), $"{product} {ours.Release}");
        }
    }

    [TestMethod]
    [DataRow("alpine", "3.22.1", "3.22")]
    [DataRow("alpine", "3.24.0", "3.24")]
    [DataRow("alpine", "3.99_alpha20260101", null)]
    [DataRow("debian", "12.9", "12")]
    [DataRow("ubuntu", "24.04", "24.04")]
    [DataRow("ubuntu", "24", null)]
    [DataRow("azurelinux", "3.0", "3")]
    [DataRow("rhel", "9.4", "9")]
    [DataRow("amzn", "2023", "2023")]
    [DataRow("dotnet", "10.0.12", "10.0")]
    [DataRow("docker-engine", "20.10.24+dfsg1", "20.10")]
    [DataRow("docker-engine", "28.2.2-0ubuntu1", "28")]
    [DataRow("nobody", "1", null)]
    [DataRow("debian", "", null)]
    public void A_version_belongs_to_the_release_that_it_begins_with(string product, string version, string? release) =>
        Assert.AreEqual(release, EndOfLifeTable.Default.Find(product, version)?.Release);

    [TestMethod]
    public void Every_product_of_the_table_has_a_source()
    {
        using var json = System.Text.Json.JsonDocument.Parse(Committed);
        var sources = json.RootElement.GetProperty("sources").EnumerateObject().Select(s => s.Name).ToList();
        CollectionAssert.AreEquivalent(EndOfLifeTable.Default.Releases.Select(r => r.Product).Distinct().ToList(), sources);
    }

    [TestMethod]
    public void A_list_of_several_products_gives_each_its_own()
    {
        const string Releases = """{"result":{"releases":[{"name":"3.0","eolFrom":"2027-08-31"},{"name":"2.0","eolFrom":"2025-07-31"}]}}""";
        Assert.AreEqual("3.0", EndOfLifeSources.Read("azurelinux", Releases).Single().Release);
        Assert.AreEqual("2.0", EndOfLifeSources.Read("mariner", Releases).Single().Release);
        Assert.AreEqual(Committed, EndOfLifeSources.Renew(Committed, [.. EndOfLifeSources.Read("azurelinux", Releases), .. EndOfLifeSources.Read("mariner", Releases)], EndOfLifeTable.Default.AsOf, new Dictionary<string, string>()));
    }

    [TestMethod]
    public void Every_form_of_a_source_is_read()
    {
        CollectionAssert.AreEqual(
            new[] { new EndOfLifeLine("dotnet", "10.0", "2028-11-14", null) },
            EndOfLifeSources.Read("dotnet", """{"releases-index":[{"channel-version":"10.0","eol-date":"2028-11-14"},{"channel-version":"11.0","support-phase":"preview"}]}""").ToArray());
        CollectionAssert.AreEqual(
            new[] { new EndOfLifeLine("alpine", "3.22", "2027-05-01", null) },
            EndOfLifeSources.Read("alpine", """{"result":{"releases":[{"name":"3.22","eolFrom":"2027-05-01"},{"name":"edge","eolFrom":null}]}}""").ToArray());
        CollectionAssert.AreEqual(
            new[] { new EndOfLifeLine("alpine", "3.22", "2027-05-01", null) },
            EndOfLifeSources.Read("alpine", """[{"cycle":"3.22","eol":"2027-05-01"},{"cycle":"edge","eol":false}]""").ToArray());
        CollectionAssert.AreEqual(
            new[] { new EndOfLifeLine("debian", "12", "2028-06-30", "2026-07-11") },
            EndOfLifeSources.Read("debian", "version,codename,series,created,release,eol,eol-lts\n12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30\n14,Forky,forky,2025-08-09\n").ToArray());
        Assert.ThrowsExactly<FormatException>(() => EndOfLifeSources.Read("x", "{}"));
        Assert.ThrowsExactly<FormatException>(() => EndOfLifeSources.Read("x", """[{"cycle":"1","eol":"soon"}]"""));
    }

    [TestMethod]
    public void Renewing_changes_what_the_sources_say_and_nothing_else()
    {
        var same = EndOfLifeSources.Renew(Committed, [], EndOfLifeTable.Default.AsOf, new Dictionary<string, string>());
        Assert.AreEqual(Committed, same);
        var renewed = EndOfLifeSources.Renew(Committed, [new("alpine", "3.22", "2099-01-01", null), new("alpine", "3.99", "2099-02-02", null), new("alpine", "2.1", "2001-01-01", null)], new DateOnly(2030, 1, 2), new Dictionary<string, string> { ["alpine"] = "there" });
        Assert.Contains("\"asOf\": \"2030-01-02\"", renewed);
        Assert.Contains("\"alpine\": \"there\"", renewed);
        Assert.Contains("\"release\": \"3.22\", \"end\": \"2099-01-01\"", renewed);
        Assert.Contains("\"release\": \"3.99\", \"end\": \"2099-02-02\"", renewed);
        Assert.DoesNotContain("2001-01-01", renewed);
        Assert.HasCount(Committed.Split('\n').Length + 1, renewed.Split('\n'));
    }
}
