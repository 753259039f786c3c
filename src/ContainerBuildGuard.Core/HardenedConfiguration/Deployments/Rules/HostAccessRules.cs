using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What of the host a container gets to see: paths, sockets, devices.</summary>
internal static class HostAccessRules
{
    public static Rule RuntimeSocket { get; } = Descriptor("CBG2207", "Container gets the socket of the container engine", Severity.Critical, "CIS Docker 5.32", "NIST SP 800-190 4.4.3");
    public static Rule SystemFolder { get; } = Descriptor("CBG2208", "Container gets a system folder of the host", Severity.High, "CIS Docker 5.6", "NIST SP 800-190 4.5.5");
    public static Rule HostPath { get; } = Descriptor("CBG2209", "Pod mounts a path of its node", Severity.Medium, "CIS Docker 5.6", "PSS baseline: hostPath volumes");
    public static Rule SharedPropagation { get; } = Descriptor("CBG2210", "Mounts of the container reach the host", Severity.Medium, "CIS Docker 5.20");
    public static Rule Device { get; } = Descriptor("CBG2229", "Container gets a device of the host", Severity.Medium, "CIS Docker 5.18");
    public static Rule DeviceClass { get; } = Descriptor("CBG2230", "Container gets a whole class of devices", Severity.Medium, "CIS Docker 5.18");
    public static Rule CredentialFolder { get; } = Descriptor("CBG2288", "Container gets a folder of credentials", Severity.High, "NIST SP 800-190 4.1.4");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        EachContainer(RuntimeSocket, c => Host(c).Where(m => DangerousThings.RuntimeSocket(m.Source) is not null).Select(m => new Hit(m.At,
            $"{c} gets {DangerousThings.RuntimeSocket(m.Source)}{(m.Source.EndsWith(".sock", StringComparison.Ordinal) ? "" : $" with {m.Source}")}: who can talk to the engine is root on the host, and mounting it read-only does not change that.",
            "Take it away; put a proxy that allows a few read-only calls in between where an app must see containers."))),
        EachContainer(SystemFolder, c => Host(c).Where(m => DangerousThings.RuntimeSocket(m.Source) is null && DangerousThings.CredentialFolder(m.Source) is null && DangerousThings.SystemFolder(m.Source) is not null).Select(m => new Hit(m.At,
            $"{c} gets {m.Source} of the host{(m.ReadOnly ? " (read-only)" : " for writing")}.", "Mount the one file or folder that it needs, read-only, or a volume of its own.")
        { Severity = m.ReadOnly ? Severity.Medium : null })),
        Pods(HostPath, pod => PodSecurityStandards.Violations("hostPathVolumes", pod).Select(v => new Hit(v.At, $"In {pod.Resource} {v.What}: the pod can read or change its node, and depends on which node that is.", "Take a PersistentVolumeClaim, a ConfigMap or an emptyDir."))),
        EachContainer(SharedPropagation, c => c.Platform != Platform.Aspire, c => c.Mounts.Where(m => m.Propagation?.Value is "shared" or "rshared" or "Bidirectional").Select(m => new Hit(m.Propagation!.At,
            $"What {c} mounts below {m.Target} appears on the host ({m.Propagation.Value}).", "Take the propagation away; only storage drivers need it."))),
        EachContainer(Device, c => c.Platform != Platform.Aspire, c => c.Devices.Select(d => new Hit(d.At, $"{c} gets the device {d.Value} of the host.", "Take it away unless the app is about that device.")
        { Severity = DangerousThings.IsHostDevice(d.Value) ? Severity.High : null })),
        EachContainer(DeviceClass, c => c.Platform is Platform.Compose or Platform.Quadlet, c => c.DeviceRules.Select(r => new Hit(r.At, $"{c} may use every device of '{r.Value}'.", "Name the single devices under devices."))),
        EachContainer(CredentialFolder, c => Host(c).Where(m => DangerousThings.CredentialFolder(m.Source) is not null).Select(m => new Hit(m.At, $"{c} gets {m.Source}, where somebody's credentials lie.", "Give it a credential of its own, with the rights that it needs, as a secret."))),
    ];

    private static IEnumerable<Mount> Host(ContainerSpec container) => container.Mounts.Where(m => m.Kind == MountKind.HostPath).DistinctBy(m => m.At);
}
