using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What a process in the container may do: root, capabilities, privilege escalation.</summary>
internal static class PrivilegeRules
{
    public static Rule Privileged { get; } = Descriptor("CBG2201", "Container is privileged", Severity.Critical, "CIS Docker 5.5", "NIST SP 800-190 4.4.3", "PSS baseline: privileged containers");
    public static Rule DangerousCapability { get; } = Descriptor("CBG2211", "Container gets a capability that is as good as root", Severity.High, "CIS Docker 5.4", "NIST SP 800-190 4.4.3");
    public static Rule AddedCapability { get; } = Descriptor("CBG2212", "Container gets a capability beyond the default ones", Severity.Medium, "CIS Docker 5.4", "PSS baseline: capabilities");
    public static Rule KeptCapabilities { get; } = Descriptor("CBG2213", "Container keeps the default capabilities", Severity.Low, "CIS Docker 5.4", "PSS restricted: capabilities");
    public static Rule EscalationAllowed { get; } = Descriptor("CBG2214", "Privilege escalation is switched on", Severity.Medium, "CIS Docker 5.26");
    public static Rule EscalationOpen { get; } = Descriptor("CBG2215", "Privilege escalation is not switched off", Severity.Low, "CIS Docker 5.26", "PSS restricted: privilege escalation");
    public static Rule RootUser { get; } = Descriptor("CBG2216", "Container is told to run as root", Severity.Medium, "CIS Docker 4.1", "NIST SP 800-190 4.1.2", "PSS restricted: running as non-root user");
    public static Rule RootPossible { get; } = Descriptor("CBG2217", "Nothing keeps the container from running as root", Severity.Low, "CIS Docker 4.1", "PSS restricted: running as non-root");
    public static Rule RootGroup { get; } = Descriptor("CBG2218", "Container runs in root's or the engine's group", Severity.Low, "CIS Docker 4.1");
    public static Rule WritableRoot { get; } = Descriptor("CBG2219", "Root file system is writable", Severity.Low, "CIS Docker 5.13", "NIST SP 800-190 4.4.4");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        EachContainer(Privileged, c => c.Platform != Platform.Aspire, c => Hits.If(c.Privileged?.Value == true, () => new Hit(c.Privileged!.At, $"{c} is privileged: it has every device, every capability and no seccomp or AppArmor profile between it and the host.",
            "Take privileged away; give the one capability or device that it needs.") { Fix = Edits.Replace(c.Privileged.At, "false") })),
        EachContainer(DangerousCapability, c => c.Platform != Platform.Aspire, c => Added(c, DangerousThings.Capabilities.Contains).Select(a => new Hit(a.At, $"{c} gets the capability {a.Value}, with which it can take over the host.",
            "Take it away, or do what needs it outside the container."))),
        EachContainer(AddedCapability, c => c.Platform != Platform.Aspire, c => Added(c, n => !DangerousThings.Capabilities.Contains(n) && !BaselineChecks.AllowedCapabilities.Contains(n)).Select(a => DangerousThings.IsCapability(a.Value)
            ? new Hit(a.At, $"{c} gets the capability {a.Value}, which containers do not have by default.", "Take it away unless the app fails without it.")
            : new Hit(a.At, $"{c} gets the capability {a.Value}, which Linux does not have: engines refuse it, and what was meant is not said.", "Take it away, or write the name that is meant (capabilities(7))."))),
        EachContainer(KeptCapabilities, c => c.Platform != Platform.Aspire, c => Hits.If(!c.CapabilitiesDropped.Any(d => DangerousThings.Capability(d.Value) == "ALL"), () => new Hit(c.Node, $"{c} keeps the capabilities that every container gets by default.",
            c.Platform switch
            {
                Platform.Kubernetes => "Set securityContext.capabilities.drop: [ALL]; a .NET app on a port from 1024 on needs none.",
                Platform.Compose => "Set cap_drop: [ALL]; a .NET app on a port from 1024 on needs none.",
                _ => "Set DropCapability=all; a .NET app on a port from 1024 on needs none.",
            })
        { Fix = c.Platform switch { Platform.Kubernetes => Edits.Set(c.Node, ["securityContext", "capabilities", "drop"], "[ALL]"), Platform.Compose => Edits.AddItem(c.Node, "cap_drop", "ALL"), _ => null } })
            .Concat(c.CapabilitiesDropped.Where(d => !DangerousThings.IsCapability(d.Value)).Select(d => new Hit(d.At, $"{c} drops the capability {d.Value}, which Linux does not have: the one that is meant is kept.", "Write ALL, or the name that is meant (capabilities(7)).")))),
        EachContainer(EscalationAllowed, c => c.Platform != Platform.Aspire, c => Hits.If(c.AllowPrivilegeEscalation?.Value == true, () => new Hit(c.AllowPrivilegeEscalation!.At, $"{c} lets its processes gain more rights than they started with.",
            "Switch it off: setuid programs then give no rights, and nothing else changes.") { Fix = NoEscalation(c) })),
        EachContainer(EscalationOpen, c => c.Platform != Platform.Aspire, c => Hits.If(c.AllowPrivilegeEscalation is null, () => new Hit(c.Node, $"{c} does not forbid its processes to gain more rights than they started with.",
            c.Platform switch
            {
                Platform.Kubernetes => "Set securityContext.allowPrivilegeEscalation: false.",
                Platform.Compose => "Set security_opt: [no-new-privileges:true].",
                _ => "Set NoNewPrivileges=true.",
            })
        { Fix = NoEscalation(c) })),
        EachContainer(RootUser, c => c.Platform != Platform.Aspire, c => Hits.If(c.User is { Value: var user } && IsRoot(user), () => new Hit(c.User!.At, $"{c} is told to run as {c.User.Value}, which is root.",
            "Name a numeric user id above 0: 1654 is the app user of Microsoft's .NET images.") { Fix = Edits.Replace(c.User.At, c.Platform == Platform.Compose ? "\"1654\"" : "1654") })),
        EachContainer(RootPossible, c => c.Platform != Platform.Aspire && c.Role != ContainerRole.Hook, c => Hits.If(c.Platform == Platform.Kubernetes ? c.RunAsNonRoot?.Value != true && c.Workload.Pod?.HasOwnUsers != true : c.User is null, () => new Hit(c.RunAsNonRoot.Or(c),
            $"{c} runs as whatever user its image names, which is root where the image names none.",
            c.Platform == Platform.Kubernetes ? "Set securityContext.runAsNonRoot: true: a container that would be root is then not started." : "Name a numeric user id above 0: 1654 is the app user of Microsoft's .NET images.")
        { Fix = c.Platform == Platform.Kubernetes ? Edits.Set(c.Node, ["securityContext", "runAsNonRoot"], "true") : null })),
        EachContainer(RootGroup, c => c.Platform != Platform.Aspire, c => c.Groups.Where(g => g.Value is "0" or "root" or "docker" or "wheel" or "disk").Select(g => new Hit(g.At, $"{c} runs in the group {g.Value}.",
            "Take the group away; own the files that the app needs by a group of its own."))),
        EachContainer(WritableRoot, c => c.Platform != Platform.Aspire, c => Hits.If(c.ReadOnlyRoot?.Value != true, () => new Hit(c.ReadOnlyRoot.Or(c), $"{c} can change its own program files.",
            c.Platform switch
            {
                Platform.Kubernetes => "Set securityContext.readOnlyRootFilesystem: true, and mount an emptyDir at /tmp (or set DOTNET_EnableDiagnostics_IPC=0).",
                Platform.Compose => "Set read_only: true and tmpfs: [/tmp] (or DOTNET_EnableDiagnostics_IPC=0).",
                _ => "Set ReadOnly=true; Podman mounts /tmp and /run for writing by itself.",
            }))),
    ];

    private static IEnumerable<Setting<string>> Added(ContainerSpec container, Func<string, bool> which) =>
        container.CapabilitiesAdded.Where(a => which(DangerousThings.Capability(a.Value)));

    private static bool IsRoot(string user) => user.Split(':')[0] is "root" or "0" || (user.Split(':')[0] is { Length: > 0 } id && id.All(ch => ch == '0'));

    private static Fix? NoEscalation(ContainerSpec c) => c.Platform switch
    {
        Platform.Kubernetes => Edits.Set(c.Node, ["securityContext", "allowPrivilegeEscalation"], "false", safe: c.Privileged?.Value != true && !c.CapabilitiesAdded.Any(a => DangerousThings.Capability(a.Value) == "SYS_ADMIN")),
        Platform.Compose when c.AllowPrivilegeEscalation is { } set => Edits.Replace(set.At, "no-new-privileges:true", safe: true),
        Platform.Compose => Edits.AddItem(c.Node, "security_opt", "no-new-privileges:true", safe: true),
        Platform.Quadlet when c.AllowPrivilegeEscalation is { } set => Edits.Replace(set.At, "NoNewPrivileges=true", safe: true),
        _ => null,
    };
}
