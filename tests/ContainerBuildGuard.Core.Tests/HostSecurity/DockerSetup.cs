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
    public bool IsWorker { get; init; }
    public int CertificateDays { get; init; } = 90;
    public bool SwarmOnEveryInterface { get; init; }
    public bool AutoLock { get; init; }
    public bool Encrypted { get; init; } = true;
    public string Overlay { get; init; } = "app";
    public string Version { get; init; } = "29.1.0";
    public bool Rootless { get; init; }

    /// <summary>What the data folder is: a part of the system's partition, a mount of itself, a partition.</summary>
    public string Data { get; init; } = "folder";

    /// <summary>One file: its path, mode (octal digits), owner and group.</summary>
    public (string Path, string Mode, uint Uid, uint Gid)? File { get; init; }

    /// <summary>Further files of the engine that are on the host.</summary>
    public string[] Installed { get; init; } = [];

    /// <summary>Paths that auditd has rules for.</summary>
    public string[] Audited { get; init; } = [];

    public FakeHost ToHost()
    {
        const string Socket = "/var/run/docker.sock";
        const string Addresses = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: {0}:0949 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0000000000000000 100 0 0 10 0\n";
        var remaps = DockerBench.Of(this, "userns-remap") is { Length: > 0 } || DockerBench.Flag(this, "userns-remap") is { Length: > 0 };
        var options = new JsonArray([JsonValue.Create(Seccomp), .. remaps ? [JsonValue.Create("name=userns")] : Array.Empty<JsonNode>(), .. Rootless ? [JsonValue.Create("name=rootless")] : Array.Empty<JsonNode>()]);
        var info = new JsonObject
        {
            ["ServerVersion"] = Version,
            [nameof(LoggingDriver)] = LoggingDriver,
            ["Driver"] = StorageDriver,
            ["LiveRestoreEnabled"] = LiveRestore,
            ["ExperimentalBuild"] = Experimental,
            ["SecurityOptions"] = options,
            [nameof(Swarm)] = new JsonObject { ["LocalNodeState"] = Swarm, ["ControlAvailable"] = Swarm == "active" && !IsWorker, [nameof(Managers)] = Managers },
        };
        if (JsonNode.Parse(Json)!["authorization-plugins"] is { } plugins)
        {
            info["Plugins"] = new JsonObject { ["Authorization"] = plugins.DeepClone() };
        }

        var host = new FakeHost().User(0).File("/etc/docker/daemon.json", Json).File("/usr/bin/dockerd", mode: 0x1ED).Process(0, ["dockerd", .. Flags]).Socket(Socket, 0x1B0, 0, 106).File("/etc/group", "root:x:0:\ndocker:x:106:\n")
            .Answer(Socket, "/info", info.ToJsonString())
            .Answer(Socket, "/swarm", new JsonObject { ["Spec"] = new JsonObject { ["EncryptionConfig"] = new JsonObject { ["AutoLockManagers"] = AutoLock }, ["CAConfig"] = new JsonObject { ["NodeCertExpiry"] = CertificateDays * 86_400_000_000_000L } } }.ToJsonString())
            .Answer(Socket, "/networks", new JsonArray(new JsonObject { ["Name"] = Overlay, ["Driver"] = "overlay", ["Options"] = Encrypted ? new JsonObject { ["encrypted"] = "" } : [] }).ToJsonString())
            .File("/proc/net/tcp", Addresses.Replace("{0}", SwarmOnEveryInterface ? "00000000" : "0100000A", StringComparison.Ordinal))
            .Folder("/var/lib/docker", device: Data == "partition" ? 2u : 1u)
            .File("/etc/audit/audit.rules", string.Concat(Audited.Select(p => $"-w {p} -k docker\n")));
        foreach (var path in Installed)
        {
            host = host.File(path);
        }

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

