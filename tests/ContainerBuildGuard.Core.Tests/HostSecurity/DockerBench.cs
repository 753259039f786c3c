using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>
/// What docker-bench-security 1.6.0 makes of such a host, stated from its published checks, number by number, as it reads daemon.json without jq and audit rules without auditctl.
/// True: it warns (or, where it only remarks, says that it is not set).
/// </summary>
internal static class DockerBench
{
    public static bool Warns(string number, DockerSetup host) => number switch
    {
        "1.1.1" => host.Data == "folder",
        "1.2.2" => false,
        "2.2" => !(Flag(host, "icc")?.Contains("false", StringComparison.Ordinal) == true || Of(host, "icc") == "false"),
        // Whether the file has a level is asked of a pipe that never fails, so that the flag's turn does not come.
        "2.3" => Of(host, "log-level") is { } level && !level.Contains("info", StringComparison.Ordinal),
        "2.4" => Flag(host, "iptables") == "false" || Of(host, "iptables") == "false",
        "2.5" => Flag(host, "insecure-registry") is not null || Of(host, "insecure-registries") is not (null or "[]"),
        "2.6" => host.StorageDriver == "aufs",
        "2.7" => ListensOnTcp(host) && !(Flag(host, "tlsverify") is not null || Of(host, "tlsverify") == "true"),
        "2.8" => Flag(host, "default-ulimit") is null && Of(host, "default-ulimits") is null or "{}",
        // A value that is there and empty counts as one.
        "2.9" => Flag(host, "userns-remap") is null && Of(host, "userns-remap") is null,
        // The file's value is filtered by an expression that keeps nothing.
        "2.10" => Flag(host, "cgroup-parent") is not null,
        "2.11" => Flag(host, "storage-opt")?.Contains("dm.basesize", StringComparison.Ordinal) == true || Of(host, "storage-opts")?.Contains("dm.basesize", StringComparison.Ordinal) == true,
        "2.12" => Flag(host, "authorization-plugin") is null && Of(host, "authorization-plugins") is null or "[]",
        "2.13" => host.LoggingDriver == "json-file",
        "2.14" => Flag(host, "no-new-privileges") is null && Of(host, "no-new-privileges") != "true",
        "2.15" => !host.LiveRestore && host.Swarm != "active" && Flag(host, "live-restore") is null,
        "2.16" => Of(host, "userland-proxy") != "false" && Flag(host, "userland-proxy") != "false",
        "2.17" => host.Seccomp != "name=seccomp,profile=default",
        // Of releases after 19.03 it only says that the question is deprecated.
        "2.18" => host.Version.StartsWith("18.", StringComparison.Ordinal) && host.Experimental,
        "5.1" => host.Swarm == "active",
        // It counts leaders, of which every swarm has one; a worker sees none.
        "7.1" => host.Swarm == "active" && host.IsWorker,
        "7.2" => host.Swarm == "active" && host.SwarmOnEveryInterface,
        "7.3" => !host.Encrypted,
        "7.5" => host.Swarm == "active" && !host.AutoLock,
        "7.7" => host.Swarm == "active" && host.CertificateDays != 2,
        _ when number.StartsWith("1.1.", StringComparison.Ordinal) => AuditWarns(number, host),
        _ => FileWarns(number, host.File!.Value),
    };

    /// <summary>1.1.3 and 1.1.4 are asked always, the others where the path is there; a rule counts that has the path anywhere in it.</summary>
    private static bool AuditWarns(string number, DockerSetup host)
    {
        var path = Audits[int.Parse(number["1.1.".Length..], System.Globalization.CultureInfo.InvariantCulture) - 3];
        return (number is "1.1.3" or "1.1.4" || path is "/etc/docker" or "/etc/docker/daemon.json" or "/var/lib/docker" || host.Installed.Contains(path)) && !host.Audited.Any(a => a.Contains(path, StringComparison.Ordinal));
    }

