namespace ContainerBuildGuard.HostSecurity;

/// <summary>Files whose owner and mode count wherever they are; those whose place a configuration decides join in its collector.</summary>
internal static class FileGroups
{
    public static Probed<bool> Collect(HostReader host)
    {
        host.Group("docker-folder", "/etc/docker");
        host.Group("docker-registry-certificate", "/etc/docker/certs.d/*/*");
        host.Group("docker-defaults", "/etc/default/docker");
        host.Group("docker-sysconfig", "/etc/sysconfig/docker", "/etc/sysconfig/docker-network", "/etc/sysconfig/docker-storage");
        host.Group("engine-program", [.. ((string[])["dockerd", "docker", "containerd", "containerd-shim-runc-v2", "runc", "crun", "podman", "buildah", "skopeo", "conmon", "buildkitd", "docker-proxy", "docker-init"])
            .SelectMany(n => (string[])[$"/usr/bin/{n}", $"/usr/sbin/{n}", $"/usr/local/bin/{n}"])]);
        host.Group("swarm-key", "/var/lib/docker/swarm/certificates/swarm-node.key");
        host.Group("passwd", "/etc/passwd", "/etc/group");
        host.Group("shadow", "/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/gshadow-");
        host.Group("subordinate", "/etc/subuid", "/etc/subgid");
        host.Group("preload", "/etc/ld.so.preload");
        host.Group("host-trust", "/etc/hosts.equiv", "/root/.rhosts", "/root/.shosts");
        host.Group("temporary", "/tmp", "/var/tmp", "/dev/shm");
        host.Group("authorized-keys", "/root/.ssh/authorized_keys", $"{host.Home}/.ssh/authorized_keys");
        host.Group("profile", "/etc/profile", "/etc/profile.d/*.sh", "/etc/environment", "/etc/bash.bashrc", "/etc/sudo.conf", "/etc/ld.so.conf", "/etc/ld.so.conf.d/*.conf");
        host.Group("trust-store", "/etc/ssl/certs", "/etc/ssl/certs/ca-certificates.crt", "/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors");
        return true;
    }
}
