using System.Globalization;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Looks at the audit's own process: is it in a container, and what was that container given?</summary>
internal static class ContainerCollector
{
    private static readonly string[] Sockets =
        ["/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/buildkit/buildkitd.sock"];

    public static Probed<ContainerFacts> Collect(HostReader host)
    {
        if (host.Probe.Root.Length > 0)
        {
            return new ContainerFacts(false, "", false, false, false, []);
        }

        var control = host.Text("/proc/1/cgroup");
        var first = host.Text("/proc/1/environ");
        var evidence = host.Exists("/.dockerenv") ? "/.dockerenv"
            : host.Exists("/run/.containerenv") ? "/run/.containerenv"
            : first is { Found: true, Value: var variables } && variables.Split('\0').Any(v => v.StartsWith("container=", StringComparison.Ordinal)) ? "the variable container of process 1"
            : host.Probe.EnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } ? "KUBERNETES_SERVICE_HOST"
            : control is { Found: true, Value: var groups } && (groups.Contains("/docker/", StringComparison.Ordinal) || groups.Contains("kubepods", StringComparison.Ordinal) || groups.Contains("libpod", StringComparison.Ordinal)) ? "the control group of process 1"
            : "";
        var mounts = host.Text("/proc/self/mountinfo");
        return new ContainerFacts(
            evidence.Length > 0,
            evidence,
            evidence.Length > 0 && AllCapabilities(host),
            evidence.Length > 0 && host.Text("/proc/2/comm") is { Found: true, Value: var name } && name.StartsWith("kthreadd", StringComparison.Ordinal),
            evidence.Length > 0 && (host.Exists("/sys/class/net/docker0") || host.Exists("/sys/class/net/cni0")),
            evidence.Length == 0 || !mounts.Found ? [] : [.. Sockets.Where(s => host.Stat(s) is { Found: true, Value.IsSocket: true } && IsMounted(mounts.Value, s))]);
    }

    /// <summary>A socket that lies on a mount of its own, or in a folder that is one, was handed in from outside.</summary>
    private static bool IsMounted(string mounts, string socket) => mounts.Split('\n').Select(l => l.Split(' ')).Any(f => f.Length > 5
        && (f[4] == socket || f[4] == socket.Replace("/var/run/", "/run/", StringComparison.Ordinal)
            || (f[3] is not "/" && f[4] is "/run" or "/var/run" && (socket.StartsWith(f[4] + "/", StringComparison.Ordinal) || socket.StartsWith("/var/run/", StringComparison.Ordinal)))));

    private static bool AllCapabilities(HostReader host)
    {
        const ulong SystemAdministration = 1UL << 21;
        const ulong RawIo = 1UL << 17;
        const ulong Modules = 1UL << 16;
        var status = host.Text("/proc/self/status");
        var line = status.Found ? status.Value.Split('\n').FirstOrDefault(l => l.StartsWith("CapBnd:", StringComparison.Ordinal)) : null;
        return line is not null && ulong.TryParse(line[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var bits)
            && (bits & (SystemAdministration | RawIo | Modules)) == (SystemAdministration | RawIo | Modules);
    }
}
