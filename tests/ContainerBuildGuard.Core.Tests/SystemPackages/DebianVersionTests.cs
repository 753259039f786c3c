using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.SystemPackages;

[TestClass]
public sealed class DebianVersionTests
{
    private static readonly string[] Tricky =
    [
        "0", "00", "1.0", "1.0-0", "0:1.0", "1.0~rc1", "1.0-1", "1.0-1+b1", "1:0.9", "2.0", "3.0.13-0ubuntu3.10", "3.0.13-0ubuntu3.9", "1.0-1ubuntu1~24.04", "1.0-1ubuntu1",
        "1.0a", "1.0+", "1.0.~", "1.0.", "1.0~~", "1.0~~a", "20240101000000000000", "20240101000000000001", "18446744073709551616", "9", "1.2-3-4", "1.2-3", "1:1:1-1", "7.88.1-10+deb12u5", "7.88.1-10+deb12u14",
    ];

    [TestMethod]
    [DataRow("1.0", "1.0", 0)]
    [DataRow("1.0~rc1", "1.0", -1)]
    [DataRow("1:0.1", "2.0", 1)]
    [DataRow("1.0-1", "1.0-1+b1", -1)]
    [DataRow("1.0a", "1.0+", -1)]
    [DataRow("1.09", "1.9", 0)]
    public void Known_pairs(string a, string b, int expected)
    {
        Assert.AreEqual(expected, Math.Sign(DebianVersion.Compare(a, b)!.Value));
        Assert.AreEqual(-expected, Math.Sign(DebianVersion.Compare(b, a)!.Value));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("x:1")]
    [DataRow("1:")]
    [DataRow("1.0 beta")]
    [DataRow("1.0_1")]
    public void What_is_no_version_has_no_order(string version) => Assert.IsNull(DebianVersion.Compare(version, "1.0"));

    [TestMethod]
    public async Task Pairs_are_ordered_as_dpkg_orders_them()
    {
        if (!ProcessRunner.Exists("dpkg"))
        {
            Assert.Inconclusive("This machine has no dpkg to compare with.");
        }

        var pairs = VersionPairs.Random(3000, 20261124, Version, Tricky).Where(p => DebianVersion.Compare(p.A, p.B) is not null).ToList();
        Assert.IsGreaterThan(2500, pairs.Count);
        var file = Path.GetTempFileName();
        // dpkg is asked whether it agrees: one shell for all pairs, each line "a relation b"; what it denies is printed.
        await File.WriteAllLinesAsync(file, pairs.Select(p => $"{p.A} {Math.Sign(DebianVersion.Compare(p.A, p.B)!.Value) switch { < 0 => "lt", 0 => "eq", _ => "gt" }} {p.B}"));
        var denied = await ProcessRunner.RunAsync("sh", ["-c", $"while read -r a r b; do dpkg --compare-versions \"$a\" $r \"$b\" 2>/dev/null || echo \"$a $r $b\"; done < {file}"]);
        File.Delete(file);
        Assert.AreEqual("", denied.Output);
    }

    private static string Version(Random random)
    {
        const string Characters = "0019ab.+~";
        var text = $"{(random.Next(6) == 0 ? $"{random.Next(3)}:" : "")}{random.Next(3)}{VersionPairs.Text(random, Characters, 6)}";
        return random.Next(2) == 0 ? text : $"{text}-{random.Next(3)}{VersionPairs.Text(random, Characters, 3)}";
    }
}
