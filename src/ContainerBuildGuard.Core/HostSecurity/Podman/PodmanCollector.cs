using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Podman;

/// <summary>The configuration that Podman, Buildah and Skopeo share (containers/image, containers/common, containers/storage).</summary>
internal static class PodmanCollector
{
    public static Probed<PodmanFacts> Collect(HostReader host)
    {
        var own = $"{host.Probe.EnvironmentVariable("XDG_CONFIG_HOME") ?? host.Home + "/.config"}/containers";
        var processes = host.Probe.Processes();
        var policy = host.Exists($"{own}/policy.json") ? $"{own}/policy.json" : "/etc/containers/policy.json";
        string[] registries = host.Exists($"{own}/registries.conf") ? [$"{own}/registries.conf", .. host.Expand($"{own}/registries.conf.d/*.conf")] : ["/etc/containers/registries.conf", .. host.Expand("/etc/containers/registries.conf.d/*.conf")];
        string[] containers = ["/usr/share/containers/containers.conf", "/etc/containers/containers.conf", .. host.Expand("/etc/containers/containers.conf.d/*.conf"), $"{own}/containers.conf", .. host.Expand($"{own}/containers.conf.d/*.conf")];
        string[] storage = ["/usr/share/containers/storage.conf", "/etc/containers/storage.conf", $"{own}/storage.conf"];
        var problems = new List<string>();
        var lookaside = host.Expand("/etc/containers/registries.d/*.yaml", problems)
            .SelectMany(f => HostReader.Lines(host.Text(f, problems)).Where(l => l.Text.Contains("lookaside", StringComparison.Ordinal) || l.Text.Contains("sigstore", StringComparison.Ordinal))
                .Select(l => l.Text.Split(':', 2)).Where(p => p.Length == 2).Select(p => new Setting(f, p[0].Trim(), p[1].Trim()))).ToImmutableArray();
        host.Group("containers-config", "/etc/containers", policy, "/etc/containers/registries.conf", "/etc/containers/containers.conf", "/etc/containers/storage.conf", "/etc/containers/registries.conf.d/*", "/etc/containers/registries.d/*");
        host.Group("podman-socket", "/run/podman/podman.sock");
        var stores = TomlSettings.Read(host, storage);
        host.Group("image-store", (stores.Found ? stores.Value : []).Where(s => s.Name.Contains("additionalimagestores", StringComparison.Ordinal)).Select(s => s.Value));
        return new PodmanFacts
        {
            Present = host.Exists("/usr/bin/podman") || host.Exists("/usr/bin/buildah") || host.Exists("/usr/bin/skopeo") || host.Exists("/usr/local/bin/podman"),
            Policy = TomlSettings.ReadJson(host, policy),
            Registries = TomlSettings.Read(host, registries),
            Containers = TomlSettings.Read(host, containers),
            Storage = stores,
            Lookaside = problems.Count > 0 ? Probed<ImmutableArray<Setting>>.Unreadable(string.Join("; ", problems)) : lookaside,
            TcpServices =
            [
                .. (processes.Found ? processes.Value : []).Where(p => p.Name == "podman" && p.Arguments.Contains("service")).SelectMany(p => p.Arguments).Where(a => a.StartsWith("tcp:", StringComparison.Ordinal)),
                .. host.Expand("/etc/systemd/system/podman.socket.d/*.conf").Append("/etc/systemd/system/podman.socket").SelectMany(f => HostReader.Lines(host.Text(f, [])))
                    .Where(l => l.Text.StartsWith("ListenStream=", StringComparison.Ordinal)).Select(l => l.Text["ListenStream=".Length..].Trim())
                    .Where(v => v.Length > 0 && v[0] is not '/' and not '%' and not '@'),
            ],
        };
    }
}
