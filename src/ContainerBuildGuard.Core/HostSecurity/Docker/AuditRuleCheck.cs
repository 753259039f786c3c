using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Rules of auditd for the engine's files and folders, sixteen recommendations of the benchmark in one question. Only what is on the host has to be watched.</summary>
internal static class AuditRuleCheck
{
    private const string Group = "audited";
    private static readonly string[] Programs = ["dockerd", "containerd", "containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2", "runc"];
    private static readonly string[] Fixed =
    [
        "/run/containerd", "/run/containerd/containerd.sock", "/etc/docker", "/etc/docker/daemon.json", "/etc/default/docker", "/etc/sysconfig/docker", "/etc/containerd/config.toml",
    ];

    private static readonly Rule Unwatched = Rule("CBG5013", "Container engine files not audited", Severity.Low, [.. Enumerable.Range(3, 16).Select(n => $"CIS Docker 1.1.{n}")]);

    public static HostCheck Check { get; } = new(Unwatched, CheckScope.Host, facts => DockerPart.Judge(facts, _ => Judge(facts))) { CisLevel = 1, Roles = HostRoles.ContainerHost | HostRoles.BuildAgent };

    /// <summary>Makes facts of what has to be watched on this host: the units and the data folder where they really are.</summary>
    public static void Collect(HostReader host, string dataRoot)
    {
        // Where /usr/sbin is a link to /usr/bin each program would be asked for twice.
        string[] folders = host.Probe.ReadLink("/usr/sbin").Found ? ["/usr/bin", "/usr/local/bin"] : ["/usr/bin", "/usr/sbin", "/usr/local/bin"];
        host.Group(Group, [.. Fixed, dataRoot, .. folders.SelectMany(f => Programs.Select(p => $"{f}/{p}"))]);
        foreach (var unit in (string[])["docker.service", "docker.socket"])
        {
            host.Group(Group, DockerUnits.Files(host, unit, []).Take(1));
        }
    }

    private static HostCheckResult Judge(HostFacts facts) => HostCheckResult.Over(facts.System, "", system =>
    {
        var asked = facts.Group(Group);
        if (system.AuditRules.Problem is { } problem)
        {
            return HostCheckResult.NotChecked(problem + ".");
        }

        if (asked.IsEmpty)
        {
            return facts.Incomplete is [var unread, ..] ? HostCheckResult.NotChecked(unread + ".") : HostCheckResult.NotApplicable("None of the engine's files is where it usually is.");
        }

        string[] watched = [.. (system.AuditRules.Found ? system.AuditRules.Value : "").Split('\n').SelectMany(Watched).Select(Merged)];
        string[] missing = [.. asked.Where(p => !watched.Any(w => w == Merged(p) || Merged(p).StartsWith(w + "/", StringComparison.Ordinal)))];
        return HostCheckResult.Of(missing.Length == 0 ? [] : [Unwatched.Found(
            $"auditd has no rule for {missing.Length} of {asked.Length} files and folders of the container engine: {List(missing, 4)}.",
            "Install auditd, write `-w PATH -k docker` for each into /etc/audit/rules.d/docker.rules, and run `augenrules --load`.", "/etc/audit/rules.d",
            fix: $"printf '%s\\n' {string.Join(' ', missing.Select(m => Quote($"-w {m} -k docker")))} >> /etc/audit/rules.d/docker.rules && augenrules --load")], [],
            $"Every path of the benchmark that is on this host is watched: {List(asked, 3)}.");
    });

    private static IEnumerable<string> Watched(string rule)
    {
        var words = rule.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Any(w => w is "never,exit" or "exit,never"))
        {
            // What is named there is left out of the log.
            yield break;
        }

        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == "-w" && i + 1 < words.Length)
            {
                yield return words[i + 1];
            }
            else if (words[i].StartsWith("path=", StringComparison.Ordinal) || words[i].StartsWith("dir=", StringComparison.Ordinal))
            {
                yield return words[i][(words[i].IndexOf('=', StringComparison.Ordinal) + 1)..];
            }
        }
    }

    /// <summary>One name for a path that has two where /lib is a link to /usr/lib and /var/run one to /run, as on every current distribution.</summary>
    private static string Merged(string path) =>
        (path.StartsWith("/lib/", StringComparison.Ordinal) ? "/usr" + path : path.StartsWith("/var/run/", StringComparison.Ordinal) ? path["/var".Length..] : path).TrimEnd('/');
}
