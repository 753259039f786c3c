using System.Collections.Immutable;
using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.Policies;

/// <summary>The policy's word on findings and gaps.</summary>
public sealed record Judgement(Verdict Verdict, ImmutableArray<Finding> Findings, ImmutableArray<Finding> Refusing)
{
    /// <summary>Lets the caller refuse more, never less.</summary>
    public Judgement AlsoRefusing(Func<Finding, bool> refuses)
    {
        ImmutableArray<Finding> refusing = [.. Findings.Where(f => Refusing.Contains(f) || (f.Waiver is null && refuses(f)))];
        return new Judgement(refusing.IsEmpty ? Verdict.Passed : Verdict.Refused, Findings, refusing);
    }
}

/// <summary>Applies severities, waivers and thresholds. Pure: the same findings, policy and day give the same judgement.</summary>
public static class PolicyJudge
{
    public static Judgement Judge(Policy policy, IEnumerable<Finding> findings, IEnumerable<Gap> gaps, TimeProvider time)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var all = findings.Concat(gaps.Distinct().Select(ToFinding)).Select(f => Override(policy, f)).OfType<Finding>().ToList();
        var judged = Merge(all).Select(f => Waive(policy, f, today)).ToList();
        judged.AddRange(WaiverFindings(policy, all, today).Select(f => Override(policy, f)).OfType<Finding>());
        judged = [.. judged.OrderByDescending(f => f.Severity).ThenBy(f => f.Code, StringComparer.Ordinal).ThenBy(f => f.Location.Path, StringComparer.Ordinal).ThenBy(f => f.Message, StringComparer.Ordinal)];
        ImmutableArray<Finding> refusing = [.. judged.Where(f => Refuses(policy, f))];
        return new Judgement(refusing.IsEmpty ? Verdict.Passed : Verdict.Refused, [.. judged], refusing);
    }

    private static bool Refuses(Policy policy, Finding finding)
    {
        var threshold = policy.ControlFailOn.TryGetValue(finding.Rule.Control, out var own) ? own : policy.FailOn;
        return finding.Waiver is null && finding.Effect switch
        {
            Effect.Warns => false,
            Effect.Refuses => true,
            _ => threshold is { } lowest && finding.Severity >= lowest,
        };
    }

    private static Finding? Override(Policy policy, Finding finding) =>
        !policy.RuleSeverities.TryGetValue(finding.Code, out var severity) ? finding
        : severity is null ? null
        : finding with { Severity = severity.Value };

    private static Finding Waive(Policy policy, Finding finding, DateOnly today) =>
        policy.Waivers.FirstOrDefault(w => !w.IsExpired(today) && w.Matches(finding)) is { } waiver
            ? finding with { Waiver = new AppliedWaiver(waiver.Owner is null ? waiver.Reason : $"{waiver.Reason} ({waiver.Owner})", waiver.Expires) }
            : finding;

    /// <summary>The same finding on several platforms is one, with the platforms named.</summary>
    private static IEnumerable<Finding> Merge(IEnumerable<Finding> findings) =>
        findings.GroupBy(f => (f.Fingerprint, f.Severity, f.Package?.Version)).Select(g => g.First() with
        {
            Platform = string.Join(", ", g.Select(f => f.Platform).OfType<string>().Distinct()) is { Length: > 0 } platforms ? platforms : null,
        });

    private static IEnumerable<Finding> WaiverFindings(Policy policy, List<Finding> findings, DateOnly today)
    {
        foreach (var waiver in policy.Waivers)
        {
            var used = findings.Any(waiver.Matches);
            if (used && !waiver.IsExpired(today))
            {
                continue;
            }

            var rule = waiver.IsExpired(today) ? PolicyRules.ExpiredWaiver : PolicyRules.UnusedWaiver;
            yield return new Finding
            {
                Rule = rule,
                Severity = rule.DefaultSeverity,
                Message = waiver.IsExpired(today)
                    ? $"The waiver of {waiver.Code} expired on {waiver.Expires!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} and no longer waives ({waiver.Reason})."
                    : $"The waiver of {waiver.Code} matches nothing ({waiver.Reason}).",
                Remedy = used ? "Fix what it waived, or decide anew and set another date." : $"Take it out of {policy.Path}.",
                Location = new Location { Path = policy.Path, Line = waiver.Line },
                Key = $"{waiver.Code} {waiver.Line.ToString(CultureInfo.InvariantCulture)}",
            };
        }
    }

    private static Finding ToFinding(Gap gap) => new()
    {
        Rule = PolicyRules.NotChecked,
        Severity = PolicyRules.NotChecked.DefaultSeverity,
        Message = $"{(gap.Path is null ? gap.What : $"/{gap.Path}")} could not be checked: {gap.Reason}.",
        Remedy = "What was not checked is not passed: remove it, or accept it with a waiver of CBG9008 for its path.",
        Location = new Location { LayerIndex = gap.LayerIndex, Path = gap.Path },
        Key = $"{gap.What} {gap.Reason}",
    };
}
