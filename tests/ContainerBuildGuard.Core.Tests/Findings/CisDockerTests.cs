using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Core.Tests.Findings;

[TestClass]
public sealed class CisDockerTests
{
    [TestMethod]
    [DataRow("CIS Docker 2.6", "2.6 2.6 2.6")]
    [DataRow("CIS Docker 2.7", "2.7 2.7 2.8")]
    [DataRow("CIS Docker 2.18", "2.18 2.18 2.19")]
    [DataRow("CIS Docker 1.1.18", "1.1.18 1.1.18 1.1.18")]
    [DataRow("CIS Docker 5.32", "5.32 5.32 5.32")]
    [DataRow("CIS Docker 7.9", "7.9 7.9 7.9")]
    [DataRow("CIS Docker 1.8.0: 2.7", "2.7")]
    [DataRow("CIS Kubernetes 5.2.1", "")]
    [DataRow("NIST SP 800-190 4.1.1", "")]
    public void A_reference_has_its_number_in_every_edition_that_asks(string reference, string expected) =>
        Assert.AreEqual(expected, string.Join(' ', CisDocker.Editions.SelectMany(e => CisDocker.Numbers([reference], e))));

    [TestMethod]
    public void Every_edition_is_asked_by_the_rules()
    {
        // 1.8.0 has one recommendation more; every other number is only called otherwise.
        var references = ContainerBuildGuard.HostSecurity.HostSecurityRules.All.SelectMany(r => r.References).ToList();
        var numbers = CisDocker.Editions.Select(e => CisDocker.Numbers(references, e).ToHashSet()).ToList();
        Assert.AreEqual(numbers[0].Count, numbers[1].Count);
        Assert.AreEqual(numbers[0].Count + 1, numbers[2].Count);
        Assert.Contains("2.19", numbers[2]);
    }
}
