using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>A member of the group docker can mount the host's root file system: root without a password.</summary>
internal sealed class DockerGroupCheck : IHostCheck
{
    public Rule Rule => HostSecurityRules.DockerGroup;

    public HostCheckResult Run(HostContext host)
    {
        var groups = host.Probe.ReadText("/etc/group");
        var users = host.Probe.ReadText("/etc/passwd");
        if (!groups.Found || !users.Found)
        {
            return HostCheckResult.NotChecked(groups.Problem ?? users.Problem ?? "/etc/group or /etc/passwd does not exist.");
        }

        var docker = Accounts.ParseGroups(groups.Value).Where(g => g.Name == "docker").ToArray();
        if (docker.Length == 0)
        {
            return HostCheckResult.NotApplicable("There is no group docker in /etc/group.");
        }

        var accounts = Accounts.ParseUsers(users.Value).ToArray();
        var names = docker.SelectMany(g => g.Members)
            .Concat(accounts.Where(u => docker.Any(g => g.Gid == u.Gid)).Select(u => u.Name))
            .Where(name => !accounts.Any(u => u.Name == name && u.Uid == 0))
            .Distinct(StringComparer.Ordinal);
        var findings = names.Select(name => new Finding
        {
            Rule = Rule,
            Severity = Rule.DefaultSeverity,
            Message = $"User {name} is in the group docker, which is root on this host without a password.",
            Remedy = $"Run `gpasswd --delete {name} docker` and let the user build with rootless Docker or Podman; waive it for a build account that is meant to have this power.",
            Key = name,
            Location = new() { Path = "/etc/group" },
        });
        return HostCheckResult.Of(findings, [], "The group docker has no member but root in /etc/group and /etc/passwd.");
    }
}
