using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Without a user namespace root in a container is root outside as soon as it escapes.</summary>
internal sealed class UserNamespaceCheck : IHostCheck
{
    public Rule Rule => HostSecurityRules.UserNamespace;

    public HostCheckResult Run(HostContext host)
    {
        var docker = host.Docker;
        if (!docker.Present && docker.Problems.Length == 0)
        {
            return HostCheckResult.NotApplicable("Docker is neither installed nor running.");
        }

        // What could not be read may be the very setting that is asked for.
        if (docker.Problems.Length > 0)
        {
            return HostCheckResult.NotChecked(string.Join("; ", docker.Problems) + ".");
        }

        var findings = docker.Instances.Where(i => !i.Rootless && i.Settings.UsernsRemap.Length == 0).Take(1).Select(i => new Finding
        {
            Rule = Rule,
            Severity = Rule.DefaultSeverity,
            Message = $"Docker ({i.Source}) runs as root without userns-remap: root in a container is root on the host.",
            Remedy = "Set \"userns-remap\": \"default\" in /etc/docker/daemon.json and run `systemctl restart docker` (images are pulled anew), or install rootless Docker with `dockerd-rootless-setuptool.sh install`.",
            Key = "userns",
        });
        return HostCheckResult.Of(findings, [], "Docker remaps users or runs rootless.");
    }
}
