using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

[TestClass]
public sealed class HostAuditTests
{
    [TestMethod]
    public async Task Every_rule_of_the_catalogue_is_asked_once()
    {
        var audit = HostAudit.Judge(await new FakeHost().FactsAsync());
        Assert.AreSequenceEqual(HostSecurityRules.All.Skip(1), audit.Checks.Select(c => c.Rule));
        Assert.IsFalse(audit.Checks.Any(c => c.Reason.Length == 0));
    }

    [TestMethod]
    public async Task Another_system_than_Linux_is_not_checked_at_all()
    {
        var audit = HostAudit.Judge(await new FakeHost { IsLinux = false }.FactsAsync());
        Assert.IsTrue(audit.Checks.All(c => c.Outcome == AuditOutcome.NotChecked));
    }

    [TestMethod]
    public async Task This_machine_gets_an_answer_to_every_rule_and_a_finding_for_every_failure()
    {
        var facts = await HostCollector.CollectAsync(new LocalHostProbe(), TimeProvider.System, CancellationToken.None);
        var audit = HostAudit.Judge(facts);
        Assert.HasCount(HostChecks.All.Length, audit.Checks);
        Assert.AreSequenceEqual(audit.Checks.Where(c => c.Outcome == AuditOutcome.Failed).Select(c => c.Rule.Code), audit.Findings.Select(f => f.Code).Distinct());
    }

    [TestMethod]
    public async Task Inside_a_container_the_hosts_questions_have_no_meaning()
    {
        var facts = await Cases.AccessCases.SshServer("PermitRootLogin yes").File("/.dockerenv").FactsAsync();
        Assert.AreEqual(AuditOutcome.NotApplicable, HostAudit.Judge(facts).Checks.Single(c => c.Rule.Code == "CBG5007").Outcome);
    }

    [TestMethod]
    public async Task A_folder_is_not_asked_for_its_kernel()
    {
        var facts = await new FakeHost { Root = "/mnt/image" }.Sysctl("kernel.kptr_restrict", "0").FactsAsync();
        Assert.AreEqual(AuditOutcome.NotApplicable, HostAudit.Judge(facts).Checks.Single(c => c.Rule.Code == "CBG5005").Outcome);
    }

    [TestMethod]
    public void Profiles_in_policies_are_those_of_the_audit_and_every_one_asks_something()
    {
        Assert.AreSequenceEqual(HostProfiles.Names, PolicyReader.HostProfileNames);
        foreach (var profile in Enum.GetValues<HostProfile>())
        {
            Assert.IsTrue(HostChecks.All.Any(c => profile.Asks(c)), profile.Name());
        }

        Assert.IsTrue(HostChecks.All.Where(c => HostProfile.CisLevel2.Asks(c)).All(c => c.Rule.References.Any(r => r.StartsWith("CIS", StringComparison.Ordinal)) || c.Rule.Code == "CBG5115"));
    }

    [TestMethod]
    public void What_could_not_be_checked_earns_nothing_in_the_score()
    {
        var rule = HostChecks.All[0].Rule;
        AuditCheck[] passed = [new(rule, AuditOutcome.Passed, "")];
        Assert.AreEqual(100, HostScore.Of(passed, []));
        Assert.AreEqual(50, HostScore.Of([.. passed, new(rule, AuditOutcome.NotChecked, "")], []));
        Assert.AreEqual(100, HostScore.Of([.. passed, new(rule, AuditOutcome.NotApplicable, "")], []));
        var weights = System.Collections.Immutable.ImmutableDictionary<string, int>.Empty.Add(HostChecks.All[1].Rule.Code, 0);
        Assert.AreEqual(100, HostScore.Of([.. passed, new(HostChecks.All[1].Rule, AuditOutcome.Failed, "")], weights));
    }

    [TestMethod]
    public async Task A_policy_switches_off_waives_and_judges()
    {
        var facts = await Cases.DockerCases.Daemon("""{ "iptables": false, "debug": true }""").FactsAsync();
        var policy = Policy.Default with
        {
            FailOn = Severity.Medium,
            RuleSeverities = Policy.Default.RuleSeverities.Add("CBG5033", null),
            Waivers = [new Waiver { Code = "CBG5016", Reason = "rules are written by hand" }, new Waiver { Code = "CBG2001", Reason = "of an image" }],
        };
        var report = HostReport.Of(facts, policy, HostProfile.All, TimeProvider.System, default);
        Assert.IsFalse(report.Result.Checks.Any(c => c.Rule.Code == "CBG5033"));
        Assert.AreEqual("rules are written by hand", report.Result.Findings.Single(f => f.Code == "CBG5016").Waiver!.Reason);
        Assert.IsFalse(report.Result.Findings.Any(f => f.Code == "CBG9021"), "An image's waiver is no news here.");
    }
}
