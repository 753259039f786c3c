using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>An audit after the policy has judged it.</summary>
public sealed record HostReport(GuardResult Result, HostProfile Profile, int Score)
{
    public static HostReport Of(HostFacts facts, Policy policy, HostProfile profile, TimeProvider time, TimeSpan collected)
    {
        var audit = HostAudit.Judge(facts, profile);

        // The policy of a repository waives image findings too; that those match nothing here is no news.
        var own = policy with { Waivers = [.. policy.Waivers.Where(w => HostChecks.All.Any(c => c.Rule.Code == w.Code))] };
        var judgement = PolicyJudge.Judge(own, audit.Findings, [], time);
        var result = new GuardResult
        {
            Reference = facts.Offline ? "host (a folder)" : "host",
            Verdict = judgement.Verdict,
            Controls = [Control.HostSecurity],
            Findings = judgement.Findings,
            Refusing = judgement.Refusing,
            Checks = [.. audit.Checks.Where(c => !policy.RuleSeverities.TryGetValue(c.Rule.Code, out var severity) || severity is not null)],
            Elapsed = collected,
        };
        return new HostReport(result, profile, HostScore.Of(result.Checks, policy.HostWeights));
    }
}
