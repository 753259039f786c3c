using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>What an audit has to say before the policy judges: the findings, and one entry for every rule that was asked.</summary>
public sealed record ControlAudit(ImmutableArray<Finding> Findings, ImmutableArray<AuditCheck> Checks);

/// <summary>Puts the checks of a profile to the facts of a host. Pure: the same facts give the same answers.</summary>
public static class HostAudit
{
    public static ControlAudit Judge(HostFacts facts, HostProfile profile = HostProfile.All)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var checks = ImmutableArray.CreateBuilder<AuditCheck>();
        foreach (var check in HostChecks.All.Where(c => profile.Asks(c)))
        {
            var result = check.Ask(facts);
            findings.AddRange(result.Findings);
            checks.Add(new AuditCheck(check.Rule, result.Outcome, result.Reason));
        }

        return new ControlAudit(findings.ToImmutable(), checks.ToImmutable());
    }
}
