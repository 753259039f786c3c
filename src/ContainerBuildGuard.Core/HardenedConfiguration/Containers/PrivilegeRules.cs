using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Containers.ContainerRule;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Rights, namespaces and walls of a running container.</summary>
internal static class PrivilegeRules
{
    private const string PodmanIsSilent = "Podman does not tell, and the command that created the container is not known";
    private const string Recreate = "Create it again without the option.";

    public static IReadOnlyList<ContainerRule> All { get; } =
    [
        new(Descriptor("CBG2401", "Running container is privileged", Severity.Critical, "CIS Docker 5.5"), c => If(c.Host.Flag("Privileged"), "is privileged: nothing stands between it and the host", "Create it again without --privileged; give the one capability or device that it needs.")),
        new(Descriptor("CBG2402", "Running container runs as root", Severity.Medium, "CIS Docker 4.1"), c => If((c.Config.Text("User") ?? "").Split(':')[0] is "" or "root" or "0" && c.Mode("UsernsMode") is null or "" or "host" && !c.HostHas("userns") && !c.HostHas("rootless"), "runs as root", "Set ContainerUser in the project, or create it with --user 1654.")),
        new(Descriptor("CBG2403", "Running container has a capability that is as good as root", Severity.High, "CIS Docker 5.4"), c => c.Host.Flag("Privileged") ? [] : Capabilities(c).Where(DangerousThings.Capabilities.Contains).Select(n => new ContainerHit($"has the capability {n}, with which it can take over the host", Recreate, n))),
        new(Descriptor("CBG2404", "Running container has a capability beyond the default ones", Severity.Medium, "CIS Docker 5.4"), c => c.Host.Flag("Privileged") ? [] : Capabilities(c).Where(n => !DangerousThings.Capabilities.Contains(n) && !DangerousThings.DefaultCapabilities.Contains(n)).Select(n => new ContainerHit($"has the capability {n}, which containers do not have by default", Recreate, n))),
        new(Descriptor("CBG2405", "Running container keeps the default capabilities", Severity.Low, "CIS Docker 5.4"), c => If(!c.Host.Texts("CapDrop").Any(d => DangerousThings.Capability(d) == "ALL") && c.Host.Texts("CapDrop").Count < 10, "keeps the capabilities that every container gets by default", "Create it with --cap-drop ALL.")),
        new(Descriptor("CBG2406", "Running container has no AppArmor profile", Severity.Medium, "CIS Docker 5.2"), c => c.HostHas("apparmor") ? If((c.Inspect.Text("AppArmorProfile") ?? "") is "" or "unconfined" && c.IsRunning || Option(c, "apparmor") == "unconfined", "has no AppArmor profile, although the host has AppArmor", Recreate) : If(Option(c, "apparmor") == "unconfined", "asks to run without AppArmor", Recreate)),
        new(Descriptor("CBG2407", "Running container has no SELinux label", Severity.Medium, "CIS Docker 5.3"), c => If(!c.Host.Flag("Privileged") && Option(c, "label") is "disable" || (c.HostHas("selinux") && c.IsRunning && string.IsNullOrEmpty(c.Inspect.Text("ProcessLabel"))), "runs without SELinux separation", "Create it without label=disable, and mount volumes with :z or :Z.")),
        new(Descriptor("CBG2408", "Running container has no seccomp profile", Severity.High, "CIS Docker 5.22"), c => If(Option(c, "seccomp") == "unconfined", "may make every system call: seccomp is switched off", Recreate)),
        new(Descriptor("CBG2409", "Running container may gain more rights", Severity.Low, "CIS Docker 5.26"), c => If(Option(c, "no-new-privileges") is null or "false", "does not forbid its processes to gain more rights", "Create it with --security-opt no-new-privileges.")),
        Namespace("CBG2410", "network", "NetworkMode", Severity.High, "CIS Docker 5.10"),
        Namespace("CBG2411", "process", "PidMode", Severity.High, "CIS Docker 5.16"),
        new(Namespace("CBG2412", "IPC", "IpcMode", Severity.High, "CIS Docker 5.17").Rule, c => c.IsPodman && c.Mode("IpcMode") == "shareable" && c.CreateCommand is null ? null
            : If(c.Mode("IpcMode") == "host" || c.CreatedWith("--ipc")?.Contains("host") == true, "shares the host's IPC namespace", "Create it with a namespace of its own."))
        { Needs = PodmanIsSilent },
        Namespace("CBG2413", "UTS", "UTSMode", Severity.Medium, "CIS Docker 5.21"),
        Namespace("CBG2414", "user", "UsernsMode", Severity.Medium, "CIS Docker 5.31"),
        // On hosts with cgroup v1 the host's namespace is the engine's own default.
        new(Descriptor("CBG2415", "Running container shares the host's cgroup namespace", Severity.Low, "NIST SP 800-190 4.4.3"), c => If(c.Mode("CgroupnsMode") == "host" && c.Info.Text("CgroupVersion") == "2", "shares the host's cgroup namespace", "Create it without --cgroupns=host.")),
        new(Descriptor("CBG2416", "Running container joins another container's namespace", Severity.Low, "CIS Docker 5.10", "CIS Docker 5.16"), c => new[] { "NetworkMode", "PidMode", "IpcMode" }.Where(k => c.Mode(k)?.StartsWith("container:", StringComparison.Ordinal) == true).Select(k => new ContainerHit($"shares its {k[..^4]} namespace with another container", "Let them talk over a network, unless one is the sidecar of the other.", k))),
        new(Descriptor("CBG2440", "Running container sees kernel files that engines hide", Severity.High, "NIST SP 800-190 4.4.3"), c => If(!c.Host.Flag("Privileged") && (Option(c, "systempaths") == "unconfined" || c.Host.At("MaskedPaths") is { ValueKind: System.Text.Json.JsonValueKind.Array } masked && masked.GetArrayLength() == 0), "sees kernel files in /proc and /sys that engines hide", "Create it without systempaths=unconfined.")),
        new(Descriptor("CBG2441", "Running container sets a kernel parameter", Severity.Medium, "NIST SP 800-190 4.4.3"), c => c.IsPodman && c.Host.At("Sysctls") is null && c.CreateCommand is null ? null
            : c.Host.Members("Sysctls").Select(s => s.Name).Concat(c.CreatedWith("--sysctl")?.Select(s => s.Split('=')[0]) ?? []).Where(s => !Deployments.SysctlChecks.IsSafe(s)).Select(s => new ContainerHit($"sets the kernel parameter {s}", "Create it without, unless the app fails then.", s)))
        { Needs = PodmanIsSilent },
        new(Descriptor("CBG2442", "Somebody works in the container with more rights", Severity.High, "CIS Docker 5.23", "CIS Docker 5.24"), c => c.Executions.Where(e => e.Flag("Running") && (e.Flag("ProcessConfig", "privileged") || e.Text("ProcessConfig", "user") is "root" or "0")).Select(e => new ContainerHit($"has a command running that was started by exec {(e.Flag("ProcessConfig", "privileged") ? "privileged" : "as root")}", "End it, and find out who started it: exec needs neither --privileged nor --user root.", e.Text("ID") ?? ""))),
    ];

    internal static IEnumerable<ContainerHit> If(bool found, string message, string remedy) => found ? [new ContainerHit(message, remedy)] : [];

    private static ContainerRule Namespace(string code, string name, string key, Severity severity, string reference) =>
        new(Descriptor(code, $"Running container shares the host's {name} namespace", severity, reference), c => If(c.Mode(key) == "host", $"shares the host's {name} namespace", "Create it with a namespace of its own."));

    private static IEnumerable<string> Capabilities(RunningContainer c) => c.Host.Texts("CapAdd").Select(DangerousThings.Capability).Distinct();

    /// <summary>The value of a security option: <c>name</c> is true, <c>name=value</c> and <c>name:value</c> are the value; null where it is not set.</summary>
    private static string? Option(RunningContainer c, string name) => c.SecurityOptions.Where(o => o == name || o.StartsWith(name + "=", StringComparison.Ordinal) || o.StartsWith(name + ":", StringComparison.Ordinal))
        .Select(o => o.Length > name.Length ? o[(name.Length + 1)..] : "true").LastOrDefault();
}
