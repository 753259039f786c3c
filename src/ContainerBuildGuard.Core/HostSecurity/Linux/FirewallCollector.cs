using System.Collections.Immutable;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The firewalls that are switched on to start with the host, from files: reading the rules themselves takes root and another language for each.</summary>
internal static class FirewallCollector
{
    private static readonly string[] WantedBy = ["/etc/systemd/system/multi-user.target.wants", "/etc/systemd/system/sysinit.target.wants", "/etc/systemd/system/network-pre.target.wants"];

    public static Probed<ImmutableArray<string>> Collect(HostReader host)
    {
        var problems = new List<string>();
        var on = ImmutableArray.CreateBuilder<string>();

        // Its unit is enabled by its package; whether it does anything stands in its own file.
        if (HostReader.Lines(host.Text("/etc/ufw/ufw.conf", problems)).Any(l => l.Text.Replace(" ", "", StringComparison.Ordinal).Trim('"') is "ENABLED=yes" or "ENABLED=\"yes"))
        {
            on.Add("ufw");
        }

        foreach (var name in (string[])["firewalld", "nftables", "iptables", "netfilter-persistent", "shorewall", "apf"])
        {
            if (WantedBy.Any(folder => host.Probe.ReadLink($"{folder}/{name}.service").Found) && (name != "netfilter-persistent" || host.Exists("/etc/iptables/rules.v4")))
            {
                on.Add(name);
            }
        }

        return on.Count == 0 && problems.Count > 0 ? Probed<ImmutableArray<string>>.Unreadable(problems[0]) : on.ToImmutable();
    }
}
