namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>The Pod Security Standards, every control of both levels: https://kubernetes.io/docs/concepts/security/pod-security-standards/.</summary>
internal static class PodSecurityStandards
{
    public static IReadOnlyList<PodSecurityCheck> Checks { get; } =
    [
        new("appArmorProfile", "CBG2222", PodSecurityLevel.Baseline, 0, BaselineChecks.AppArmor),
        new("capabilities_baseline", "CBG2212", PodSecurityLevel.Baseline, 0, BaselineChecks.Capabilities),
        new("hostNamespaces", "CBG2202", PodSecurityLevel.Baseline, 0, BaselineChecks.HostNamespaces),
        new("hostPathVolumes", "CBG2209", PodSecurityLevel.Baseline, 0, BaselineChecks.HostPathVolumes),
        new("hostPorts", "CBG2250", PodSecurityLevel.Baseline, 0, BaselineChecks.HostPorts),
        new("hostProbesAndHostLifecycle", "CBG2228", PodSecurityLevel.Baseline, 34, BaselineChecks.HostProbes),
        new("privileged", "CBG2201", PodSecurityLevel.Baseline, 0, BaselineChecks.Privileged),
        new("procMount", "CBG2224", PodSecurityLevel.Baseline, 0, BaselineChecks.ProcMount),
        new("seccompProfile_baseline", "CBG2220", PodSecurityLevel.Baseline, 0, SeccompChecks.Baseline),
        new("seLinuxOptions", "CBG2223", PodSecurityLevel.Baseline, 0, BaselineChecks.Selinux),
        new("sysctls", "CBG2225", PodSecurityLevel.Baseline, 0, SysctlChecks.Baseline),
        new("windowsHostProcess", "CBG2226", PodSecurityLevel.Baseline, 0, BaselineChecks.WindowsHostProcess),

        new("allowPrivilegeEscalation", "CBG2215", PodSecurityLevel.Restricted, 8, RestrictedChecks.AllowPrivilegeEscalation),
        new("capabilities_restricted", "CBG2213", PodSecurityLevel.Restricted, 22, RestrictedChecks.Capabilities) { Overrides = "capabilities_baseline" },
        new("procMount_restricted", "CBG2224", PodSecurityLevel.Restricted, 35, RestrictedChecks.ProcMount) { Overrides = "procMount" },
        new("restrictedVolumes", "CBG2227", PodSecurityLevel.Restricted, 0, RestrictedChecks.Volumes) { Overrides = "hostPathVolumes" },
        new("runAsNonRoot", "CBG2217", PodSecurityLevel.Restricted, 0, RestrictedChecks.RunAsNonRoot),
        new("runAsUser", "CBG2216", PodSecurityLevel.Restricted, 23, RestrictedChecks.RunAsUser),
        new("seccompProfile_restricted", "CBG2221", PodSecurityLevel.Restricted, 19, SeccompChecks.Restricted) { Overrides = "seccompProfile_baseline" },
    ];

    /// <summary>The checks that a profile is made of.</summary>
    public static IReadOnlyList<PodSecurityCheck> For(PodSecurityProfile profile)
    {
        var checks = Checks.Where(c => c.Since <= profile.Minor && c.Level <= profile.Level).ToList();
        var overridden = checks.Select(c => c.Overrides).ToHashSet(StringComparer.Ordinal);
        return [.. checks.Where(c => !overridden.Contains(c.Id))];
    }

    /// <summary>The violations of one check by its name, in the newest version.</summary>
    public static IEnumerable<PodSecurityViolation> Violations(string id, PodTemplate pod) =>
        Checks.Single(c => c.Id == id).Check(pod, PodSecurityProfile.Latest);
}
