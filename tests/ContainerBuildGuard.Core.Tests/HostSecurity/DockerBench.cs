using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>A host as docker-bench-security looks at it: the daemon's flags and file, what `docker info` says, and files with owner and mode.</summary>
internal sealed record DockerSetup
{
    public string[] Flags { get; init; } = [];
    public string Json { get; init; } = "{}";
    public string LoggingDriver { get; init; } = "json-file";
    public string StorageDriver { get; init; } = "overlay2";
    public string Seccomp { get; init; } = "name=seccomp,profile=default";
    public bool LiveRestore { get; init; }
    public bool Experimental { get; init; }
    public string Swarm { get; init; } = "inactive";
    public int Managers { get; init; } = 1;
    public bool SwarmOnEveryInterface { get; init; }
    public bool AutoLock { get; init; }
    public bool Encrypted { get; init; } = true;

    /// <summary>One file: its path, mode (octal digits), owner and group.</summary>
    public (string Path, string Mode, uint Uid, uint Gid)? File { get; init; }

    /// <summary>Paths that auditd has rules for.</summary>
    public string[] Audited { get; init; } = [];

    public FakeHost ToHost()
    {
        const string Socket = "/var/run/docker.sock";
        const string Addresses = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: {0}:0949 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0000000000000000 100 0 0 10 0\n";
        var options = new JsonArray([JsonValue.Create(Seccomp), .. Json.Contains("userns-remap", StringComparison.Ordinal) || Flags.Any(f => f.Contains("userns-remap", StringComparison.Ordinal)) ? [JsonValue.Create("name=userns")] : Array.Empty<JsonNode>()]);
        var info = new JsonObject
        {
            ["ServerVersion"] = "29.1.0",
            [nameof(LoggingDriver)] = LoggingDriver,
            ["Driver"] = StorageDriver,
            ["LiveRestoreEnabled"] = LiveRestore,
            ["ExperimentalBuild"] = Experimental,
            ["SecurityOptions"] = options,
            [nameof(Swarm)] = new JsonObject { ["LocalNodeState"] = Swarm, ["ControlAvailable"] = Swarm == "active", [nameof(Managers)] = Managers },
        };
        if (JsonNode.Parse(Json)!["authorization-plugins"] is { } plugins)
        {
            info["Plugins"] = new JsonObject { ["Authorization"] = plugins.DeepClone() };
        }

        var host = new FakeHost().User(0).File("/etc/docker/daemon.json", Json).File("/usr/bin/dockerd", mode: 0x1ED).Process(0, ["dockerd", .. Flags]).Socket(Socket, 0x1B0, 0, 106).File("/etc/group", "root:x:0:\ndocker:x:106:\n")
            .Answer(Socket, "/info", info.ToJsonString())
            .Answer(Socket, "/swarm", new JsonObject { ["Spec"] = new JsonObject { ["EncryptionConfig"] = new JsonObject { ["AutoLockManagers"] = AutoLock } } }.ToJsonString())
            .Answer(Socket, "/networks", new JsonArray(new JsonObject { ["Name"] = "app", ["Driver"] = "overlay", ["Options"] = Encrypted ? new JsonObject { ["encrypted"] = "" } : [] }).ToJsonString())
            .File("/proc/net/tcp", Addresses.Replace("{0}", SwarmOnEveryInterface ? "00000000" : "0100000A", StringComparison.Ordinal))
            .File("/etc/audit/rules.d/docker.rules", string.Concat(Audited.Select(p => $"-w {p} -k docker\n")));
        if (File is { } file)
        {
            var mode = Convert.ToInt32(file.Mode, 8);
            host = file.Path.EndsWith(".sock", StringComparison.Ordinal) ? host.Socket(file.Path, mode, file.Uid, file.Gid)
                : file.Path == "/etc/docker" ? host.Folder(file.Path, mode, file.Uid, file.Gid)
                : host.File(file.Path, file.Path.EndsWith(".json", StringComparison.Ordinal) ? Json : "x", mode, file.Uid, file.Gid);
        }

        return host;
    }
}

/// <summary>What docker-bench-security 1.6.0 makes of such a host, stated from its published checks, number by number. True: it warns (or, where it only remarks, says that it is not set).</summary>
internal static class DockerBench
{
    public static bool Warns(string number, DockerSetup host) => number switch
    {
        "2.2" => !(Flag(host, "icc")?.Contains("false", StringComparison.Ordinal) == true || Of(host, "icc") == "false"),
        "2.3" => Of(host, "log-level") is { } level ? !level.Contains("info", StringComparison.Ordinal) : Flag(host, "log-level") is { } flag && !flag.Contains("info", StringComparison.Ordinal),
        "2.4" => Flag(host, "iptables") == "false" || Of(host, "iptables") == "false",
        "2.5" => Flag(host, "insecure-registry") is not null || Of(host, "insecure-registries") is not (null or "[]"),
        "2.6" => host.StorageDriver == "aufs",
        "2.7" => (host.Flags.Any(f => f.StartsWith("-H=tcp://", StringComparison.Ordinal)) || host.Json.Contains("tcp://", StringComparison.Ordinal)) && !(Flag(host, "tlsverify") is not null || Of(host, "tlsverify") == "true"),
        "2.8" => Flag(host, "default-ulimit") is null && Of(host, "default-ulimits") is null or "{}",
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
        // Since 19.03 it only says that the question is deprecated.
        "2.18" => false,
        "5.1" => host.Swarm == "active",
        "7.1" => host.Swarm == "active" && host.Managers != 1,
        "7.2" => host.Swarm == "active" && host.SwarmOnEveryInterface,
        "7.3" => !host.Encrypted,
        "7.5" => host.Swarm == "active" && !host.AutoLock,
        "1.1.3" => Audits.Any(p => !host.Audited.Any(a => a.Contains(p, StringComparison.Ordinal))),
        _ => FileWarns(number, host.File!.Value),
    };

    /// <summary>Owner checks want root (3.7 the user alone, 3.15 the group docker), mode checks compare octal digits as one decimal number; 3.14 wants one mode alone.</summary>
    private static bool FileWarns(string number, (string Path, string Mode, uint Uid, uint Gid) file) => number switch
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

    public static readonly string[] Audits =
    [
        "/usr/bin/dockerd", "/run/containerd", "/var/lib/docker", "/etc/docker", "/lib/systemd/system/docker.service", "/run/containerd/containerd.sock", "/lib/systemd/system/docker.socket", "/etc/default/docker",
        "/etc/docker/daemon.json", "/etc/containerd/config.toml", "/etc/sysconfig/docker", "/usr/bin/containerd", "/usr/bin/containerd-shim", "/usr/bin/containerd-shim-runc-v1", "/usr/bin/containerd-shim-runc-v2", "/usr/bin/runc",
    ];

    private static int Decimal(string mode) => int.Parse(mode, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The value of the last flag of this name; empty for a bare one.</summary>
    private static string? Flag(DockerSetup host, string name) => host.Flags.Where(f => f == $"--{name}" || f.StartsWith($"--{name}=", StringComparison.Ordinal)).Select(f => f.Contains('=', StringComparison.Ordinal) ? f[(f.IndexOf('=', StringComparison.Ordinal) + 1)..] : "").LastOrDefault();

    private static string? Of(DockerSetup host, string name) => JsonNode.Parse(host.Json)![name]?.ToJsonString().Trim('"');
}
