namespace ContainerBuildGuard.SystemPackages;

[TestClass]
public sealed class ApkVersionTests
{
    /// <summary>Each version sorts below the next; together they meet every rule, also between neighbours that are not next to each other.</summary>
    private static readonly string[] Ascending =
    [
        "0.9", "1.0_alpha", "1.0_alpha1", "1.0_alpha2", "1.0_beta", "1.0_pre1", "1.0_rc1", "1.0_rc1-r1", "1.0", "1.0-r1", "1.0-r2", "1.0_cvs", "1.0_svn2", "1.0_git1", "1.0_git20240101", "1.0_hg1", "1.0_p1", "1.0_p1-r1", "1.0_p2",
        "1.0b", "1.0c", "1.0.1", "1.01", "1.010", "1.1", "1.2_rc1", "1.2", "1.2_p1", "6.6.2_p2", "6.6.2p1", "20240101000000000000", "20240101000000000001",
    ];

    [TestMethod]
    public void Every_version_sorts_above_all_before_it()
    {
        for (var i = 0; i < Ascending.Length; i++)
        {
            Assert.AreEqual(0, ApkVersion.Compare(Ascending[i], Ascending[i]), Ascending[i]);
            for (var j = 0; j < i; j++)
            {
                Assert.AreEqual(1, Math.Sign(ApkVersion.Compare(Ascending[i], Ascending[j])!.Value), $"{Ascending[i]} and {Ascending[j]}");
                Assert.AreEqual(-1, Math.Sign(ApkVersion.Compare(Ascending[j], Ascending[i])!.Value), $"{Ascending[j]} and {Ascending[i]}");
            }
        }
    }

    [TestMethod]
    [DataRow("1-r1", "1-r01", 0)]
    [DataRow("1.00", "1.0", -1)]
    [DataRow("1.001", "1.01", -1)]
    [DataRow("1.2~a1-r0", "1.2~a2-r0", -1)]
    [DataRow("1.2_git1~abc", "1.2_git2~000", -1)]
    [DataRow("01.5", "1.5", 0)]
    public void Known_pairs(string a, string b, int expected) => Assert.AreEqual(expected, Math.Sign(ApkVersion.Compare(a, b)!.Value));

    [TestMethod]
    [DataRow("")]
    [DataRow("a")]
    [DataRow("1.")]
    [DataRow("1..2")]
    [DataRow("1.0_foo")]
    [DataRow("1.0-1")]
    [DataRow("1.0-r1-r2")]
    [DataRow("1.0-r1_rc1")]
    [DataRow("1.0ab")]
    [DataRow("1.0 ")]
    [DataRow("1.0_rc_")]
    public void What_is_no_version_has_no_order(string version) => Assert.IsNull(ApkVersion.Compare(version, "1.0"));
}
