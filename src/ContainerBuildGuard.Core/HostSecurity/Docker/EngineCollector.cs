using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Asks the running daemon what it really does: its answer wins over files and flags.</summary>
internal static class EngineCollector
{
    public static Probed<EngineFacts> Collect(HostReader host, string socket)
    {
        if (host.Stat(socket) is not { Found: true, Value.IsSocket: true })
        {
            return Probed<EngineFacts>.Absent;
        }

        try
        {
            return host.Probe.AskService(socket, "/info").Select(info => Read(host, socket, JsonNode.Parse(info) as JsonObject ?? throw new JsonException("not an object")));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return Probed<EngineFacts>.Unreadable($"{socket}: the engine's answer to /info is not what an engine answers");
        }
    }

    private static EngineFacts Read(HostReader host, string socket, JsonNode info)
    {
        Probed<JsonNode?> Ask(string path) => host.Probe.AskService(socket, path).Select(t => JsonNode.Parse(t));
        var version = Ask("/version");
        var manager = info["Swarm"]?["ControlAvailable"]?.GetValue<bool>() ?? false;
        var swarm = manager ? Ask("/swarm") : Probed<JsonNode?>.Absent;
        return new EngineFacts
        {
            Socket = socket,
            Version = Text(info["ServerVersion"]),
            Components = (version.Found ? version.Value?["Components"] as JsonArray ?? [] : []).Where(c => Text(c?["Name"]).Length > 0)
                .DistinctBy(c => Text(c!["Name"])).ToImmutableSortedDictionary(c => Text(c!["Name"]), c => Text(c!["Version"]), StringComparer.Ordinal),
            SecurityOptions = Strings(info["SecurityOptions"]),
            LiveRestore = Flag(info["LiveRestoreEnabled"]),
            Experimental = Flag(info["ExperimentalBuild"]),
            Debug = Flag(info["Debug"]),
            LoggingDriver = Text(info["LoggingDriver"]),
            StorageDriver = Text(info["Driver"]),
            CgroupVersion = Text(info["CgroupVersion"]),
            AuthorizationPlugins = Strings(info["Plugins"]?["Authorization"]),
            InsecureRegistries =
            [
                .. Strings(info["RegistryConfig"]?["InsecureRegistryCIDRs"]),
                .. (info["RegistryConfig"]?["IndexConfigs"] as JsonObject ?? []).Where(i => i.Value?["Secure"] is { } secure && !Flag(secure)).Select(i => i.Key),
            ],
            InterContainer = Ask("/networks/bridge").Select(n => Text(n?["Options"]?["com.docker.network.bridge.enable_icc"]) != "false"),
            Swarm = Text(info["Swarm"]?["LocalNodeState"]),
            Managers = info["Swarm"]?["Managers"]?.GetValue<int>() ?? 0,
            IsManager = manager,
            AutoLock = swarm.Select(s => Flag(s?["Spec"]?["EncryptionConfig"]?["AutoLockManagers"])),
            CertificateDays = swarm.Select(s => (s?["Spec"]?["CAConfig"]?["NodeCertExpiry"]?.GetValue<long>() ?? 0) / 86_400e9),
            UnencryptedOverlays = manager ? Ask("/networks").Select(Unencrypted) : Probed<ImmutableArray<string>>.Absent,
        };
    }

    private static ImmutableArray<string> Unencrypted(JsonNode? networks) =>
    [
        .. (networks as JsonArray ?? [])
            .Where(n => Text(n?["Driver"]) == "overlay" && (n!["Options"] as JsonObject)?.ContainsKey("encrypted") != true)
            .Select(n => Text(n!["Name"])),
    ];

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static bool Flag(JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    private static ImmutableArray<string> Strings(JsonNode? node) => [.. (node as JsonArray ?? []).Select(Text).Where(t => t.Length > 0)];
}
