using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>The host around the daemon (section 1 of the CIS Docker Benchmark), its version, its socket.</summary>
internal static class DockerHostChecks
{
    private const int MostSocket = 0x1B0; // 0660
    private static readonly Rule Socket = Rule("CBG5001", "Docker socket open to others", Severity.High, "CIS Docker 3.15", "CIS Docker 3.16", "NIST SP 800-190 4.5.4");
    private static readonly Rule Version = Rule("CBG5011", "Docker version out of support", Severity.Medium, "CIS Docker 1.2.2", "NIST SP 800-190 4.4.1");
    private static readonly Rule Partition = Rule("CBG5012", "Container data on the system's partition", Severity.Low, "CIS Docker 1.1.1");
    private static readonly Rule Runtime = Rule("CBG5045", "Container runtime out of support", Severity.High, "NIST SP 800-190 4.4.1");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        new(Socket, CheckScope.Anywhere, JudgeSocket) { CisLevel = 1 },
        new(Version, CheckScope.Anywhere, f => DockerPart.Judge(f, d => JudgeVersion(f, d))) { CisLevel = 1 },
        new(Partition, CheckScope.Host, f => DockerPart.Judge(f, d => JudgePartition(f, d))) { CisLevel = 1, Roles = HostRoles.ContainerHost | HostRoles.BuildAgent },
        AuditRuleCheck.Check,
        new(Runtime, CheckScope.Anywhere, f => DockerPart.Judge(f, d => JudgeRuntime(f, d))),
    ];

    private static HostCheckResult JudgeSocket(HostFacts facts)
    {
        var findings = new List<Finding>();
        var problems = new List<string>();
        var seen = new List<string>();
        foreach (var path in facts.Group("docker-socket"))
        {
            var file = facts.Stat(path);
            if (file.Problem is { } problem)
            {
                problems.Add(problem);
            }
            else if (file is { Found: true, Value.IsSocket: true })
            {
                seen.Add(path);
                findings.AddRange(JudgeSocket(facts, path, file.Value, problems));
            }
        }

        return seen.Count == 0 && problems.Count == 0
            ? facts.Incomplete is [var unread, ..] ? HostCheckResult.NotChecked(unread + ".") : HostCheckResult.NotApplicable("There is no Docker socket on this host.")
            : HostCheckResult.Of(findings, problems, $"{string.Join(", ", seen)}: owner, group and mode keep others out.");
    }

    private static IEnumerable<Finding> JudgeSocket(HostFacts facts, string path, HostFile socket, List<string> problems)
    {
        if (!socket.IsWithin(MostSocket))
        {
            var others = (socket.Permissions & 0x2) != 0;
            yield return Socket.Found($"The Docker socket {path} has mode {socket.Octal}{(others ? ": every local user can become root through it" : "")}.",
                $"Run `chmod 0660 {path}`, and set SocketMode=0660 in docker.socket so that it stays.", path, "mode", others ? Severity.Critical : null, $"chmod 0660 -- {Quote(path)}");
        }

        if (socket.Uid != 0)
        {
            // A rootless daemon's socket belongs to the user that runs it and lies in that user's own folder.
            var folder = facts.Stat(path[..path.LastIndexOf('/')]);
            if (!folder.Found || folder.Value.Uid != socket.Uid)
            {
                yield return Socket.Found($"The Docker socket {path} belongs to uid {socket.Uid} and not to root.", $"Run `chown root:docker {path}`.", path, "owner", fix: $"chown root:docker -- {Quote(path)}");
            }

            yield break;
        }

        var groups = facts.Accounts.Found ? facts.Accounts.Value.Groups : Probed<ImmutableArray<GroupAccount>>.Unreadable(facts.Accounts.Problem ?? "the accounts were not read");
        if (!groups.Found)
        {
            problems.Add(groups.Problem ?? "/etc/group does not exist");
        }
        else if (socket.Gid != 0 && groups.Value.FirstOrDefault(g => g.Gid == socket.Gid)?.Name is not "docker" and var name)
        {
            yield return Socket.Found($"The Docker socket {path} belongs to group {name ?? $"{socket.Gid} (no such group)"} and not to docker.",
                $"Run `chown root:docker {path}`, and remove \"group\" from /etc/docker/daemon.json.", path, "group", fix: $"chown root:docker -- {Quote(path)}");
        }
    }

    private static HostCheckResult JudgeVersion(HostFacts facts, DockerFacts docker)
    {
        if (!docker.Engine.Found)
        {
            return docker.Engine.Problem is { } problem ? HostCheckResult.NotChecked(problem + ".") : HostCheckResult.NotApplicable("No Docker daemon runs; only a running one says its version.");
        }

        var version = docker.Engine.Value.Version;
        var end = EngineReleases.EndOf("docker-engine", version);
        var packaged = EngineReleases.IsPackaged(version);
        return end is null ? HostCheckResult.NotChecked($"The end of support of Docker {version} is not known to this version of the guard.")
            : HostCheckResult.Of(end < DateOnly.FromDateTime(facts.Collected.UtcDateTime)
                ? [Version.Found($"Docker {version} is out of its makers' support since {end:yyyy-MM-dd}{(packaged ? "; only the distribution still mends it" : "")}.", "Install a supported Docker Engine from download.docker.com or a newer release of the distribution.", key: version, severity: packaged ? Severity.Low : null)] : [],
                [], $"Docker {version} is in support.");
    }

    private static HostCheckResult JudgeRuntime(HostFacts facts, DockerFacts docker)
    {
        if (!docker.Engine.Found)
        {
            return docker.Engine.Problem is { } problem ? HostCheckResult.NotChecked(problem + ".") : HostCheckResult.NotApplicable("No Docker daemon runs.");
        }

        var today = DateOnly.FromDateTime(facts.Collected.UtcDateTime);
        var known = docker.Engine.Value.Components.Where(c => EngineReleases.IsOld(c.Key, c.Value, today) is not null).ToArray();
        return known.Length == 0 ? HostCheckResult.NotChecked("The engine does not say which containerd and runc it uses.")
            : HostCheckResult.Of(known.Where(c => EngineReleases.IsOld(c.Key, c.Value, today) == true).Select(c => Runtime.Found(
                $"{c.Key} {c.Value} is of a release line that gets no fixes from its makers{(EngineReleases.IsPackaged(c.Value) ? "; only the distribution still mends it" : "")}.",
                "Update the containerd.io package (or the distribution's containerd and runc).", key: c.Key, severity: EngineReleases.IsPackaged(c.Value) ? Severity.Low : null)), [], $"{string.Join(", ", known.Select(c => $"{c.Key} {c.Value}"))}.");
    }

    private static HostCheckResult JudgePartition(HostFacts facts, DockerFacts docker)
    {
        var (data, root) = (facts.Stat(docker.DataRoot), facts.Stat("/"));
        return !data.Found || !root.Found
            ? data.Problem is { } problem ? HostCheckResult.NotChecked(problem + ".") : HostCheckResult.NotApplicable($"{docker.DataRoot} does not exist.")
            : HostCheckResult.Of(data.Value.Device == root.Value.Device
                ? [Partition.Found($"{docker.DataRoot} lies on the file system of /: images and logs can fill the host's disk.", "Give Docker's data a file system of its own, or move it there with \"data-root\" in /etc/docker/daemon.json.", docker.DataRoot)] : [],
                [], $"{docker.DataRoot} has a file system of its own.");
    }
}
