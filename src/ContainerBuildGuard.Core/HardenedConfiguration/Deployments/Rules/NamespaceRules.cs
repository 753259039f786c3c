using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Namespaces that are not the container's own.</summary>
internal static class NamespaceRules
{
    public static Rule HostNetwork { get; } = Descriptor("CBG2202", "Container shares the host's network", Severity.High, "CIS Docker 5.10", "NIST SP 800-190 4.4.2", "PSS baseline: host namespaces");
    public static Rule HostProcesses { get; } = Descriptor("CBG2203", "Container shares the host's processes", Severity.High, "CIS Docker 5.16", "PSS baseline: host namespaces");
    public static Rule HostIpc { get; } = Descriptor("CBG2204", "Container shares the host's IPC", Severity.High, "CIS Docker 5.17", "PSS baseline: host namespaces");
    public static Rule HostOther { get; } = Descriptor("CBG2205", "Container shares the host's names, users or control groups", Severity.Medium, "CIS Docker 5.21", "CIS Docker 5.31");
    public static Rule SharedWithContainer { get; } = Descriptor("CBG2206", "Container joins another container's namespace", Severity.Low, "CIS Docker 5.10", "CIS Docker 5.16");
    public static Rule SharedProcesses { get; } = Descriptor("CBG2293", "Containers of the pod see each other's processes", Severity.Low, "NIST SP 800-190 4.4.3");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        Host(HostNetwork, "network", "reach every service of the host, those that listen on localhost included", "Publish the ports that it needs."),
        Host(HostProcesses, "pid", "see and, as root, change every process of the host", "Take it away; monitoring agents need it, apps do not."),
        Host(HostIpc, "ipc", "read and write the shared memory of the host's processes", "Take it away."),
        EachContainer(HostOther, IsContainerLevel, c => new[] { "uts", "user", "cgroup" }.Where(n => Asked(c, n) == "host").Select(n => new Hit(c.Namespaces[n].At, $"{c} shares the host's {n} namespace.", "Take it away: the engine then gives the container one of its own."))),
        EachContainer(SharedWithContainer, IsContainerLevel, c => c.Namespaces.Where(n => n.Value.Value.StartsWith("container:", StringComparison.Ordinal) || n.Value.Value.StartsWith("service:", StringComparison.Ordinal))
            .Select(n => new Hit(n.Value.At, $"{c} joins the {n.Key} namespace of {n.Value.Value.Split(':', 2)[1]}: what takes over one has the other.", "Let them talk over a network of their own, unless one is the sidecar of the other."))),
        Pods(SharedProcesses, pod => Hits.If(pod.Spec.Scalar("shareProcessNamespace")?.Truth == true, () => new Hit(pod.Spec.At("shareProcessNamespace")!, $"The containers of {pod.Resource} share their processes, and so each other's memory, environment and files.",
            "Take shareProcessNamespace away, or share by a volume what they need to share."))),
    ];

    private static bool IsContainerLevel(ContainerSpec c) => c.Platform is Platform.Compose or Platform.Quadlet;

    private static string? Asked(ContainerSpec c, string name) => c.Namespaces.GetValueOrDefault(name)?.Value;

    /// <summary>In a pod the setting is the pod's: it is found once and not for every container.</summary>
    private static DeploymentRule Host(Rule rule, string name, string danger, string remedy) => new(rule, "workload", set => set.Workloads.Where(w => w.Platform != Platform.Aspire), subject =>
    {
        var workload = (Workload)subject;
        return workload.Containers.FirstOrDefault() is { } c && Asked(c, name) == "host"
            ? [new Hit(c.Namespaces[name].At, $"{workload} can {danger}.", remedy) { Fix = workload.Platform == Platform.Kubernetes ? Edits.Replace(c.Namespaces[name].At, "false") : null }]
            : [];
    });
}
