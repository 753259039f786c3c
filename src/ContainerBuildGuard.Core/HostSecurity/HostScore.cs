using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>
/// How much of what was asked holds, in hundredths: passed weight of all weight that applies. What could not be checked earns nothing, so that a score cannot be raised by
/// looking away; a waived finding counts as failed all the same.
/// </summary>
public static class HostScore
{
    public static int Of(IEnumerable<AuditCheck> checks, ImmutableDictionary<string, int> weights)
    {
        var (earned, possible) = (0, 0);
        foreach (var check in checks.Where(c => c.Outcome != AuditOutcome.NotApplicable))
        {
            var weight = weights.GetValueOrDefault(check.Rule.Code, Weight(check.Rule.DefaultSeverity));
            possible += weight;
            earned += check.Outcome == AuditOutcome.Passed ? weight : 0;
        }

        return possible == 0 ? 0 : 100 * earned / possible;
    }

    private static int Weight(Severity severity) => severity switch
    {
        Severity.Critical => 10,
        Severity.High => 5,
        Severity.Medium => 3,
        Severity.Low => 1,
        _ => 0,
    };
}
