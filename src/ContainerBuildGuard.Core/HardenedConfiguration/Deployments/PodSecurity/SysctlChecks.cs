namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Kernel parameters that are a container's own and not its neighbours'.</summary>
internal static class SysctlChecks
{
    /// <summary>Each with the minor version of Kubernetes since which it counts as safe.</summary>
    private static readonly Dictionary<string, int> Safe = new(StringComparer.Ordinal)
    {
        ["kernel.shm_rmid_forced"] = 0,
        ["net.ipv4.ip_local_port_range"] = 0,
        ["net.ipv4.tcp_syncookies"] = 0,
        ["net.ipv4.ping_group_range"] = 0,
        ["net.ipv4.ip_unprivileged_port_start"] = 0,
        ["net.ipv4.ip_local_reserved_ports"] = 27,
        ["net.ipv4.tcp_keepalive_time"] = 29,
        ["net.ipv4.tcp_fin_timeout"] = 29,
        ["net.ipv4.tcp_keepalive_intvl"] = 29,
        ["net.ipv4.tcp_keepalive_probes"] = 29,
        ["net.ipv4.tcp_rmem"] = 32,
        ["net.ipv4.tcp_wmem"] = 32,
        ["net.ipv4.tcp_slow_start_after_idle"] = 37,
        ["net.ipv4.tcp_notsent_lowat"] = 37,
    };

    public static bool IsSafe(string name, int minor = PodSecurityProfile.Latest) => Safe.TryGetValue(name, out var since) && since <= minor;

    public static IEnumerable<PodSecurityViolation> Baseline(PodTemplate pod, int minor) =>
        from sysctl in pod.Spec.Items("securityContext", "sysctls")
        let name = sysctl.Scalar("name")
        where name is null || !IsSafe(name.Value, minor)
        select new PodSecurityViolation(name ?? sysctl, $"the pod sets the kernel parameter {name?.Value}");
}
