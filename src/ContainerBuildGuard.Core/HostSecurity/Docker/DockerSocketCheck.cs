using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Whoever may write to the socket is root: owner root, group docker (or root), nothing for others.</summary>
internal sealed class DockerSocketCheck : IHostCheck
{
    private const int Most = 0x1B0; // 0660
    private const int OthersMayWrite = 0x2;

    public Rule Rule => HostSecurityRules.DockerSocket;

    public HostCheckResult Run(HostContext host)
    {
        var findings = new List<Finding>();
        var problems = new List<string>();
        var seen = new List<string>();
        foreach (var path in Paths(host))
        {
            var file = host.Probe.Stat(path);
            if (file.Problem is not null)
            {
                problems.Add(file.Problem);
            }
            else if (file is { Found: true, Value.IsSocket: true })
            {
                seen.Add(path);
                Judge(host.Probe, path, file.Value, findings, problems);
            }
        }

        if (seen.Count == 0 && problems.Count == 0)
        {
            return HostCheckResult.NotApplicable("There is no Docker socket on this host.");
        }

        return HostCheckResult.Of(findings, problems, $"{string.Join(", ", seen)}: owner, group and mode keep others out.");
    }

    private static IEnumerable<string> Paths(HostContext host)
    {
        var runtime = host.Probe.EnvironmentVariable("XDG_RUNTIME_DIR");
        return host.Docker.Instances.SelectMany(i => i.Settings.Hosts)
            .Append(host.Probe.EnvironmentVariable("DOCKER_HOST") ?? "")
            .Where(h => h.StartsWith("unix://", StringComparison.Ordinal))
            .Select(h => h["unix://".Length..])
            .Append("/var/run/docker.sock")
            .Append(string.IsNullOrEmpty(runtime) ? "" : $"{runtime}/docker.sock")
            .Where(path => path.StartsWith('/'))
            .Select(path => path == "/run/docker.sock" ? "/var/run/docker.sock" : path)
            .Distinct(StringComparer.Ordinal);
    }

    private void Judge(IHostProbe probe, string path, HostFile socket, List<Finding> findings, List<string> problems)
    {
        if (!socket.IsWithin(Most))
        {
            var others = (socket.Permissions & OthersMayWrite) != 0;
            findings.Add(Found(path, "mode", others ? Severity.Critical : Rule.DefaultSeverity,
                $"The Docker socket {path} has mode {socket.Octal}{(others ? ": every local user can become root through it" : "")}.",
                $"Run `chmod 0660 {path}`, and set SocketMode=0660 in docker.socket so that it stays."));
        }

        if (socket.Uid != 0)
        {
            // A rootless daemon's socket belongs to the user that runs it and lies in that user's own folder.
            var folder = probe.Stat(path[..path.LastIndexOf('/')]);
            if (!folder.Found || folder.Value.Uid != socket.Uid)
            {
                findings.Add(Found(path, "owner", Rule.DefaultSeverity, $"The Docker socket {path} belongs to uid {socket.Uid} and not to root.", $"Run `chown root:docker {path}`."));
            }

            return;
        }

        var groups = probe.ReadText("/etc/group");
        if (!groups.Found)
        {
            problems.Add(groups.Problem ?? "/etc/group does not exist");
        }
        else if (socket.Gid != 0 && Accounts.ParseGroups(groups.Value).FirstOrDefault(g => g.Gid == socket.Gid)?.Name is not "docker" and var name)
        {
            findings.Add(Found(path, "group", Rule.DefaultSeverity,
                $"The Docker socket {path} belongs to group {name ?? $"{socket.Gid} (no such group)"} and not to docker.",
                $"Run `chown root:docker {path}`, and remove \"group\" from /etc/docker/daemon.json."));
        }
    }

    private Finding Found(string path, string key, Severity severity, string message, string remedy) => new()
    {
        Rule = Rule, Severity = severity, Message = message, Remedy = remedy, Key = key, Location = new() { Path = path },
    };
}
