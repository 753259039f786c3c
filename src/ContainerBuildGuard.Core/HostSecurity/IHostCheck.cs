using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Docker;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>One question put to the host.</summary>
public interface IHostCheck
{
    Rule Rule { get; }

    HostCheckResult Run(HostContext host);
}

/// <summary>The host and the day of the audit; what several checks need is read once.</summary>
public sealed class HostContext(IHostProbe probe, DateOnly today)
{
    private DockerDaemon? _docker;

    public IHostProbe Probe { get; } = probe;
    public DateOnly Today { get; } = today;

    internal DockerDaemon Docker => _docker ??= DockerDaemon.Read(Probe);
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
}
