using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>Where a check has a meaning.</summary>
public enum CheckScope
{
    /// <summary>Everywhere: it asks about files, engines and users that are there or not.</summary>
    Anywhere,

    /// <summary>Not inside a container: its own users, mounts and services are not the host's.</summary>
    Host,

    /// <summary>Not of a folder, which has no kernel and no processes; inside a container it is the host's kernel that answers.</summary>
    Kernel,

    /// <summary>Neither inside a container nor of a folder.</summary>
    RunningHost,
}

/// <summary>What a machine is for. A check belongs to all roles unless it says otherwise.</summary>
[Flags]
public enum HostRoles
{
    Developer = 1,
    BuildAgent = 2,
    ContainerHost = 4,
    All = Developer | BuildAgent | ContainerHost,
}

/// <summary>One question put to the facts: a rule, where and for whom it counts, and a pure function.</summary>
public sealed record HostCheck(Rule Rule, CheckScope Scope, Func<HostFacts, HostCheckResult> Judge)
{
    public HostRoles Roles { get; init; } = HostRoles.All;

    /// <summary>The level in the CIS Docker Benchmark; 0 where the benchmark does not ask.</summary>
    public int CisLevel { get; init; }

    internal HostCheckResult Ask(HostFacts facts)
    {
        var inside = facts.Container is { Found: true, Value.Inside: true };
        return facts switch
        {
            { Linux: false } => HostCheckResult.NotChecked("Only Linux hosts can be audited; run the audit on the Linux machine that builds or runs the containers."),
            { Offline: true } when Scope is CheckScope.Kernel or CheckScope.RunningHost => HostCheckResult.NotApplicable("A folder has no running kernel and no processes."),
            _ when inside && Scope is CheckScope.Host or CheckScope.RunningHost => HostCheckResult.NotApplicable($"The audit runs in a container ({facts.Container.Value.Evidence}), which says nothing of its host here."),
            _ => Judge(facts),
        };
    }
}

/// <summary>A check's answer.</summary>
public sealed record HostCheckResult
{
    private HostCheckResult(AuditOutcome outcome, string reason, ImmutableArray<Finding> findings)
        => (Outcome, Reason, Findings) = (outcome, Text.Clean(reason)!, findings);

    public AuditOutcome Outcome { get; }
    public string Reason { get; }
    public ImmutableArray<Finding> Findings { get; }

    /// <summary>There is nothing on this host that the rule speaks of.</summary>
    public static HostCheckResult NotApplicable(string reason) => new(AuditOutcome.NotApplicable, reason, []);

    /// <summary>It could not be looked at.</summary>
    public static HostCheckResult NotChecked(string reason) => new(AuditOutcome.NotChecked, reason, []);

    /// <summary>Failed with any finding; else not checked with any problem; else passed.</summary>
    public static HostCheckResult Of(IEnumerable<Finding> findings, IEnumerable<string> problems, string passed)
    {
        ImmutableArray<Finding> found = [.. findings];
        string[] unread = [.. problems.Distinct(StringComparer.Ordinal)];
        if (found.Length > 0)
        {
            var more = found.Length > 1 ? $" (and {found.Length - 1} more)" : "";
            var gaps = unread.Length > 0 ? $" Not read: {string.Join("; ", unread)}." : "";
            return new(AuditOutcome.Failed, found[0].Message + more + gaps, found);
        }

        return unread.Length > 0 ? NotChecked(string.Join("; ", unread) + ".") : new(AuditOutcome.Passed, passed, []);
    }

    /// <summary>Judges a part of the facts that may be absent or unreadable.</summary>
    internal static HostCheckResult Over<T>(Probed<T> part, string absent, Func<T, HostCheckResult> judge) =>
        part.Found ? judge(part.Value) : part.Problem is { } problem ? NotChecked(problem + ".") : NotApplicable(absent);
}
