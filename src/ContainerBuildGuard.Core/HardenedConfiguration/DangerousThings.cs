namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>What the rules on manifests and on running containers both know of the world.</summary>
internal static class DangerousThings
{
    /// <summary>Capabilities that are as good as root on the host.</summary>
    public static readonly IReadOnlySet<string> Capabilities = new HashSet<string>(StringComparer.Ordinal)
    {
        "ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_BOOT", "SYS_TIME", "DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE", "BPF", "PERFMON", "NET_ADMIN", "SYSLOG", "CHECKPOINT_RESTORE",
    };

    /// <summary>What Docker and Podman give every container.</summary>
    public static readonly IReadOnlySet<string> DefaultCapabilities = new HashSet<string>(StringComparer.Ordinal)
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    };

    /// <summary>Every capability of Linux up to 6.x (capabilities(7)), and the word for all of them.</summary>
    private static readonly HashSet<string> KnownCapabilities = new(StringComparer.Ordinal)
    {
        "ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
        "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
        "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
    };

    private static readonly string[] Sockets =
    [
        "/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/k3s/containerd/containerd.sock", "/run/buildkit/buildkitd.sock", "/run/cri-dockerd.sock",
    ];

    private static readonly string[] SystemFolders = ["/etc", "/root", "/proc", "/sys", "/dev", "/boot", "/lib", "/lib64", "/usr", "/bin", "/sbin", "/var/lib", "/var/log", "/var/run", "/run", "/home", "/var/spool"];

    /// <summary>Files below system folders that containers are lent harmlessly and often.</summary>
    private static readonly HashSet<string> HarmlessFiles = new(StringComparer.Ordinal) { "/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo", "/dev/shm", "/dev/null", "/dev/urandom" };

    private static readonly string[] HostDevices = ["/dev/sd", "/dev/nvme", "/dev/vd", "/dev/xvd", "/dev/dm-", "/dev/mapper", "/dev/loop", "/dev/disk"];

    private static readonly string[] CredentialFolders = ["/.ssh", "/.aws", "/.kube", "/.docker", "/.gnupg", "/.azure", "/.config/gcloud", "/.netrc", "/.nuget/NuGet", "/.microsoft/usersecrets"];

    /// <summary>Whether Linux has a capability of this name, however it is written; one that a variable is yet to give may be any.</summary>
    public static bool IsCapability(string name) => name.Length == 0 || name.Contains('$', StringComparison.Ordinal) || KnownCapabilities.Contains(Capability(name));

    /// <summary>A capability's name as rules compare it: in capitals, without <c>CAP_</c>.</summary>
    public static string Capability(string name)
    {
        var upper = name.Trim().ToUpperInvariant();
        return upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper[4..] : upper;
    }

    /// <summary>The engine socket that a mount of <paramref name="path"/> brings: the socket itself, or a folder that holds one.</summary>
    public static string? RuntimeSocket(string path)
    {
        var clean = Clean(path);
        return Sockets.FirstOrDefault(s => clean == s || (clean.Length > 1 && s.StartsWith(clean + "/", StringComparison.Ordinal)))
            ?? (clean.EndsWith("/docker.sock", StringComparison.Ordinal) || clean.EndsWith("/podman.sock", StringComparison.Ordinal) || clean.EndsWith("/containerd.sock", StringComparison.Ordinal) || clean.EndsWith("/crio.sock", StringComparison.Ordinal) ? clean : null);
    }

    public static string? SystemFolder(string path)
    {
        var clean = Clean(path);
        return clean == "/" ? "/"
            : HarmlessFiles.Any(h => clean == h || clean.StartsWith(h + "/", StringComparison.Ordinal)) ? null
            : SystemFolders.FirstOrDefault(f => clean == f || (clean.StartsWith(f + "/", StringComparison.Ordinal) && f is not ("/home" or "/var/lib" or "/run" or "/var/run")));
    }

    public static string? CredentialFolder(string path)
    {
        var clean = path.TrimEnd('/') + "/";
        return CredentialFolders.FirstOrDefault(f => clean.Contains(f + "/", StringComparison.Ordinal));
    }

    /// <summary>Devices that give the host's memory, disks or kernel away.</summary>
    public static bool IsHostDevice(string device) => device is "/dev/mem" or "/dev/kmem" or "/dev/port" or "/dev/kvm" or "/dev" or "/dev/"
        || HostDevices.Any(p => device.StartsWith(p, StringComparison.Ordinal));

    public static string? AdministrationPort(int port) => port switch
    {
        21 => "FTP", 23 => "Telnet", 2375 => "the Docker API without TLS", 2376 => "the Docker API", 3389 => "remote desktop", 4024 or 4022 => "the Visual Studio debugger", 5005 => "a Java debugger",
        5900 => "VNC", 9229 => "the Node.js inspector", 10250 => "the kubelet", 2379 or 2380 => "etcd", 9000 => null, 6443 => "the Kubernetes API", 873 => "rsync", 512 or 513 or 514 => "rsh", _ => null,
    };

    public static string? DatabasePort(int port) => port switch
    {
        1433 => "SQL Server", 1521 => "Oracle", 3306 => "MySQL", 5432 => "PostgreSQL", 6379 => "Redis", 9200 or 9300 => "Elasticsearch", 11211 => "memcached", 27017 => "MongoDB", 5672 or 15672 => "RabbitMQ", 9042 => "Cassandra", 2181 => "ZooKeeper", 9092 => "Kafka", _ => null,
    };

    private static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                parts.Add(part);
            }
        }

        var clean = "/" + string.Join('/', parts);
        // /var/run is a link to /run on every current distribution.
        return !path.StartsWith('/') ? path : clean == "/var/run" ? "/run" : clean.StartsWith("/var/run/", StringComparison.Ordinal) ? clean[4..] : clean;
    }
}
