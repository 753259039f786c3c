using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Who may change daemon.json, or put another in its place, decides what the daemon does as root.</summary>
internal sealed class DaemonConfigurationCheck : IHostCheck
{
    private const int MostFile = 0x1A4; // 0644
    private const int MostFolder = 0x1ED; // 0755

    public Rule Rule => HostSecurityRules.DaemonConfiguration;

    public HostCheckResult Run(HostContext host)
    {
        var findings = new List<Finding>();
        var problems = new List<string>();
        var seen = new List<string>();
        var rootless = host.Docker.Instances.Any(i => i.Rootless) && !host.Docker.Instances.Any(i => !i.Rootless);
        foreach (var path in host.Docker.ConfigFiles)
        {
            var file = host.Probe.Stat(path);
            if (file.Found)
            {
                seen.Add(path);
                var own = rootless && path.StartsWith(host.Probe.HomeDirectory + "/", StringComparison.Ordinal);
                Judge(path, file.Value, MostFile, own, findings);
                var folder = path[..path.LastIndexOf('/')];
                if (host.Probe.Stat(folder) is { Found: true, Value: var parent })
                {
                    Judge(folder, parent, MostFolder, own, findings);
                }
            }
            else if (file.Problem is not null)
            {
                problems.Add(file.Problem);
            }
        }

        if (seen.Count == 0 && problems.Count == 0)
        {
            return HostCheckResult.NotApplicable("There is no daemon.json on this host.");
        }

        return HostCheckResult.Of(findings, problems, $"{string.Join(", ", seen)}: only the owner can change it.");
    }

    private void Judge(string path, HostFile file, int most, bool ownedByUser, List<Finding> findings)
    {
        if (!file.IsWithin(most))
        {
            var wanted = "0" + Convert.ToString(most, 8);
            findings.Add(Found(path, "mode", $"{path} has mode {file.Octal}; it should have {wanted} at most.", $"Run `chmod {wanted} {path}`."));
        }

        if (!ownedByUser && (file.Uid != 0 || file.Gid != 0))
        {
            findings.Add(Found(path, "owner", $"{path} belongs to {file.Uid}:{file.Gid} and not to root:root.", $"Run `chown root:root {path}`."));
        }
    }

    private Finding Found(string path, string key, string message, string remedy) => new()
    {
        Rule = Rule, Severity = Rule.DefaultSeverity, Message = message, Remedy = remedy, Key = key, Location = new() { Path = path },
    };
}
