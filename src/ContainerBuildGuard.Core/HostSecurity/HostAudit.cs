using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Docker;
using ContainerBuildGuard.HostSecurity.DotNet;
using ContainerBuildGuard.HostSecurity.Linux;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>What an audit has to say before the policy judges: the findings, and one entry for every rule that was asked.</summary>
public sealed record ControlAudit(ImmutableArray<Finding> Findings, ImmutableArray<AuditCheck> Checks);

/// <summary>Puts every host rule to the machine that builds or runs containers.</summary>
public static class HostAudit
{
    private static readonly ImmutableArray<IHostCheck> Checks =
    [
        new DockerSocketCheck(),
        new DockerTcpCheck(),
        new DaemonConfigurationCheck(),
        new InsecureRegistriesCheck(),
        new KernelParametersCheck(),
        new DockerGroupCheck(),
        new SshServerCheck(),
        new UserNamespaceCheck(),
        new RegistryCredentialsCheck(),
        new DotNetSupportCheck(),
    ];

    public static Task<ControlAudit> RunAsync(IHostProbe probe, TimeProvider time, CancellationToken cancellationToken) =>
        Task.Run(() => Run(probe, time, cancellationToken), cancellationToken);

    private static ControlAudit Run(IHostProbe probe, TimeProvider time, CancellationToken cancellationToken)
    {
        var host = new HostContext(probe, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var checks = ImmutableArray.CreateBuilder<AuditCheck>();
        foreach (var check in Checks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = probe.IsLinux
                ? check.Run(host)
                : HostCheckResult.NotChecked("Only Linux hosts can be audited; run the audit on the Linux machine that builds or runs the containers.");
            findings.AddRange(result.Findings);
            checks.Add(new AuditCheck(check.Rule, result.Outcome, result.Reason));
        }

        return new ControlAudit(findings.ToImmutable(), checks.ToImmutable());
    }
}
