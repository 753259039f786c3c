using static ContainerBuildGuard.Core.Tests.HostSecurity.Cases.HostCase;

namespace ContainerBuildGuard.Core.Tests.HostSecurity.Cases;

internal static class DockerCases
{
    private const string Socket = "/var/run/docker.sock";
    private const string Hashed = "/etc/docker/daemon.json";

    public static IEnumerable<HostCase> All =>
    [
        new("CBG5001", Groups().Socket(Socket, 0x1B6, 0, 106), Groups().Socket(Socket, 0x1B0, 0, 106)),
        new("CBG5002", Host().Process(0, "dockerd", "-H=tcp://0.0.0.0:2375"), Daemon("""{ "tlsverify": true, "hosts": ["tcp://0.0.0.0:2376"] }""")),
        Mode("CBG5003", Hashed, 0x1A4),
        new("CBG5004", Daemon("""{ "insecure-registries": ["registry.corp:5000"] }"""), Daemon("""{ "insecure-registries": ["127.0.0.0/8"] }""")),
        new("CBG5006", Host().File("/etc/group", "docker:x:106:ci\n").File("/etc/passwd", "ci:x:1001:100::/:/bin/sh\n"), Host().File("/etc/group", "docker:x:106:\n").File("/etc/passwd", "ci:x:1001:100::/:/bin/sh\n")),
        Setting("CBG5008", "{}", """{ "userns-remap": "default" }"""),
        new("CBG5011", Engine("20.10.24"), Engine("29.1.0")),
        new("CBG5012", Daemon("{}").Folder("/var/lib/docker"), Daemon("{}").Folder("/var/lib/docker", device: 2)),
        new("CBG5013", Daemon("{}"), Daemon("{}").File("/etc/audit/rules.d/docker.rules", "-w /usr/bin -p wa\n-w /run/containerd\n-w /var/lib/docker\n-w /etc\n-w /lib/systemd\n")),
        Setting("CBG5014", "{}", """{ "icc": false }"""),
        Setting("CBG5015", """{ "log-level": "debug" }""", "{}"),
        Setting("CBG5016", """{ "iptables": false }""", "{}"),
        Setting("CBG5017", """{ "storage-driver": "devicemapper" }""", "{}"),
        Setting("CBG5018", "{}", """{ "default-ulimits": { "nofile": { "Name": "nofile", "Soft": 1024, "Hard": 4096 } } }"""),
        Setting("CBG5019", """{ "cgroup-parent": "/mine" }""", "{}"),
        Setting("CBG5020", "{}", """{ "authorization-plugins": ["opa"] }"""),
        Setting("CBG5021", """{ "storage-opts": ["dm.basesize=50G"] }""", "{}"),
        Setting("CBG5022", """{ "log-driver": "none" }""", "{}"),
        Setting("CBG5023", "{}", """{ "log-opts": { "max-size": "10m" } }"""),
        Setting("CBG5024", "{}", """{ "live-restore": true }"""),
        Setting("CBG5025", "{}", """{ "userland-proxy": false }"""),
        Setting("CBG5026", """{ "seccomp-profile": "unconfined" }""", "{}"),
        Setting("CBG5027", """{ "experimental": true }""", "{}"),
        Setting("CBG5028", "{}", """{ "no-new-privileges": true }"""),
        new("CBG5030", Host().Variable("DOCKER_HOST", "tcp://build:2375"), Host().Variable("DOCKER_HOST", "ssh://me@build")),
        Setting("CBG5033", """{ "debug": true }""", "{}"),
        Setting("CBG5035", """{ "registry-mirrors": ["http://mirror.corp"] }""", """{ "registry-mirrors": ["https://mirror.corp"] }"""),
        Setting("CBG5036", """{ "metrics-addr": "0.0.0.0:9323" }""", """{ "metrics-addr": "127.0.0.1:9323" }"""),
        Setting("CBG5037", """{ "api-cors-header": "*" }""", "{}"),
        new("CBG5038", Daemon("{}").File("/sys/fs/selinux/enforce", "1"), Daemon("""{ "selinux-enabled": true }""").File("/sys/fs/selinux/enforce", "1")),
        Setting("CBG5039", """{ "default-cgroupns-mode": "host" }""", "{}"),
        Setting("CBG5040", """{ "default-ipc-mode": "shareable" }""", "{}"),
        Setting("CBG5041", """{ "ipv6": true, "ip6tables": false }""", """{ "ipv6": true }"""),
        Setting("CBG5042", """{ "proxies": { "http-proxy": "http://me:pw@proxy:3128" } }""", """{ "proxies": { "http-proxy": "http://proxy:3128" } }"""),
        new("CBG5043", Engine("29.1.0", more: """, "LiveRestoreEnabled": true"""), Engine("29.1.0", more: """, "LiveRestoreEnabled": true""").File(Hashed, """{ "live-restore": true }""")),
        new("CBG5044", Context("true"), Context("false")),
        new("CBG5045", Engine("29.1.0", runc: "1.1.4"), Engine("29.1.0")),
        Mode("CBG5050", "/usr/lib/systemd/system/docker.service", 0x1A4),
        Mode("CBG5051", "/usr/lib/systemd/system/docker.socket", 0x1A4),
        new("CBG5052", Host().Folder("/etc/docker", 0x1FF), Host().Folder("/etc/docker")),
        Mode("CBG5053", "/etc/docker/certs.d/registry.corp/ca.crt", 0x124),
        Mode("CBG5054", "/tls/ca.pem", 0x124, with: h => h.File(Hashed, """{ "tlscacert": "/tls/ca.pem" }""").File("/usr/bin/dockerd")),
        Mode("CBG5055", "/tls/cert.pem", 0x124, with: h => h.File(Hashed, """{ "tlscert": "/tls/cert.pem" }""").File("/usr/bin/dockerd")),
        Mode("CBG5056", "/tls/key.pem", 0x100, 0x20, with: h => h.File(Hashed, """{ "tlskey": "/tls/key.pem" }""").File("/usr/bin/dockerd")),
        Mode("CBG5057", "/etc/default/docker", 0x1A4),
        Mode("CBG5058", "/etc/sysconfig/docker", 0x1A4),
        new("CBG5059", Host().Socket("/run/containerd/containerd.sock", 0x1B6, 0, 0), Host().Socket("/run/containerd/containerd.sock", 0x1B0, 0, 0)),
        new("CBG5060", Host().Folder("/var/lib/docker", 0x1ED), Host().Folder("/var/lib/docker", 0x1C8)),
        Mode("CBG5061", "/etc/systemd/system/containerd.service", 0x1A4),
        Mode("CBG5062", "/usr/bin/runc", 0x1ED),
        Mode("CBG5063", "/etc/containerd/config.toml", 0x1A4),
        Mode("CBG5064", "/usr/libexec/docker/cli-plugins/docker-buildx", 0x1ED),
        Mode("CBG5065", "/var/lib/docker/swarm/certificates/swarm-node.key", 0x180, 0x20),
        new("CBG5080", Swarm("{}"), Host().File("/etc/docker/daemon.json", "{}")),
        new("CBG5081", Swarm("{}", managers: 2), Swarm("{}", managers: 3)),
        new("CBG5082", Swarm("{}").File("/proc/net/tcp", Listening("00000000", 2377)), Swarm("{}").File("/proc/net/tcp", Listening("0100000A", 2377))),
        new("CBG5083", Swarm("{}").Answer(Socket, "/networks", """[{ "Name": "app", "Driver": "overlay", "Options": {} }]"""), Swarm("{}").Answer(Socket, "/networks", """[{ "Name": "app", "Driver": "overlay", "Options": { "encrypted": "" } }]""")),
        new("CBG5084", Swarm("""{ "Spec": { "EncryptionConfig": { "AutoLockManagers": false } } }"""), Swarm("""{ "Spec": { "EncryptionConfig": { "AutoLockManagers": true } } }""")),
        new("CBG5085", Swarm("""{ "Spec": { "CAConfig": { "NodeCertExpiry": 31536000000000000 } } }"""), Swarm("""{ "Spec": { "CAConfig": { "NodeCertExpiry": 7776000000000000 } } }""")),
        new("CBG5032", Host().Variable("DOCKER_CONTENT_TRUST", "1"), Host()),
    ];

