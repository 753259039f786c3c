using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Podman;

/// <summary>Settings of Podman and its family, containerd and BuildKit: each check names the setting and the values that are wrong.</summary>
internal static class SettingChecks
{
    private static readonly string[] Dangerous =
        ["ALL", "CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_PTRACE", "CAP_SYS_RAWIO", "CAP_DAC_READ_SEARCH", "CAP_NET_ADMIN", "CAP_BPF", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "NET_ADMIN", "BPF"];

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Podman("CBG5100", "Image policy accepts anything", Severity.Medium, "NIST SP 800-190 4.1.5", p => p.Policy, s => s is { Value: "insecureAcceptAnything" } && (s.Name == "default[0].type" || s.Name.StartsWith("transports.docker.", StringComparison.Ordinal)),
            s => $"Podman, Buildah and Skopeo take images from everywhere without a signature ({s.Name}).", "Set \"default\": [{ \"type\": \"reject\" }] and one `sigstoreSigned` or `signedBy` entry per registry."),
        Podman("CBG5101", "Podman registry without TLS", Severity.High, "NIST SP 800-190 4.2.1", p => p.Registries, s => s.Value == "true" && s.Name.EndsWith(".insecure", StringComparison.Ordinal) || (s.Name.StartsWith("registries.insecure.", StringComparison.Ordinal) && !Docker.Loopback.IsNetwork(s.Value)),
            s => $"A registry is accepted without verified TLS ({s.Name} = {s.Value}).", "Take `insecure = true` out and put the registry's authority into /etc/containers/certs.d/REGISTRY/."),
        Podman("CBG5102", "Short image names are searched in several registries", Severity.Medium, "NIST SP 800-190 4.1.5", p => p.Registries, s => s.Name == "unqualified-search-registries[1]" || s is { Name: "short-name-mode", Value: "permissive" or "disabled" },
            s => $"A short image name may be answered by another registry than the one that is meant ({s.Name} = {s.Value}).", "Keep one registry in `unqualified-search-registries`, set `short-name-mode = \"enforcing\"`, and write full names."),
        Podman("CBG5103", "Podman starts containers without seccomp", Severity.High, "CIS Docker 5.22", p => p.Containers, s => s is { Name: "containers.seccomp_profile", Value: "unconfined" },
            _ => "Containers start without a seccomp filter.", "Take `seccomp_profile` out of [containers]."),
        Podman("CBG5104", "Podman starts containers without SELinux labels", Severity.Medium, "CIS Docker 5.3", p => p.Containers, s => s is { Name: "containers.label", Value: "false" },
            _ => "Containers are not separated by SELinux labels (label = false).", "Set `label = true` in [containers]."),
        Podman("CBG5105", "Podman gives dangerous capabilities to all", Severity.High, "CIS Docker 5.4", p => p.Containers, s => s.Name.StartsWith("containers.default_capabilities[", StringComparison.Ordinal) && Dangerous.Contains(s.Value, StringComparer.OrdinalIgnoreCase),
            s => $"Every container gets {s.Value}.", "Take it out of `default_capabilities` and give it with --cap-add where it is needed."),
        Podman("CBG5106", "Podman shares the host's namespaces with all", Severity.High, "CIS Docker 5.10", p => p.Containers, s => s.Value == "host" && s.Name is "containers.netns" or "containers.pidns" or "containers.ipcns" or "containers.utsns" or "containers.cgroupns",
            s => $"Every container shares the host's namespace ({s.Name} = host).", "Set it to \"private\" and ask for the host's with an option where it is needed."),
        Podman("CBG5107", "Podman sets no process limit", Severity.Medium, "CIS Docker 5.29", p => p.Containers, s => s is { Name: "containers.pids_limit", Value: "0" or "-1" },
            _ => "A container may start processes without limit (pids_limit).", "Set `pids_limit = 2048` in [containers]."),
        Podman("CBG5108", "Podman mounts host folders into all containers", Severity.High, "CIS Docker 5.6", p => p.Containers, s => s.Name.StartsWith("containers.volumes[", StringComparison.Ordinal) || s.Name.StartsWith("containers.devices[", StringComparison.Ordinal),
            s => $"Every container gets {s.Value} of the host.", "Take it out of `volumes` or `devices` and mount it where it is needed."),
        Podman("CBG5109", "Podman starts containers without AppArmor", Severity.Medium, "CIS Docker 5.2", p => p.Containers, s => s is { Name: "containers.apparmor_profile", Value: "unconfined" },
            _ => "Containers start without an AppArmor profile.", "Take `apparmor_profile` out of [containers]."),
        Podman("CBG5113", "Signatures fetched without TLS", Severity.Medium, "NIST SP 800-190 4.1.5", p => p.Lookaside, s => s.Value.StartsWith("http://", StringComparison.OrdinalIgnoreCase),
            s => $"Signatures come over plain HTTP ({s.Name}: {s.Value}): whoever sits between can withhold them.", "Use https://."),
        Podman("CBG5120", "Layer files readable by every user", Severity.Medium, "NIST SP 800-190 4.5.5", p => p.Storage, s => s.Name.EndsWith(".force_mask", StringComparison.Ordinal) && s.Value is "shared" or "0777" or "777" or "0755",
            s => $"Files of images and containers are stored with wide permissions (force_mask = {s.Value}).", "Take `force_mask` out, or set it to \"private\"."),
        Builder("CBG5121", "containerd does not verify a registry", Severity.High, "NIST SP 800-190 4.2.1", b => b.Containerd, b => b.ContainerdSettings, s => s.Value == "true" && (s.Name.EndsWith("insecure_skip_verify", StringComparison.Ordinal) || s.Name.EndsWith("skip_verify", StringComparison.Ordinal)) || (s.Name == "server" && s.Value.StartsWith("http://", StringComparison.Ordinal)),
            s => $"containerd talks to a registry without verifying it ({s.Name} = {s.Value}).", "Name the registry's authority with `ca` instead."),
        Builder("CBG5122", "containerd listens on TCP", Severity.Critical, "NIST SP 800-190 4.5.1", b => b.Containerd, b => b.ContainerdSettings, s => s is { Name: "grpc.tcp_address", Value.Length: > 0 } || (s.Name == "debug.address" && s.Value.Contains(':', StringComparison.Ordinal)),
            s => $"containerd's API is on TCP ({s.Name} = {s.Value}): whoever reaches the port is root.", "Take it out; clients use the socket."),
        Builder("CBG5123", "containerd turns AppArmor off", Severity.Medium, "CIS Docker 5.2", b => b.Containerd, b => b.ContainerdSettings, s => s.Value == "true" && s.Name.EndsWith("disable_apparmor", StringComparison.Ordinal),
            _ => "Containers start without AppArmor (disable_apparmor).", "Take `disable_apparmor` out."),
        Builder("CBG5124", "containerd starts containers without seccomp", Severity.High, "CIS Docker 5.22", b => b.Containerd, b => b.ContainerdSettings, s => s.Value == "unconfined" && s.Name.EndsWith("unset_seccomp_profile", StringComparison.Ordinal),
            _ => "Containers that ask for no profile get none (unset_seccomp_profile).", "Set `unset_seccomp_profile = \"runtime/default\"`."),
        Builder("CBG5125", "containerd's metrics on the network", Severity.Low, "NIST SP 800-190 4.5.1", b => b.Containerd, b => b.ContainerdSettings, s => s.Name == "metrics.address" && s.Value.Length > 0 && !Docker.Loopback.Is(Docker.Loopback.HostOf(s.Value)),
            s => $"containerd's metrics can be read from the network ({s.Value}).", "Bind [metrics] address to 127.0.0.1."),
        Builder("CBG5126", "BuildKit lets builds have the host", Severity.High, "NIST SP 800-190 4.4.3", b => b.BuildKit, b => b.BuildKitSettings, s => s.Name.StartsWith("insecure-entitlements[", StringComparison.Ordinal),
            s => $"A build may ask for {s.Value}: a build step becomes root on the host or sits on its network.", "Empty `insecure-entitlements`."),
        Builder("CBG5127", "BuildKit listens on TCP without TLS", Severity.Critical, "NIST SP 800-190 4.5.1", b => b.BuildKit, b => b.BuildKitSettings, s => s.Name.StartsWith("grpc.address[", StringComparison.Ordinal) && s.Value.StartsWith("tcp://", StringComparison.Ordinal) && !Docker.Loopback.Is(Docker.Loopback.HostOf(s.Value)),
            s => $"buildkitd listens on {s.Value} and no TLS authority is set: whoever reaches it builds here.", "Set [grpc.tls] cert, key and ca, or keep to the socket.", unless: "grpc.tls.ca"),
        Builder("CBG5128", "BuildKit registry without TLS", Severity.High, "NIST SP 800-190 4.2.1", b => b.BuildKit, b => b.BuildKitSettings, s => s.Value == "true" && s.Name.StartsWith("registry.", StringComparison.Ordinal) && (s.Name.EndsWith(".http", StringComparison.Ordinal) || s.Name.EndsWith(".insecure", StringComparison.Ordinal)),
            s => $"BuildKit talks to a registry without verified TLS ({s.Name}).", "Take `http` and `insecure` out and name the authority with `ca`."),
    ];

    private static HostCheck Podman(string code, string title, Severity severity, string reference, Func<PodmanFacts, Probed<ImmutableArray<Setting>>> part, Func<Setting, bool> bad, Func<Setting, string> message, string remedy)
    {
        var rule = Rule(code, title, severity, reference);
        return new(rule, CheckScope.Anywhere, facts => HostCheckResult.Over(facts.Podman, "", podman => Judge(rule, podman.Present, "Podman, Buildah and Skopeo are not installed.", part(podman), bad, message, remedy, null)));
    }

    private static HostCheck Builder(string code, string title, Severity severity, string reference, Func<BuilderFacts, bool> present, Func<BuilderFacts, Probed<ImmutableArray<Setting>>> part, Func<Setting, bool> bad, Func<Setting, string> message, string remedy, string? unless = null)
    {
        var rule = Rule(code, title, severity, reference);
        return new(rule, CheckScope.Anywhere, facts => HostCheckResult.Over(facts.Builders, "", builders => Judge(rule, present(builders), "It is not installed.", part(builders), bad, message, remedy, unless)));
    }

    private static HostCheckResult Judge(Rule rule, bool present, string absent, Probed<ImmutableArray<Setting>> part, Func<Setting, bool> bad, Func<Setting, string> message, string remedy, string? unless)
    {
        if (!present)
        {
            return HostCheckResult.NotApplicable(absent);
        }

        // A file that is not there leaves the defaults, none of which is among the values asked about.
        return part.Problem is { } problem ? HostCheckResult.NotChecked(problem + ".")
            : HostCheckResult.Of((part.Found ? part.Value : []).Where(s => bad(s) && !(unless is not null && part.Value.Any(o => o.Name == unless))).Select(s => rule.Found($"{message(s).TrimEnd('.')} ({s.File}).", remedy, s.File, $"{s.Name} {s.Value}")), [], part.Found ? "No such setting." : "Not set; the default is right.");
    }
}
