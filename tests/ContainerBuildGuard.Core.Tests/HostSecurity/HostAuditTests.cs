using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

[TestClass]
public sealed class HostAuditTests
{
    [TestMethod]
    public async Task Every_rule_of_the_catalogue_is_asked_once()
    {
        var audit = await HostAudit.RunAsync(new FakeHost(), TimeProvider.System, CancellationToken.None);
        Assert.AreSequenceEqual(HostSecurityRules.All, audit.Checks.Select(c => c.Rule));
        Assert.IsFalse(audit.Checks.Any(c => c.Outcome == AuditOutcome.Passed), "An empty host has nothing that could pass.");
        Assert.IsFalse(audit.Checks.Any(c => c.Reason.Length == 0));
    }

    [TestMethod]
    public async Task Another_system_than_Linux_is_not_checked_at_all()
    {
        var audit = await HostAudit.RunAsync(new FakeHost { IsLinux = false }, TimeProvider.System, CancellationToken.None);
        Assert.IsTrue(audit.Checks.All(c => c.Outcome == AuditOutcome.NotChecked));
    }

    [TestMethod]
    public async Task This_machine_gets_an_answer_to_every_rule_and_a_finding_for_every_failure()
    {
        var audit = await HostAudit.RunAsync(new LocalHostProbe(), TimeProvider.System, CancellationToken.None);
        Assert.HasCount(HostSecurityRules.All.Length, audit.Checks);
        Assert.AreSequenceEqual(
            audit.Checks.Where(c => c.Outcome == AuditOutcome.Failed).Select(c => c.Rule.Code),
            audit.Findings.Select(f => f.Code).Distinct());
    }

    [TestMethod]
    public void Every_rule_has_its_page_with_its_title()
    {
        foreach (var rule in HostSecurityRules.All)
        {
            Assert.StartsWith($"# {rule.Code}: {rule.Title}\n", rule.ReadPage());
            Assert.AreEqual(Control.HostSecurity, rule.Control);
        }
    }
}
