using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.Policies;

[TestClass]
public sealed class PolicyJudgeTests
{
    [TestMethod]
    [DataRow("high", Severity.High, Verdict.Refused)]
    [DataRow("high", Severity.Medium, Verdict.Passed)]
    [DataRow("none", Severity.Critical, Verdict.Passed)]
    [DataRow("low", Severity.Info, Verdict.Passed)]
    public void The_threshold_decides(string threshold, Severity severity, Verdict expected) =>
        Assert.AreEqual(expected, Judge($"fail-on: {threshold}", Finding(severity)).Verdict);

    [TestMethod]
    public void A_controls_own_threshold_wins() =>
        Assert.AreEqual(Verdict.Refused, Judge("fail-on: none\ncontrols:\n  hardened-configuration:\n    fail-on: low", Finding(Severity.Low)).Verdict);

    [TestMethod]
    public void A_rule_that_is_off_is_silent() => Assert.IsEmpty(Judge("rules:\n  CBG2001: off", Finding(Severity.Critical)).Findings);

    [TestMethod]
    public void A_waiver_keeps_the_finding_and_takes_its_force()
    {
        var judgement = Judge("waivers:\n  - code: CBG2001\n    path: /app/*\n    reason: known", Finding(Severity.High), Finding(Severity.High) with { Location = new Location { Path = "etc/x" } });
        Assert.AreEqual(Verdict.Refused, judgement.Verdict);
        Assert.AreEqual("etc/x", judgement.Refusing.Single().Location.Path);
        Assert.AreEqual("known", judgement.Findings.Single(f => f.Waiver is not null).Waiver!.Reason);
    }

    [TestMethod]
    public void An_expired_waiver_says_so_and_waives_nothing()
    {
        var judgement = Judge("waivers:\n  - code: CBG2001\n    reason: known\n    expires: 2020-01-01", Finding(Severity.High));
        Assert.AreEqual(Verdict.Refused, judgement.Verdict);
        Assert.Contains("CBG9020", judgement.Findings.Select(f => f.Code));
    }

    [TestMethod]
    public void An_unused_waiver_says_so() => Assert.Contains("CBG9021", Judge("waivers:\n  - code: CBG2004\n    reason: known", Finding(Severity.High)).Findings.Select(f => f.Code));

    [TestMethod]
    public void A_gap_refuses_by_default()
    {
        var judgement = PolicyJudge.Judge(Policy.Default, [], [new Gap("packages", "no database")], TimeProvider.System);
        Assert.AreEqual(Verdict.Refused, judgement.Verdict);
        Assert.AreEqual("CBG9008", judgement.Refusing.Single().Code);
    }

    private static Judgement Judge(string yaml, params Finding[] findings) =>
        PolicyJudge.Judge(PolicyLoader.Parse(yaml, "p.yaml", RuleCatalog.Codes), findings, [], TimeProvider.System);

    private static Finding Finding(Severity severity) => new()
    {
        Rule = HardenedConfigurationRules.All.Single(r => r.Code == "CBG2001"),
        Severity = severity,
        Message = "m",
        Remedy = "r",
        Location = new Location { Path = "app/x" },
    };
}
