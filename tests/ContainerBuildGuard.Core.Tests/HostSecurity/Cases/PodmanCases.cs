using static ContainerBuildGuard.Core.Tests.HostSecurity.Cases.HostCase;

namespace ContainerBuildGuard.Core.Tests.HostSecurity.Cases;

internal static class PodmanCases
{
    public static IEnumerable<HostCase> All =>
    [
        new("CBG5066", Host().Socket("/run/podman/podman.sock", 0x1B6, 0, 0), Host().Socket("/run/podman/podman.sock", 0x1B0, 0, 0)),
        new("CBG5067", Host().Socket("/run/buildkit/buildkitd.sock", 0x1B6, 0, 0), Host().Socket("/run/buildkit/buildkitd.sock", 0x1B0, 0, 0)),
        Mode("CBG5068", "/etc/containers/registries.conf", 0x1A4),
        new("CBG5069", Podman().File("/etc/containers/storage.conf", Store).Folder("/srv/images", 0x1FF), Podman().File("/etc/containers/storage.conf", Store).Folder("/srv/images")),
        Podman("CBG5100", "/etc/containers/policy.json", """{ "default": [{ "type": "insecureAcceptAnything" }] }""", """{ "default": [{ "type": "reject" }] }"""),
        Podman("CBG5101", Registries, "[[registry]]\nlocation = \"registry.corp\"\ninsecure = true\n", "[[registry]]\nlocation = \"registry.corp\"\n"),
        Podman("CBG5102", Registries, "unqualified-search-registries = [\"docker.io\", \"quay.io\"]\n", "unqualified-search-registries = [\"docker.io\"]\n"),
        Containers("CBG5103", "seccomp_profile = \"unconfined\""),
        Containers("CBG5104", "label = false"),
        Containers("CBG5105", "default_capabilities = [\"CHOWN\", \"SYS_ADMIN\"]"),
        Containers("CBG5106", "netns = \"host\""),
        Containers("CBG5107", "pids_limit = 0"),
        Containers("CBG5108", "volumes = [\"/etc:/etc\"]"),
        Containers("CBG5109", "apparmor_profile = \"unconfined\""),
        new("CBG5111", Podman().Process(0, "/usr/bin/podman", "system", "service", "tcp:0.0.0.0:8888"), Podman()),
        Podman("CBG5113", "/etc/containers/registries.d/default.yaml", "docker:\n  registry.corp:\n    lookaside: http://signatures.corp\n", "docker:\n  registry.corp:\n    lookaside: https://signatures.corp\n"),
        Ids("CBG5114", "a:100000:65536\nb:120000:65536\n", "a:100000:65536\nb:165536:65536\n"),
        Ids("CBG5115", "a:0:65536\n", "a:100000:65536\n"),
        new("CBG5116", Host().User(1000).File("/etc/passwd", "dev:x:1000:1000::/home/dev:/bin/sh\n"), Host().User(1000).File("/etc/passwd", "dev:x:1000:1000::/home/dev:/bin/sh\n").File("/etc/subuid", "dev:100000:65536\n")),
        new("CBG5118", Host().File("/var/lib/systemd/linger/dev"), Host()),
        Mode("CBG5119", "/etc/subuid", 0x1A4),
        Podman("CBG5120", "/etc/containers/storage.conf", "[storage.options.overlay]\nforce_mask = \"shared\"\n", "[storage]\ndriver = \"overlay\"\n"),
        Containerd("CBG5121", "/etc/containerd/certs.d/registry.corp/hosts.toml", "server = \"https://registry.corp\"\n[host.\"https://registry.corp\"]\nskip_verify = true\n", "server = \"https://registry.corp\"\n"),
        Containerd("CBG5122", Config, "[grpc]\ntcp_address = \"0.0.0.0:1234\"\n", "[grpc]\naddress = \"/run/containerd/containerd.sock\"\n"),
        Containerd("CBG5123", Config, "[plugins.\"io.containerd.grpc.v1.cri\"]\ndisable_apparmor = true\n", "version = 2\n"),
        Containerd("CBG5124", Config, "[plugins.\"io.containerd.grpc.v1.cri\"]\nunset_seccomp_profile = \"unconfined\"\n", "version = 2\n"),
        Containerd("CBG5125", Config, "[metrics]\naddress = \"0.0.0.0:1338\"\n", "[metrics]\naddress = \"127.0.0.1:1338\"\n"),
        BuildKit("CBG5126", "insecure-entitlements = [\"security.insecure\"]\n", "debug = false\n"),
        BuildKit("CBG5127", "[grpc]\naddress = [\"tcp://0.0.0.0:1234\"]\n", "[grpc]\naddress = [\"tcp://0.0.0.0:1234\"]\n[grpc.tls]\nca = \"/ca.pem\"\n"),
        BuildKit("CBG5128", "[registry.\"registry.corp\"]\nhttp = true\n", "[registry.\"registry.corp\"]\nca = [\"/ca.pem\"]\n"),
    ];

    private const string Registries = "/etc/containers/registries.conf";
    private const string Config = "/etc/containerd/config.toml";
    private const string Store = "[storage.options]\nadditionalimagestores = [\"/srv/images\"]\n";

    private static FakeHost Podman() => Host().File("/usr/bin/podman", mode: 0x1ED);

    private static HostCase Podman(string code, string file, string bad, string good) => new(code, Podman().File(file, bad), Podman().File(file, good));

    private static HostCase Containers(string code, string line) => Podman(code, "/etc/containers/containers.conf", $"[containers]\n{line}\n", "[containers]\npids_limit = 2048\n");

    private static HostCase Containerd(string code, string file, string bad, string good) => new(code, Host().File("/usr/bin/containerd").File(file, bad), Host().File("/usr/bin/containerd").File(file, good));

    private static HostCase BuildKit(string code, string bad, string good) => new(code, Host().File("/etc/buildkit/buildkitd.toml", bad), Host().File("/etc/buildkit/buildkitd.toml", good));

    private static HostCase Ids(string code, string bad, string good) => new(code, Host().File("/etc/subuid", bad), Host().File("/etc/subuid", good));
}
