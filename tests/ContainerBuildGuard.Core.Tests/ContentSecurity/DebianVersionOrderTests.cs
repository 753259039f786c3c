using System.Diagnostics;

namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class DebianVersionOrderTests
{
    [TestMethod]
    [DataRow("1.0", "1.0", 0)]
    [DataRow("1.0~rc1", "1.0", -1)]
    [DataRow("1:0.1", "2.0", 1)]
    [DataRow("1.0-1", "1.0-1+b1", -1)]
    [DataRow("1.0a", "1.0+", -1)]
    [DataRow("0", "00", 0)]
    [DataRow("1.09", "1.9", 0)]
    [DataRow("1.0-1~deb12u1", "1.0-1", -1)]
    public void Known_pairs(string a, string b, int expected)
    {
        Assert.AreEqual(expected, Math.Sign(VersionOrder.Compare("Debian", a, b)!.Value));
        Assert.AreEqual(-expected, Math.Sign(VersionOrder.Compare("Debian", b, a)!.Value));
    }

    [TestMethod]
    public void Random_pairs_as_dpkg_orders_them()
    {
        if (!File.Exists("/usr/bin/dpkg"))
        {
            Assert.Inconclusive("This machine has no dpkg to compare with.");
        }

        var random = new Random(20261124);
        foreach (var _ in Enumerable.Range(0, 400))
        {
            var (a, b) = (Version(random), Version(random));
            Assert.AreEqual(Dpkg(a, b), Math.Sign(VersionOrder.Compare("Debian", a, b)!.Value), $"{a} and {b}");
        }
    }

    private static string Version(Random random)
    {
        const string Characters = "0019ab.+~";
        var text = (random.Next(6) == 0 ? $"{random.Next(3)}:" : "") + random.Next(3);
        for (var i = random.Next(6); i > 0; i--)
        {
            text += Characters[random.Next(Characters.Length)];
        }

        return random.Next(2) == 0 ? text : $"{text}-{random.Next(3)}{Characters[random.Next(Characters.Length)]}";
    }

    private static int Dpkg(string a, string b)
    {
        bool Is(string relation)
        {
            using var process = Process.Start("/usr/bin/dpkg", ["--compare-versions", a, relation, b]);
            process.WaitForExit();
            return process.ExitCode == 0;
        }

        return Is("lt") ? -1 : Is("gt") ? 1 : 0;
    }
}
