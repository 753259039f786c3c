using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.SystemPackages;

[TestClass]
public sealed class RpmVersionTests
{
    private static readonly string[] Tricky =
    [
        "1.0", "1.0-1", "1.0^git1", "1.0^git2", "1.01", "1.0^20160101", "1.0.1", "1.0^20160101^git1", "1.0^20160102", "1.0~rc1", "1.0~rc1^git1", "1.0^git1~pre", "1:1.0", "0:1.0", "10", "1.0a", "1.0.a", "a", "1a1",
        "2.6.7-3", "2.6.7-3.azl3", "1.1.1k-12.el8_9", "1.1.1k-9.el8", "2.8.5-11.module_el8.5.0+71+8f3a675d", "2.8.5-11.module_el8.4.0+2249+3ddf2832", "20240101000000000000", "1..0", "1.0.", "1.0_", "1.0~", "1.0^", "1.0~~", "fc4", "FC5",
    ];

    [TestMethod]
    [DataRow("1.0", "1.0^git1", -1)]
    [DataRow("1.0^git1", "1.0.1", -1)]
    [DataRow("1.0~rc1", "1.0", -1)]
    [DataRow("2.6.7-3.azl3", "2.6.7-3", 1)]
    [DataRow("1:0.1-1", "9.0-1", 1)]
    [DataRow("1.0", "1.0-1", -1)]
    [DataRow("1.05", "1.5", 0)]
    public void Known_pairs(string a, string b, int expected)
    {
        Assert.AreEqual(expected, Math.Sign(RpmVersion.Compare(a, b)!.Value));
        Assert.AreEqual(-expected, Math.Sign(RpmVersion.Compare(b, a)!.Value));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("1.0 1")]
    [DataRow(":")]
    [DataRow("-")]
    public void What_is_no_version_has_no_order(string version) => Assert.IsNull(RpmVersion.Compare(version, "1.0"));

    [TestMethod]
    public async Task Pairs_are_ordered_as_rpm_orders_them()
    {
        if (!ProcessRunner.Exists("rpm"))
        {
            Assert.Inconclusive("This machine has no rpm to compare with.");
        }

        // rpm itself is asked by what its library accepts: letters, digits and its separators, an epoch of few digits.
        var pairs = VersionPairs.Random(6000, 20261125, Version, Tricky).Where(p => RpmVersion.Compare(p.A, p.B) is not null).ToList();
        Assert.IsGreaterThan(5000, pairs.Count);
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, pairs.Select(p => $"{p.A} {p.B}"));
        var script = $"%{{lua: for line in io.lines(\"{file}\") do local a, b = line:match(\"(%S+) (%S+)\") print(rpm.vercmp(a, b) .. \" \") end }}";
        var run = await ProcessRunner.RunAsync("rpm", ["--eval", script]);
        File.Delete(file);
        var orders = run.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.HasCount(pairs.Count, orders, run.Output[..Math.Min(500, run.Output.Length)]);
        var wrong = pairs.Zip(orders).Where(p => Math.Sign(RpmVersion.Compare(p.First.A, p.First.B)!.Value).ToString(System.Globalization.CultureInfo.InvariantCulture) != p.Second).Select(p => $"{p.First}: rpm says {p.Second}").ToList();
        Assert.IsEmpty(wrong, string.Join('\n', wrong.Take(10)));
    }

    private static string Version(Random random)
    {
        const string Characters = "0019abZ..~^_+";
        var text = $"{(random.Next(6) == 0 ? $"{random.Next(3)}:" : "")}{random.Next(3)}{VersionPairs.Text(random, Characters, 7)}";
        return random.Next(2) == 0 ? text : $"{text}-{random.Next(3)}{VersionPairs.Text(random, Characters, 3)}";
    }
}
