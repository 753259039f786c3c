using ContainerBuildGuard.Core.Tests.HostSecurity.Cases;
using ContainerBuildGuard.HostSecurity;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>Every check fails on a bad host and does not on a good one, from the files to the verdict, with the facts written and read in between.</summary>
[TestClass]
public sealed class HostCheckCasesTests
{
    private static readonly Dictionary<string, HostCase> Cases =
        ((IEnumerable<HostCase>)[.. DockerCases.All, .. PodmanCases.All, .. LinuxCases.All, .. AccessCases.All, .. BuildCases.All]).ToDictionary(c => c.Code);

    /// <summary>Checks whose good state is that there is nothing to speak of.</summary>
    private static readonly string[] NothingIsGood = ["CBG5032", "CBG5080", "CBG5323"];

    public static IEnumerable<object[]> Codes => HostChecks.All.Select(c => new object[] { c.Rule.Code });

    [TestMethod]
    [DynamicData(nameof(Codes))]
    public async Task A_bad_host_fails_with_evidence_and_a_remedy(string code)
    {
        Assert.IsTrue(Cases.TryGetValue(code, out var host), $"{code} has no case in HostSecurity/Cases.");
        var result = await host.Bad.AskAsync(code);
        Assert.AreEqual(AuditOutcome.Failed, result.Outcome, result.Reason);
        foreach (var finding in result.Findings)
        {
            Assert.AreEqual(code, finding.Code);
            Assert.IsGreaterThan(20, finding.Message.Length);
            Assert.IsGreaterThan(10, finding.Remedy.Length);
        }

        Assert.HasCount(result.Findings.Length, result.Findings.Select(f => f.Fingerprint).Distinct(), "Fingerprints tell findings apart.");
    }

    [TestMethod]
    [DynamicData(nameof(Codes))]
    public async Task A_good_host_does_not(string code)
    {
        var result = await Cases[code].Good.AskAsync(code);
        Assert.AreEqual(NothingIsGood.Contains(code) ? AuditOutcome.NotApplicable : AuditOutcome.Passed, result.Outcome, result.Reason);
    }

    [TestMethod]
    public void There_are_checks_enough_and_every_one_names_its_reference()
    {
        Assert.IsGreaterThanOrEqualTo(120, HostChecks.All.Length);
        Assert.IsTrue(HostChecks.All.All(c => c.Rule.References.Any(r => r.StartsWith("CIS Docker ", StringComparison.Ordinal) || r.StartsWith("NIST SP 800-190 ", StringComparison.Ordinal))));
    }
}
