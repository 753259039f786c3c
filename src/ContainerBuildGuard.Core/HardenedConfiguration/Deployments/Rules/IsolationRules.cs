using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>The walls that the kernel puts around a container: seccomp, AppArmor, SELinux, masked files, kernel parameters.</summary>
internal static class IsolationRules
{
    public static Rule SeccompOff { get; } = Descriptor("CBG2220", "Seccomp is switched off", Severity.High, "CIS Docker 5.22", "PSS baseline: seccomp");
    public static Rule SeccompUnset { get; } = Descriptor("CBG2221", "No seccomp profile is set", Severity.Low, "CIS Docker 5.22", "PSS restricted: seccomp");
    public static Rule AppArmorOff { get; } = Descriptor("CBG2222", "AppArmor is switched off", Severity.High, "CIS Docker 5.2", "PSS baseline: AppArmor");
    public static Rule SelinuxOff { get; } = Descriptor("CBG2223", "SELinux separation is switched off or changed", Severity.Medium, "CIS Docker 5.3", "PSS baseline: SELinux");
    public static Rule ProcUnmasked { get; } = Descriptor("CBG2224", "Kernel files in /proc are not masked", Severity.High, "PSS baseline: /proc mount type");
    public static Rule UnsafeSysctl { get; } = Descriptor("CBG2225", "Container sets an unsafe kernel parameter", Severity.Medium, "PSS baseline: sysctls");
    public static Rule WindowsHostProcess { get; } = Descriptor("CBG2226", "Container runs on the Windows node itself", Severity.High, "PSS baseline: HostProcess");
    public static Rule VolumeType { get; } = Descriptor("CBG2227", "Volume is of a type outside Kubernetes' own", Severity.Low, "PSS restricted: volume types");
    public static Rule ProbeHost { get; } = Descriptor("CBG2228", "Probe or lifecycle hook names another host", Severity.Medium, "PSS baseline: host probes and lifecycle hooks");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        EachContainer(SeccompOff, c => c.Platform != Platform.Aspire, c => Hits.If(c.Seccomp?.Value is "Unconfined" or "unconfined", () => new Hit(c.Seccomp!.At, $"{c} may make every system call: seccomp is switched off.", "Take it away: the default profile fits nearly every app.")
        { Fix = c.Platform == Platform.Kubernetes ? Edits.Replace(c.Seccomp.At, "RuntimeDefault") : null })),
        EachContainer(SeccompUnset, c => c.Platform == Platform.Kubernetes && c.Workload.Pod?.IsWindows == false, c => Hits.If(c.Seccomp is null, () => new Hit(c.Node, $"{c} has no seccomp profile: Kubernetes then switches seccomp off, unlike Docker.",
            "Set securityContext.seccompProfile.type: RuntimeDefault on the pod.")
        { Fix = Edits.Set(c.Workload.Pod!.Spec, ["securityContext", "seccompProfile", "type"], "RuntimeDefault", safe: true) })),
        Pods(AppArmorOff, pod => Standard("appArmorProfile", pod, "Use RuntimeDefault, or a profile of the node's.")).And(set => set.Containers.Where(IsEngine), subject => Hits.If(((ContainerSpec)subject).AppArmor?.Value == "unconfined",
            () => new Hit(((ContainerSpec)subject).AppArmor!.At, $"{subject} runs without AppArmor.", "Take it away: the default profile fits nearly every app."))),
        Pods(SelinuxOff, pod => Standard("seLinuxOptions", pod, "Take the options away: the engine then picks the type that fits.")).And(set => set.Containers.Where(IsEngine), subject => Hits.If(((ContainerSpec)subject).SelinuxOff is not null,
            () => new Hit(((ContainerSpec)subject).SelinuxOff!.At, $"{subject} runs without SELinux separation.", "Take it away, and label the volumes with :z or :Z."))),
        Pods(ProcUnmasked, pod => Standard("procMount", pod, "Take procMount away, or set it to Default.")).And(set => set.Containers.Where(IsEngine), subject => Hits.If(((ContainerSpec)subject).ProcUnmasked is not null,
            () => new Hit(((ContainerSpec)subject).ProcUnmasked!.At, $"{subject} sees and can write kernel files that the engine hides.", "Take it away; building images in a container works without it (BuildKit rootless, Buildah)."))),
        Pods(UnsafeSysctl, pod => Standard("sysctls", pod, "Set it on the node, or take it away.")).And(set => set.Containers.Where(IsEngine), subject => ((ContainerSpec)subject).Sysctls.Where(s => IsUnsafe(s.Value.Name))
            .Select(s => new Hit(s.At, $"{subject} sets the kernel parameter {s.Value.Name}.", "Take it away unless the app fails without it."))),
        Pods(WindowsHostProcess, pod => Standard("windowsHostProcess", pod, "Take hostProcess away; only node agents need it.")),
        Pods(VolumeType, pod => PodSecurityStandards.Violations("restrictedVolumes", pod).Where(v => v.Code is null).Select(v => new Hit(v.At, $"In {pod.Resource} {v.What}.", "Reach the storage by a PersistentVolumeClaim."))),
        Pods(ProbeHost, pod => Standard("hostProbesAndHostLifecycle", pod, "Take host away: the kubelet then asks the pod itself.")),
    ];

    private static bool IsEngine(ContainerSpec c) => c.Platform is Platform.Compose or Platform.Quadlet;

    private static bool IsUnsafe(string name) => !SysctlChecks.IsSafe(name) && !name.StartsWith("net.ipv6.conf.", StringComparison.Ordinal) && !name.StartsWith("net.core.somaxconn", StringComparison.Ordinal);

    private static IEnumerable<Hit> Standard(string check, PodTemplate pod, string remedy) =>
        PodSecurityStandards.Violations(check, pod).Select(v => new Hit(v.At, $"In {pod.Resource} {v.What}.", remedy));

    /// <summary>The same rule put to another kind of subject.</summary>
    private static DeploymentRule And(this DeploymentRule rule, Func<DeploymentSet, IEnumerable<object>> subjects, Func<object, IEnumerable<Hit>> check) =>
        rule with { Subject = "pod or container", Subjects = set => rule.Subjects(set).Concat(subjects(set)), Check = subject => subject is PodTemplate ? rule.Check(subject) : check(subject) };
}
