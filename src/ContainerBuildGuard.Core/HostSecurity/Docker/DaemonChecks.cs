using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>
/// Settings of the Docker daemon (section 2 of the CIS Docker Benchmark). The running daemon's own answer wins; then its command line and daemon.json; then the units
/// that would start it.
/// </summary>
internal static class DaemonChecks
{
    private const string Restart = "and run `systemctl restart docker`";

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Setting("CBG5014", "Containers on the default bridge reach one another", Severity.Low, 1, "CIS Docker 2.2",
            (d, e) => e is { InterContainer.Found: true } ? e.InterContainer.Value : d.Switch("icc") ?? true,
            "Every container on the default bridge can connect to every other.", "\"icc\": false"),
        Setting("CBG5015", "Docker logs too little or too much", Severity.Low, 1, "CIS Docker 2.3",
            (d, _) => d.Last("log-level") is not (null or "info"),
            "Docker's log level is not info, so that events are missing or drown.", "\"log-level\": \"info\""),
        Setting("CBG5016", "Docker does not manage its firewall rules", Severity.Medium, 1, "CIS Docker 2.4",
            (d, _) => d.Switch("iptables") == false,
            "Docker runs with iptables off: what containers publish and reach is whatever the host's own rules let through.", "\"iptables\": true"),
        Setting("CBG5017", "Deprecated storage driver", Severity.Medium, 1, "CIS Docker 2.6",
            (d, e) => (e?.StorageDriver ?? d.Last("storage-driver")) is "aufs" or "devicemapper" or "overlay",
            "Docker stores layers with a driver that is no longer maintained.", "\"storage-driver\": \"overlay2\"", newer: "CIS Docker 1.8.0: 2.7"),
        Setting("CBG5018", "No default limits for containers", Severity.Info, 1, "CIS Docker 2.8",
            (d, _) => d.All("default-ulimits").IsEmpty,
            "Docker sets no default ulimits: a container may open as many files and start as many processes as the daemon.", "\"default-ulimits\": { \"nofile\": { \"Name\": \"nofile\", \"Soft\": 1024, \"Hard\": 65536 } }"),
        Setting("CBG5019", "Containers outside Docker's control group", Severity.Low, 2, "CIS Docker 2.10",
            (d, _) => d.Last("cgroup-parent") is { Length: > 0 } parent && parent is not ("/docker" or "docker" or "system.slice" or "user.slice"),
            "Containers run under another control group than Docker's, whose limits nobody may be watching.", "no \"cgroup-parent\""),
        Setting("CBG5020", "No authorization plug-in", Severity.Info, 2, "CIS Docker 2.12",
            (d, e) => (e?.AuthorizationPlugins ?? d.All("authorization-plugins")).IsEmpty,
            "Whoever reaches Docker's API may do everything: no authorization plug-in narrows it.", "\"authorization-plugins\": [ \"NAME\" ]", HostRoles.ContainerHost),
        Setting("CBG5021", "Base device size changed", Severity.Low, 2, "CIS Docker 2.11",
            (d, _) => d.All("storage-opts").Any(o => o.StartsWith("dm.basesize", StringComparison.Ordinal)),
            "The base device size of containers was raised, which lets one of them fill the disk.", "no \"dm.basesize\" in \"storage-opts\""),
        Setting("CBG5022", "Container logs are thrown away", Severity.Medium, 2, "CIS Docker 2.13",
            (d, e) => (e?.LoggingDriver ?? d.Last("log-driver")) == "none",
            "Docker keeps no logs of containers (log driver none).", "\"log-driver\": \"journald\""),
        Setting("CBG5023", "Container logs grow without limit", Severity.Low, 0, "NIST SP 800-190 4.4.3",
            (d, e) => (e?.LoggingDriver ?? d.Last("log-driver") ?? "json-file") == "json-file" && !d.All("log-opts").Any(o => o.StartsWith("max-size=", StringComparison.Ordinal)),
            "Container logs are JSON files without a size limit: one noisy container fills the disk.", "\"log-opts\": { \"max-size\": \"10m\", \"max-file\": \"3\" }"),
        Setting("CBG5024", "Containers stop with the daemon", Severity.Info, 1, "CIS Docker 2.15",
            (d, e) => !(e?.LiveRestore ?? d.Switch("live-restore") ?? false) && e?.Swarm is not ("active" or "pending"),
            "Containers die when the daemon restarts (live restore is off), so that security updates of the daemon are put off.", "\"live-restore\": true", HostRoles.ContainerHost),
        Setting("CBG5025", "Userland proxy in use", Severity.Info, 1, "CIS Docker 2.16",
            (d, _) => d.Switch("userland-proxy") ?? true,
            "Published ports go through a process of Docker's that hides the client's address and widens the attack surface.", "\"userland-proxy\": false"),
        Setting("CBG5026", "Seccomp off or replaced for all containers", Severity.High, 2, "CIS Docker 2.17",
            (d, e) => e is not null ? !e.SecurityOptions.Any(o => o.StartsWith("name=seccomp", StringComparison.Ordinal) && !o.Contains("unconfined", StringComparison.Ordinal)) : d.Last("seccomp-profile") == "unconfined",
            "Containers start without a seccomp filter: every system call of the shared kernel is theirs.", "no \"seccomp-profile\" (Docker's own is the default)"),
        Setting("CBG5027", "Experimental features on", Severity.Low, 1, "CIS Docker 2.18",
            (d, e) => e?.Experimental ?? d.Switch("experimental") ?? false,
            "Docker runs with experimental features, which get no security support.", "\"experimental\": false"),
        Setting("CBG5028", "Containers may gain privileges", Severity.Low, 1, "CIS Docker 2.14",
            (d, e) => !(e is not null ? e.SecurityOptions.Any(o => o.StartsWith("name=no-new-privileges", StringComparison.Ordinal)) || d.Switch("no-new-privileges") == true : d.Switch("no-new-privileges") ?? false),
            "A process in a container may gain privileges through setuid files: no-new-privileges is not Docker's default.", "\"no-new-privileges\": true"),
        Setting("CBG5033", "Docker runs in debug mode", Severity.Low, 0, "CIS Docker 2.3",
            (d, e) => e?.Debug ?? d.Switch("debug") ?? false,
            "Docker runs in debug mode: it serves profiles of its memory on the API and writes details into the log.", "\"debug\": false"),
        Setting("CBG5035", "Registry mirror without TLS", Severity.High, 0, "NIST SP 800-190 4.2.1",
            (d, _) => d.All("registry-mirrors").Any(m => m.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !Loopback.Is(Loopback.HostOf(m))),
            "Images come through a mirror without TLS: whoever sits between can replace them.", "https:// in \"registry-mirrors\""),
        Setting("CBG5036", "Docker's metrics on the network", Severity.Medium, 0, "NIST SP 800-190 4.5.1",
            (d, _) => d.Last("metrics-addr") is { Length: > 0 } address && !Loopback.Is(Loopback.HostOf(address)),
            "Docker's metrics can be read from the network without authentication.", "\"metrics-addr\": \"127.0.0.1:9323\""),
        Setting("CBG5037", "Docker's API open to web pages", Severity.High, 0, "NIST SP 800-190 4.5.1",
            (d, _) => d.Last("api-cors-header") is { Length: > 0 },
            "Docker's API lets web pages call it (api-cors-header): a page in a browser on this network can start containers.", "no \"api-cors-header\""),
        Setting("CBG5039", "Containers share the host's control groups", Severity.Low, 0, "NIST SP 800-190 4.4.3",
            (d, _) => d.Last("default-cgroupns-mode") == "host",
            "New containers see the control groups of the host.", "\"default-cgroupns-mode\": \"private\""),
        Setting("CBG5040", "Containers share their memory segments", Severity.Low, 0, "NIST SP 800-190 4.4.3",
            (d, _) => d.Last("default-ipc-mode") == "shareable",
            "Other containers may join the IPC namespace of any new container.", "\"default-ipc-mode\": \"private\""),
        Setting("CBG5041", "IPv6 of containers without firewall rules", Severity.Medium, 0, "NIST SP 800-190 4.4.2",
            (d, _) => d.Switch("ipv6") == true && d.Switch("ip6tables") == false,
            "Containers have IPv6 addresses and Docker writes no ip6tables rules: every port of theirs is reachable.", "\"ip6tables\": true"),
        Setting("CBG5042", "Proxy password in Docker's settings", Severity.High, 0, "NIST SP 800-190 4.5.4",
            (d, _) => d.All("http-proxy").Concat(d.All("https-proxy")).Any(p => p.Contains("://…@", StringComparison.Ordinal)),
            "Docker's settings hold a proxy's user and password, which `docker info` shows to everyone who may ask.", "a proxy that needs no password, or the credentials in a local forwarder"),
    ];

    private static HostCheck Setting(string code, string title, Severity severity, int level, string reference, Func<DaemonFacts, EngineFacts?, bool> bad, string message, string setting, HostRoles roles = HostRoles.All, string? newer = null)
    {
        var rule = Rule(code, title, severity, newer is null ? [reference] : [reference, newer]);
        return new(rule, CheckScope.Anywhere, facts => DockerPart.Judge(facts, docker => Judge(rule, docker, bad, message, setting))) { CisLevel = level, Roles = roles };
    }

    private static HostCheckResult Judge(Rule rule, DockerFacts docker, Func<DaemonFacts, EngineFacts?, bool> bad, string message, string setting)
    {
        // The daemon that runs is asked; what units say counts where none runs.
        var asked = docker.Daemons.Any(d => d.Running) ? docker.Daemons.Where(d => d.Running) : docker.Daemons;
        var findings = asked.Where(d => bad(d, Answer(d))).Take(1)
            .Select(d => rule.Found($"{message} ({d.Source})", $"Write `{setting}` in /etc/docker/daemon.json {Restart}.", "/etc/docker/daemon.json"));
        string[] problems = [.. docker.Problems, .. docker.Daemons.Where(d => d.Running).Select(d => d.Engine.Problem).OfType<string>()];

        // What could not be read may be the very setting that is asked for: neither its presence nor its absence is known.
        return problems.Length > 0 && !docker.Daemons.Any(d => Answer(d) is not null) ? HostCheckResult.NotChecked(string.Join("; ", problems) + ".") : HostCheckResult.Of(findings, problems, $"As it should be in {string.Join(", ", asked.Select(d => d.Source))}.");
    }

    private static EngineFacts? Answer(DaemonFacts daemon) => daemon.Engine.Found ? daemon.Engine.Value : null;
}

/// <summary>The guard clause of everything about Docker.</summary>
internal static class DockerPart
{
    public static HostCheckResult Judge(HostFacts facts, Func<DockerFacts, HostCheckResult> judge) =>
        HostCheckResult.Over(facts.Docker, "Docker is not installed.", docker =>
            docker is { Present: false, Problems.IsEmpty: true } ? HostCheckResult.NotApplicable("Docker is neither installed nor running.") : judge(docker));
}