    /// <summary>A line of /proc/net/tcp: address in the kernel's hexadecimal, state listening.</summary>
    public static string Listening(string address, int port, string inode = "77", int uid = 0) =>
        $"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: {address}:{port:X4} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {uid,5}        0 {inode} 1 0000000000000000 100 0 0 10 0\n";

    public static FakeHost Daemon(string json) => Host().File("/usr/bin/dockerd", mode: 0x1ED).File(Hashed, json);

    private static HostCase Setting(string code, string bad, string good) => new(code, Daemon(bad), Daemon(good));

    private static FakeHost Groups() => Host().File("/etc/group", "root:x:0:\ndocker:x:106:\n");

    private static FakeHost Engine(string version, string runc = "1.3.3", string more = "") => Host().Process(0, "dockerd").Socket(Socket, 0x1B0, 0, 106)
        .Answer(Socket, "/info", $$"""{ "ServerVersion": "{{version}}", "SecurityOptions": ["name=seccomp,profile=builtin"]{{more}} }""")
        .Answer(Socket, "/version", $$"""{ "Components": [{ "Name": "containerd", "Version": "v2.3.1" }, { "Name": "runc", "Version": "{{runc}}" }] }""");

    private static FakeHost Swarm(string swarm, int managers = 1, string state = "active") => Engine("29.1.0", more: $$""", "Swarm": { "LocalNodeState": "{{state}}", "ControlAvailable": true, "Managers": {{managers}} }""")
        .Answer(Socket, "/swarm", swarm);

    private static FakeHost Context(string skip) => Host().File($"{FakeHost.Home}/.docker/contexts/meta/abc/meta.json", $$"""{ "Name": "build", "Endpoints": { "docker": { "Host": "tcp://build:2376", "SkipTLSVerify": {{skip}} } } }""");
}
