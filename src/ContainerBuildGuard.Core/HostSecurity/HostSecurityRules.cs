using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Docker;
using ContainerBuildGuard.HostSecurity.DotNet;
using ContainerBuildGuard.HostSecurity.Linux;
using ContainerBuildGuard.HostSecurity.Podman;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>Every check of the host security control, in the order of the codes.</summary>
public static class HostChecks
{
    public static ImmutableArray<HostCheck> All { get; } =
    [
        .. ((IEnumerable<HostCheck>)[
            .. DockerHostChecks.All, .. DockerExposureChecks.All, .. DaemonChecks.All, DaemonDriftCheck.Check, .. DockerFileChecks.All, .. SwarmChecks.All,
            .. SettingChecks.All, .. RootlessChecks.All,
            .. SysctlChecks.All, .. KernelChecks.All, .. PackageChecks.All, .. SshChecks.All, .. AccountChecks.All, .. PrivilegeChecks.All, .. ExposureChecks.All,
            .. DotNetChecks.All, .. NuGetChecks.All, .. SecretChecks.All, .. AgentChecks.All,
        ]).OrderBy(c => c.Rule.Code, StringComparer.Ordinal),
    ];
}

/// <summary>Every rule of the host security control, in the order of the codes.</summary>
public static class HostSecurityRules
{
    /// <summary>What a publish says of the machine it runs on.</summary>
    public static Rule UnsafeBuildMachine { get; } = HostFindings.Rule("CBG5000", "Build machine not safe", Severity.Low, "NIST SP 800-190 4.5.1");

    public static ImmutableArray<Rule> All { get; } = [UnsafeBuildMachine, .. HostChecks.All.Select(c => c.Rule)];
}
