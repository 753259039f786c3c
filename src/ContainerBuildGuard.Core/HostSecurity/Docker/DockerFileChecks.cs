using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Owner and mode of the files that make up an engine (section 3 of the CIS Docker Benchmark): who can write them is root on the host.</summary>
internal static class DockerFileChecks
{
    private const int M400 = 0x100;
    private const int M444 = 0x124;
    private const int M600 = 0x180;
    private const int M644 = 0x1A4;
    private const int M660 = 0x1B0;
    private const int M711 = 0x1C9;
    private const int M755 = 0x1ED;

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Of("CBG5003", "Docker daemon configuration writable by others", Severity.High, "docker-config", M755, M644, FileOwner.Root, "There is no daemon.json on this host.", "CIS Docker 3.17", "CIS Docker 3.18"),
        Of("CBG5050", "Docker service unit writable by others", Severity.High, "docker-unit", M755, M644, FileOwner.Root, "systemd has no docker.service.", "CIS Docker 3.1", "CIS Docker 3.2"),
        Of("CBG5051", "Docker socket unit writable by others", Severity.High, "docker-socket-unit", M755, M644, FileOwner.Root, "systemd has no docker.socket.", "CIS Docker 3.3", "CIS Docker 3.4"),
        Of("CBG5052", "Docker configuration folder writable by others", Severity.High, "docker-folder", M755, M755, FileOwner.Root, "There is no /etc/docker.", "CIS Docker 3.5", "CIS Docker 3.6"),
        Of("CBG5053", "Registry certificate writable by others", Severity.High, "docker-registry-certificate", M755, M444 | 0x80, FileOwner.Root, "There is no certificate in /etc/docker/certs.d.", "CIS Docker 3.7", "CIS Docker 3.8"),
        Of("CBG5054", "Docker TLS authority writable by others", Severity.High, "docker-tls-authority", M755, M444 | 0x80, FileOwner.Root, "The daemon names no tlscacert.", "CIS Docker 3.9", "CIS Docker 3.10"),
        Of("CBG5055", "Docker TLS certificate writable by others", Severity.Medium, "docker-tls-certificate", M755, M444 | 0x80, FileOwner.Root, "The daemon names no tlscert.", "CIS Docker 3.11", "CIS Docker 3.12"),
        Of("CBG5056", "Docker TLS key readable by others", Severity.High, "docker-tls-key", M755, M400 | 0x80, FileOwner.Root, "The daemon names no tlskey.", "CIS Docker 3.13", "CIS Docker 3.14"),
        Of("CBG5057", "Docker defaults file writable by others", Severity.High, "docker-defaults", M755, M644, FileOwner.Root, "There is no /etc/default/docker.", "CIS Docker 3.19", "CIS Docker 3.20"),
        Of("CBG5058", "Docker sysconfig file writable by others", Severity.High, "docker-sysconfig", M755, M644, FileOwner.Root, "There is no /etc/sysconfig/docker.", "CIS Docker 3.21", "CIS Docker 3.22"),
        Of("CBG5059", "containerd socket open to others", Severity.High, "containerd-socket", M755, M660, FileOwner.Root, "There is no containerd socket.", "CIS Docker 3.23", "CIS Docker 3.24"),
        Of("CBG5060", "Docker data folder open to others", Severity.High, "docker-data", M711, M644, FileOwner.RootAnyGroup, "There is no Docker data folder.", "NIST SP 800-190 4.5.5"),
        Of("CBG5061", "containerd service unit writable by others", Severity.High, "containerd-unit", M755, M644, FileOwner.Root, "systemd has no containerd.service.", "NIST SP 800-190 4.5.5"),
        Of("CBG5062", "Container engine program writable by others", Severity.Critical, "engine-program", M755, M755, FileOwner.Root, "No container engine is installed in the usual folders.", "NIST SP 800-190 4.5.5"),
        Of("CBG5063", "containerd configuration writable by others", Severity.High, "containerd-config", M755, M644, FileOwner.Root, "There is no /etc/containerd.", "NIST SP 800-190 4.5.5"),
        Of("CBG5064", "Docker CLI plug-in writable by others", Severity.High, "cli-plugin", M755, M755, FileOwner.RootOrUser, "No CLI plug-in is installed.", "NIST SP 800-190 4.5.5"),
        Of("CBG5065", "Swarm node key readable by others", Severity.High, "swarm-key", M755, M600, FileOwner.Root, "This host is no swarm node.", "NIST SP 800-190 4.5.5"),
        Of("CBG5066", "Podman socket open to others", Severity.High, "podman-socket", M755, M660, FileOwner.RootAnyGroup, "There is no system-wide Podman socket.", "NIST SP 800-190 4.5.4"),
        Of("CBG5067", "BuildKit socket open to others", Severity.High, "buildkit-socket", M755, M660, FileOwner.RootAnyGroup, "There is no BuildKit socket.", "NIST SP 800-190 4.5.4"),
        Of("CBG5068", "Image trust and registry configuration writable by others", Severity.High, "containers-config", M755, M644, FileOwner.Root, "There is no /etc/containers.", "NIST SP 800-190 4.5.5"),
        Of("CBG5069", "Additional image store writable by others", Severity.High, "image-store", M755, M644, FileOwner.RootOrUser, "No additional image store is configured.", "NIST SP 800-190 4.1.5"),
    ];

    private static HostCheck Of(string code, string title, Severity severity, string group, int folder, int file, FileOwner owner, string absent, params ImmutableArray<string> references) =>
        FileCheck.Of(Rule(code, title, severity, references), group, folder, file, owner, absent, level: references[0].StartsWith("CIS", StringComparison.Ordinal) ? 1 : 0);
}
