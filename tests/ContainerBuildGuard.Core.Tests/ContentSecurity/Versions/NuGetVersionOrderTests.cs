using ContainerBuildGuard.SystemPackages;
using NuGet.Versioning;

namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class NuGetVersionOrderTests
{
    private static readonly string[] Tricky =
    [
        "1.0", "1.0.0", "1.0.0.0", "1.0.0-BETA", "1.0.0-beta", "1.0.0-pre", "1.0.0.1-alpha", "1.0.0.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.01", "1.0.1", "1.0.0+build", "8.0.324", "8.0.3",
        "1.0.0-beta.99999999999", "1.0.0-beta.2147483647", "1.0.0-1a", "1.0.0-a.b", "1.0.0-a",
    ];

    [TestMethod]
    public void Pairs_are_ordered_as_NuGet_orders_them()
    {
        foreach (var (a, b) in VersionPairs.Random(4000, 20261126, Version, Tricky))
        {
            var expected = NuGetVersion.TryParse(a, out var x) && NuGetVersion.TryParse(b, out var y) ? Math.Sign(VersionComparer.VersionRelease.Compare(x, y)) : (int?)null;
            Assert.AreEqual(expected, VersionOrder.Compare("NuGet", a, b) is { } order ? Math.Sign(order) : null, $"{a} and {b}");
        }
    }

    [TestMethod]
    [DataRow("4.700.22.51706.1")]
    [DataRow("1.x")]
    [DataRow("")]
    public void What_is_no_version_has_no_order(string version) => Assert.IsNull(VersionOrder.Compare("NuGet", version, "1.0.0"));

    [TestMethod]
    public void An_unknown_ecosystem_has_no_order() => Assert.IsNull(VersionOrder.Compare("Hackage", "1.0", "1.0"));

    private static string Version(Random random) =>
        $"{random.Next(3)}.{random.Next(3)}{(random.Next(2) == 0 ? $".{random.Next(3)}" : "")}{(random.Next(2) == 0 ? $"-{VersionPairs.Text(random, "aAbB1200.-", 6)}" : "")}";
}
