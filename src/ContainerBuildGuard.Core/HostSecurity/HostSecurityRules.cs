using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>Every rule of the host security control, in the order of the codes.</summary>
public static class HostSecurityRules
{
    public static Rule DockerSocket { get; } = New("CBG5001", "Docker socket open to others", Severity.High, "CIS Docker 3.15", "CIS Docker 3.16", "NIST SP 800-190 4.5.4");
    public static Rule DockerTcp { get; } = New("CBG5002", "Docker listens on TCP without verified TLS", Severity.Critical, "CIS Docker 2.7", "NIST SP 800-190 4.5.1");
    public static Rule DaemonConfiguration { get; } = New("CBG5003", "Docker daemon configuration writable by others", Severity.High, "CIS Docker 3.17", "CIS Docker 3.18", "NIST SP 800-190 4.5.5");
    public static Rule InsecureRegistries { get; } = New("CBG5004", "Insecure registry configured", Severity.High, "CIS Docker 2.5", "NIST SP 800-190 4.2.1");
    public static Rule KernelParameters { get; } = New("CBG5005", "Kernel parameter weaker than it should be", Severity.Low, "NIST SP 800-190 4.5.2");
    public static Rule DockerGroup { get; } = New("CBG5006", "User in the docker group", Severity.Medium, "CIS Docker 1.1.2", "NIST SP 800-190 4.5.4");
    public static Rule SshServer { get; } = New("CBG5007", "SSH server permits root or password login", Severity.Medium, "NIST SP 800-190 4.5.1", "NIST SP 800-190 4.5.4");
    public static Rule UserNamespace { get; } = New("CBG5008", "Docker runs without user namespaces", Severity.Low, "CIS Docker 2.9", "NIST SP 800-190 4.5.2");
    public static Rule RegistryCredentials { get; } = New("CBG5009", "Registry credentials in clear or readable by others", Severity.High, "NIST SP 800-190 4.2.3", "NIST SP 800-190 4.5.4");
    public static Rule DotNetSupport { get; } = New("CBG5010", ".NET version out of support", Severity.High, "NIST SP 800-190 4.5.3");

    public static ImmutableArray<Rule> All { get; } =
    [
        DockerSocket, DockerTcp, DaemonConfiguration, InsecureRegistries, KernelParameters,
        DockerGroup, SshServer, UserNamespace, RegistryCredentials, DotNetSupport,
    ];

    private static Rule New(string code, string title, Severity severity, params ImmutableArray<string> references) =>
        new(code, title, severity, Control.HostSecurity) { References = references };
}
