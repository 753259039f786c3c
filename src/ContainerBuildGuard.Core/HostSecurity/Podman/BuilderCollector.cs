using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Podman;

/// <summary>containerd and BuildKit: their TOML, containerd's registry hosts, and what stands on buildkitd's command line.</summary>
internal static class BuilderCollector
{
    public static Probed<BuilderFacts> Collect(HostReader host)
    {
        var processes = host.Probe.Processes();
        var running = processes.Found ? processes.Value : [];
        var buildkitd = running.FirstOrDefault(p => p.Name == "buildkitd");
        string[] configurations = ["/etc/buildkit/buildkitd.toml", $"{host.Home}/.config/buildkit/buildkitd.toml"];
        var settings = TomlSettings.Read(host, configurations);
        if (buildkitd is not null && settings.Problem is null)
        {
            settings = (settings.Found ? settings.Value : []).AddRange(FromArguments(buildkitd.Arguments));
        }

        host.Group("containerd-socket", "/run/containerd/containerd.sock");
        host.Group("containerd-config", "/etc/containerd", "/etc/containerd/config.toml", "/etc/containerd/certs.d/*/hosts.toml");
        host.Group("buildkit-socket", "/run/buildkit/buildkitd.sock");
        return new BuilderFacts
        {
            Containerd = host.Exists("/usr/bin/containerd") || host.Exists("/usr/local/bin/containerd") || running.Any(p => p.Name == "containerd"),
            ContainerdSettings = TomlSettings.Read(host, ["/etc/containerd/config.toml", .. host.Expand("/etc/containerd/certs.d/*/hosts.toml")]),
            BuildKit = buildkitd is not null || host.Exists("/usr/bin/buildkitd") || host.Exists("/usr/local/bin/buildkitd") || configurations.Any(host.Exists),
            BuildKitSettings = settings,
        };
    }

    private static ImmutableArray<Setting> FromArguments(ImmutableArray<string> arguments)
    {
        const string File = "buildkitd's command line";
        var settings = ImmutableArray.CreateBuilder<Setting>();
        for (var i = 1; i < arguments.Length; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) is [var n, var v] ? (n, v) : (arguments[i], i + 1 < arguments.Length ? arguments[i + 1] : "");
            var setting = name switch
            {
                "--addr" => "grpc.address[]",
                "--allow-insecure-entitlement" => "insecure-entitlements[]",
                "--tlscacert" => "grpc.tls.ca",
                _ => null,
            };
            if (setting is not null)
            {
                settings.Add(new Setting(File, setting, value));
            }
        }

        return settings.ToImmutable();
    }
}
