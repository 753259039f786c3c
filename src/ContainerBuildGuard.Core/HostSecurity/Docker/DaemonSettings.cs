using System.Collections.Immutable;
using System.Text.Json;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>The daemon's settings that the rules ask for, as one place states them: a command line or daemon.json.</summary>
internal sealed record DaemonSettings
{
    public ImmutableArray<string> Hosts { get; init; } = [];
    public ImmutableArray<string> InsecureRegistries { get; init; } = [];
    public bool Tls { get; init; }
    public bool TlsVerify { get; init; }
    public string UsernsRemap { get; init; } = "";
    public string? ConfigFile { get; init; }

    /// <summary>The daemon refuses a setting that stands in both places, so that the union is what it runs with.</summary>
    public DaemonSettings With(DaemonSettings other) => new()
    {
        Hosts = [.. Hosts, .. other.Hosts],
        InsecureRegistries = [.. InsecureRegistries, .. other.InsecureRegistries],
        Tls = Tls || other.Tls,
        TlsVerify = TlsVerify || other.TlsVerify,
        UsernsRemap = UsernsRemap.Length > 0 ? UsernsRemap : other.UsernsRemap,
        ConfigFile = ConfigFile ?? other.ConfigFile,
    };

    public static DaemonSettings FromArguments(IReadOnlyList<string> arguments) => new()
    {
        Hosts = [.. Values(arguments, "--host", "-H")],
        InsecureRegistries = [.. Values(arguments, "--insecure-registry")],
        Tls = Flag(arguments, "--tls"),
        TlsVerify = Flag(arguments, "--tlsverify"),
        UsernsRemap = Values(arguments, "--userns-remap").LastOrDefault() ?? "",
        ConfigFile = Values(arguments, "--config-file").LastOrDefault(),
    };

    /// <exception cref="JsonException">Not JSON, or a setting of the wrong type; dockerd would not start with it.</exception>
    public static DaemonSettings FromJson(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return new();
        }

        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return root.ValueKind != JsonValueKind.Object ? throw new JsonException("not a JSON object") : new()
        {
            Hosts = Strings(root, "hosts"),
            InsecureRegistries = Strings(root, "insecure-registries"),
            Tls = Boolean(root, "tls"),
            TlsVerify = Boolean(root, "tlsverify"),
            UsernsRemap = root.TryGetProperty("userns-remap", out var remap) ? Text(remap, "userns-remap") : "",
        };
    }

    private static IEnumerable<string> Values(IReadOnlyList<string> arguments, string name, string? shortName = null)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == name || (shortName is not null && argument == shortName))
            {
                if (++i < arguments.Count)
                {
                    yield return arguments[i];
                }
            }
            else if (argument.StartsWith(name + "=", StringComparison.Ordinal))
            {
                yield return argument[(name.Length + 1)..];
            }
            else if (shortName is not null && argument.StartsWith(shortName, StringComparison.Ordinal))
            {
                yield return argument[shortName.Length..].TrimStart('=');
            }
        }
    }

    private static bool Flag(IReadOnlyList<string> arguments, string name) =>
        arguments.LastOrDefault(a => a == name || a.StartsWith(name + "=", StringComparison.Ordinal)) is { } last
        && (last == name || last[(name.Length + 1)..] is "true" or "1" or "t" or "T" or "TRUE" or "True");

    private static ImmutableArray<string> Strings(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => Text(item, name))]
        : throw new JsonException($"\"{name}\" is not a list");

    private static bool Boolean(JsonElement root, string name) => root.TryGetProperty(name, out var value)
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw new JsonException($"\"{name}\" is not true or false"));

    private static string Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new JsonException($"\"{name}\" does not hold text");
}
