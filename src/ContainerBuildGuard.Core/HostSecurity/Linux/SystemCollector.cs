using System.Collections.Immutable;
using System.Globalization;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

internal static class SystemCollector
{
    public static Probed<SystemFacts> Collect(HostReader host)
    {
        var probe = host.Probe;
        var release = host.Text("/etc/os-release");
        var kernel = host.Text("/proc/sys/kernel/osrelease");
        var processes = probe.Processes();
        return new SystemFacts
        {
            Release = (release.Found ? release : host.Text("/usr/lib/os-release")) is { Found: true, Value: var text } ? Assignments(text) : ImmutableSortedDictionary<string, string>.Empty,
            Kernel = kernel.Found ? kernel.Value.Trim() : "",
            InstalledKernels = [.. host.Expand("/boot/vmlinuz-*").Select(p => p["/boot/vmlinuz-".Length..])],
            RebootRequired = host.Exists("/run/reboot-required"),
            CpuVulnerabilities = host.Expand("/sys/devices/system/cpu/vulnerabilities/*").Select(p => (Name: p[(p.LastIndexOf('/') + 1)..], Text: host.Text(p)))
                .Where(v => v.Text.Found).ToImmutableSortedDictionary(v => v.Name, v => v.Text.Value.Trim(), StringComparer.Ordinal),
            SecurityModules = host.Text("/sys/kernel/security/lsm").Select(t => t.Trim()),
            SELinuxEnforce = host.Text("/sys/fs/selinux/enforce").Select(t => t.Trim()),
            Lockdown = host.Text("/sys/kernel/security/lockdown").Select(t => t.Trim()),
            CgroupV2 = host.Exists("/sys/fs/cgroup/cgroup.controllers"),
            Mounts = host.Text("/proc/self/mountinfo").Select(t => t.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Mount).OfType<MountFact>().ToImmutableArray()),
            ProcessNames = processes.Select(p => p.Select(x => x.Name.Split(' ', ':')[0]).Where(n => n.Length > 0).Distinct().Order(StringComparer.Ordinal).ToImmutableArray()),
            AuditRules = AuditRules(host),
            JournalStorage = host.Text("/etc/systemd/journald.conf").Select(t => Assignments(t).GetValueOrDefault("Storage", "auto")),
        };
    }

    /// <summary>NAME=value lines, quotes taken off; the last one wins.</summary>
    public static ImmutableSortedDictionary<string, string> Assignments(string text)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (_, line) in HostReader.Lines(text))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
            {
                values[line[..at].Trim()] = line[(at + 1)..].Trim().Trim('"', '\'');
            }
        }

        return values.ToImmutable();
    }

    /// <summary>The rules that auditd loads at start: rules.d where it exists, else audit.rules.</summary>
    private static Probed<string> AuditRules(HostReader host)
    {
        var problems = new List<string>();
        string[] files = [.. host.Expand("/etc/audit/rules.d/*.rules", problems), .. host.Expand("/etc/audit/audit.rules")];
        var text = string.Concat(files.Select(f => host.Text(f, problems) + "\n"));
        return problems.Count > 0 ? Probed<string>.Unreadable(string.Join("; ", problems))
            : files.Length == 0 ? Probed<string>.Absent
            : string.Join('\n', HostReader.Lines(text).Select(l => l.Text));
    }

    private static MountFact? Mount(string line)
    {
        // 36 35 98:0 /root /target rw,noatime master:1 - ext4 /dev/root rw
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-");
        return dash > 5 && dash + 1 < fields.Length ? new MountFact(Unescape(fields[3]), Unescape(fields[4]), fields[dash + 1], [.. fields[5].Split(',')]) : null;
    }

    private static string Unescape(string field)
    {
        for (var at = field.IndexOf('\\', StringComparison.Ordinal); at >= 0 && at + 4 <= field.Length; at = field.IndexOf('\\', at + 1))
        {
            var digits = field.Substring(at + 1, 3);
            if (digits.All(c => c is >= '0' and <= '7'))
            {
                field = $"{field[..at]}{(char)(Convert.ToInt32(digits, 8) & 0xFF)}{field[(at + 4)..]}";
            }
        }

        return field;
    }
}

internal static class SysctlCollector
{
    /// <summary>Reads what the table of parameters asks about.</summary>
    public static Probed<ImmutableSortedDictionary<string, Probed<string>>> Collect(HostReader host) =>
        SysctlChecks.Names.Distinct(StringComparer.Ordinal).ToImmutableSortedDictionary(
            name => name,
            name => host.Text("/proc/sys/" + name.Replace('.', '/')).Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Trim()}")),
            StringComparer.Ordinal);
}