    /// <summary>
    /// Owner checks want root (3.7 the user alone, 3.15 the group docker), mode checks compare octal digits as one decimal number; 3.14 wants one mode alone. A number that looks at another file
    /// only remarks that its own is not there. 3.20 and 3.22 have changed places against the benchmark.
    /// </summary>
    private static bool FileWarns(string number, (string Path, string Mode, uint Uid, uint Gid) file) => LooksAt(number, file.Path) && number switch
    {
        "3.7" => file.Uid != 0,
        "3.15" => file.Uid != 0 || file.Gid != 106,
        "3.1" or "3.3" or "3.5" or "3.9" or "3.11" or "3.13" or "3.17" or "3.19" or "3.21" or "3.23" => file.Uid != 0 || file.Gid != 0,
        "3.14" => file.Mode != "400",
        "3.6" => Decimal(file.Mode) > 755,
        "3.8" or "3.10" or "3.12" => Decimal(file.Mode) > 444,
        "3.16" or "3.24" => Decimal(file.Mode) > 660,
        _ => Decimal(file.Mode) > 644,
    };

    private static bool LooksAt(string number, string path) => number switch
    {
        "3.1" or "3.2" => path.EndsWith("/docker.service", StringComparison.Ordinal),
        "3.3" or "3.4" => path.EndsWith("/docker.socket", StringComparison.Ordinal),
        "3.5" or "3.6" => path == "/etc/docker",
        "3.7" or "3.8" => path.StartsWith("/etc/docker/certs.d/", StringComparison.Ordinal) && path.EndsWith(".crt", StringComparison.Ordinal),
        "3.9" or "3.10" => path == "/tls/ca.pem",
        "3.11" or "3.12" => path == "/tls/cert.pem",
        "3.13" or "3.14" => path == "/tls/key.pem",
        "3.15" or "3.16" => path == "/var/run/docker.sock",
        "3.17" or "3.18" => path == "/etc/docker/daemon.json",
        "3.19" or "3.22" => path == "/etc/default/docker",
        "3.20" or "3.21" => path == "/etc/sysconfig/docker",
        _ => path == "/run/containerd/containerd.sock",
    };

    /// <summary>The paths of 1.1.3 to 1.1.18. 1.1.8 asks for a systemd unit containerd.socket, which containerd does not have.</summary>
    public static readonly string[] Audits =
    [
        "/usr/bin/dockerd", "/run/containerd", "/var/lib/docker", "/etc/docker", "/lib/systemd/system/docker.service", "/lib/systemd/system/containerd.socket", "/lib/systemd/system/docker.socket", "/etc/default/docker",
        "/etc/docker/daemon.json", "/etc/containerd/config.toml", "/etc/sysconfig/docker", "/usr/bin/containerd", "/usr/bin/containerd-shim", "/usr/bin/containerd-shim-runc-v1", "/usr/bin/containerd-shim-runc-v2", "/usr/bin/runc",
    ];

    /// <summary>One address on the command line; several are too many words for its test.</summary>
    private static bool ListensOnTcp(DockerSetup host) => host.Json.Contains("tcp://", StringComparison.Ordinal) || host.Flags.Count(f => f.StartsWith("-H=tcp://", StringComparison.Ordinal)) == 1;

    private static int Decimal(string mode) => int.Parse(mode, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The value of the last flag of this name; empty for a bare one.</summary>
    public static string? Flag(DockerSetup host, string name) => host.Flags.Where(f => f == $"--{name}" || f.StartsWith($"--{name}=", StringComparison.Ordinal)).Select(f => f.Contains('=', StringComparison.Ordinal) ? f[(f.IndexOf('=', StringComparison.Ordinal) + 1)..] : "").LastOrDefault();

    public static string? Of(DockerSetup host, string name) => JsonNode.Parse(host.Json)![name]?.ToJsonString().Trim('"');
}
