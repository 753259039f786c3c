using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>What the host shows to the network, and how its file systems are mounted.</summary>
internal static class ExposureChecks
{
    private static readonly Dictionary<int, string> Administration = new()
    {
        [2379] = "etcd", [2380] = "etcd", [3306] = "MySQL", [5432] = "PostgreSQL", [5900] = "VNC", [6000] = "X11", [6379] = "Redis", [9200] = "Elasticsearch", [10250] = "kubelet", [10255] = "kubelet",
        [11211] = "memcached", [27017] = "MongoDB", [3389] = "remote desktop", [4243] = "Docker", [8125] = "statsd", [9323] = "Docker's metrics", [1338] = "containerd's metrics",
    };

    private static readonly Dictionary<int, string> ClearText = new() { [21] = "FTP", [23] = "telnet", [69] = "TFTP", [512] = "rexec", [513] = "rlogin", [514] = "rsh", [873] = "rsync", [111] = "portmapper" };

    private static readonly Rule Admin = Rule("CBG5236", "Administration service open to the network", Severity.Medium, "NIST SP 800-190 4.5.1");
    private static readonly Rule Legacy = Rule("CBG5237", "Service without encryption open to the network", Severity.Medium, "NIST SP 800-190 4.5.1");
    private static readonly Rule Program = Rule("CBG5239", "Listening program that others can replace", Severity.High, "NIST SP 800-190 4.5.5");
    private static readonly Rule Registry = Rule("CBG5238", "Image registry open to the network", Severity.Medium, "NIST SP 800-190 4.2.3");

    private static readonly Rule NoFirewall = Rule("CBG5235", "No firewall starts with the host", Severity.Low, "NIST SP 800-190 4.5.1");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        new(NoFirewall, CheckScope.RunningHost, f => HostCheckResult.Over(f.Network, "", network => HostCheckResult.Over(network.Firewalls, "", on => HostCheckResult.Of(on.IsEmpty
            ? [NoFirewall.Found("No firewall is switched on to start with the host: whatever listens is open to every network that it is on.", "Enable ufw, firewalld or nftables with incoming connections denied by default; ports that Docker publishes go past ufw, so publish them on 127.0.0.1.")]
            : [], [], $"{List(on)} is switched on; its rules were not read.")))),
        Open(Admin, Administration, "Bind it to 127.0.0.1 or the network that needs it, and require authentication."),
        Open(Legacy, ClearText, "Replace it with SSH, SFTP or HTTPS, and run `systemctl disable --now` on it."),
        Open(Registry, new() { [5000] = "an image registry", [5001] = "an image registry" }, "Put it behind TLS and authentication, or bind it to 127.0.0.1."),
        new(Program, CheckScope.RunningHost, f => Listening(f, sockets => JudgePrograms(f, sockets))),
        Mount("CBG5185", "Temporary folder allows setuid programs", Severity.Low, "/tmp", "nosuid", "nodev"),
        Mount("CBG5186", "Shared memory allows programs", Severity.Low, "/dev/shm", "nosuid", "nodev", "noexec"),
        Mount("CBG5187", "Second temporary folder allows setuid programs", Severity.Info, "/var/tmp", "nosuid", "nodev"),
        Mount("CBG5188", "Home file system allows devices", Severity.Info, "/home", "nosuid", "nodev"),
    ];

    private static HostCheck Open(Rule rule, Dictionary<int, string> ports, string remedy) => new(rule, CheckScope.RunningHost, facts => Listening(facts, sockets => HostCheckResult.Of(
        sockets.Where(s => ports.ContainsKey(s.Port) && !Docker.Loopback.Is(s.Address)).DistinctBy(s => s.Port).Select(s => rule.Found(
            $"Port {s.Port} ({ports[s.Port]}) listens on {s.Address} ({(s.Process is null ? $"uid {s.Uid}" : $"process {s.Process}, uid {s.Uid}")}).", remedy, key: $"{s.Port}")), [], $"{sockets.Length} ports listen, none of these beyond this machine.")));

    private static HostCheckResult Listening(HostFacts facts, Func<ImmutableArray<ListeningSocket>, HostCheckResult> judge) =>
        HostCheckResult.Over(facts.Network, "", network => HostCheckResult.Over(network.Listening, "/proc/net/tcp does not exist.", judge));

    private static HostCheckResult JudgePrograms(HostFacts facts, ImmutableArray<ListeningSocket> sockets)
    {
        var problems = new List<string>();
        var named = sockets.Where(s => s.Program?.StartsWith('/') == true).ToArray();
        var findings = named.Select(s => (Socket: s, Why: WritablePath.By(facts, s.Program!, problems, s.Uid))).Where(s => s.Why is not null).DistinctBy(s => s.Socket.Program).Select(s => Program.Found(
            $"{s.Socket.Program} listens on port {s.Socket.Port}, and {s.Why}: another user can change what answers there.", "Install the service where only root can write.", s.Socket.Program)).ToArray();
        return named.Length < sockets.Length && findings.Length == 0
            ? HostCheckResult.NotChecked($"The programs of {sockets.Length - named.Length} listening ports are hidden; run as root to see them.")
            : HostCheckResult.Of(findings, problems.Take(3), "Only owners can change the programs that listen.");
    }

    private static HostCheck Mount(string code, string title, Severity severity, string target, params string[] options)
    {
        var rule = Rule(code, title, severity, "NIST SP 800-190 4.5.5");
        return new(rule, CheckScope.RunningHost, facts => HostCheckResult.Over(facts.System, "", system => HostCheckResult.Over(system.Mounts, "/proc/self/mountinfo does not exist.", mounts =>
        {
            var mount = mounts.LastOrDefault(m => m.Target == target);
            if (mount is null && target is not "/tmp")
            {
                return HostCheckResult.NotApplicable($"{target} is no mount of its own.");
            }

            string[] missing = mount is null ? options : [.. options.Except(mount.Options)];
            return HostCheckResult.Of(missing.Length == 0 ? [] : [rule.Found(
                mount is null ? $"{target} is no mount of its own, so that it cannot refuse setuid programs and can fill the system's disk." : $"{target} is mounted without {string.Join(", ", missing)}.",
                mount is null ? "Run `systemctl enable --now tmp.mount`, or give it a line in /etc/fstab with nosuid,nodev." : $"Add {string.Join(",", missing)} to its options in /etc/fstab and run `mount -o remount {target}`.", target, fix: mount is null ? null : $"mount -o remount,{string.Join(',', missing)} {target}")], [], $"{target}: {string.Join(",", mount?.Options ?? [])}.");
        })));
    }
}
