using System.Collections.Immutable;
using System.Text.Json;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>The daemon's settings that the checks ask for, under daemon.json's names, from a command line or daemon.json.</summary>
internal static class DaemonSettings
{
    /// <summary>Flag to daemon.json's name where they differ.</summary>
    private static readonly Dictionary<string, string> Plural = new(StringComparer.Ordinal)
    {
        ["host"] = "hosts",
        ["H"] = "hosts",
        ["D"] = "debug",
        ["l"] = "log-level",
        ["s"] = "storage-driver",
        ["g"] = "data-root",
        ["graph"] = "data-root",
        ["insecure-registry"] = "insecure-registries",
        ["registry-mirror"] = "registry-mirrors",
        ["authorization-plugin"] = "authorization-plugins",
        ["log-opt"] = "log-opts",
        ["storage-opt"] = "storage-opts",
        ["default-ulimit"] = "default-ulimits",
    };

    private static readonly ImmutableHashSet<string> Known =
    [
        "hosts", "debug", "log-level", "storage-driver", "data-root", "insecure-registries", "registry-mirrors", "authorization-plugins", "log-opts", "storage-opts",
        "default-ulimits", "tls", "tlsverify", "tlscacert", "tlscert", "tlskey", "userns-remap", "icc", "iptables", "ip6tables", "ipv6", "log-driver", "cgroup-parent",
        "live-restore", "userland-proxy", "seccomp-profile", "experimental", "no-new-privileges", "selinux-enabled", "default-cgroupns-mode", "default-ipc-mode",
        "metrics-addr", "api-cors-header", "http-proxy", "https-proxy", "group", "config-file", "exec-opts",
    ];

    public static ImmutableSortedDictionary<string, ImmutableArray<string>> FromArguments(IReadOnlyList<string> arguments)
    {
        var values = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        for (var i = 1; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith('-') || argument.Length < 2)
            {
                continue;
            }

            var name = argument.TrimStart('-');
            var value = "";
            if (name.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
            {
                (name, value) = (name[..at], name[(at + 1)..]);
            }
            else if (!argument.StartsWith("--", StringComparison.Ordinal) && name.Length > 1)
            {
                (name, value) = (name[..1], name[1..]);
            }
            else if (!IsSwitch(name) && i + 1 < arguments.Count)
            {
                value = arguments[++i];
            }

            Add(values, Plural.GetValueOrDefault(name, name), value);
        }

        return Freeze(values);
    }

    /// <exception cref="JsonException">Not JSON, or a setting of the wrong type; dockerd would not start with it.</exception>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> FromJson(string json)
    {
        var values = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(json) ? "{}" : json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("not a JSON object");
        }

        foreach (var member in document.RootElement.EnumerateObject())
        {
            var list = member.Name is "hosts" or "insecure-registries" or "registry-mirrors" or "authorization-plugins";
            foreach (var value in member.Value.ValueKind switch
            {
                JsonValueKind.Array => member.Value.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.String ? v.GetString()! : throw new JsonException($"\"{member.Name}\" does not hold text")),
                JsonValueKind.Object when member.Name == "proxies" => [],
                JsonValueKind.Object => member.Value.EnumerateObject().Select(o => $"{o.Name}={(o.Value.ValueKind == JsonValueKind.String ? o.Value.GetString() : "")}"),
                _ when list => throw new JsonException($"\"{member.Name}\" is not a list"),
                JsonValueKind.String => [member.Value.GetString()!],
                _ => [member.Value.GetRawText()],
            })
            {
                Add(values, member.Name, value);
            }

            if (member is { Name: "proxies", Value.ValueKind: JsonValueKind.Object })
            {
                foreach (var proxy in member.Value.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String))
                {
                    Add(values, proxy.Name, proxy.Value.GetString()!);
                }
            }
        }

        return Freeze(values);
    }

    /// <summary>The daemon refuses a setting that stands in both places, so that the union is what it runs with.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> Merge(ImmutableSortedDictionary<string, ImmutableArray<string>> a, ImmutableSortedDictionary<string, ImmutableArray<string>> b) =>
        b.Aggregate(a, (all, pair) => all.SetItem(pair.Key, [.. pair.Value, .. all.GetValueOrDefault(pair.Key, [])]));

    private static bool IsSwitch(string name) => name is "D" or "debug" or "tls" or "tlsverify" or "icc" or "iptables" or "ip6tables" or "ipv6" or "live-restore"
        or "userland-proxy" or "experimental" or "no-new-privileges" or "selinux-enabled" or "raw-logs" or "init" or "ip-masq" or "ip-forward" or "rootless" or "validate" or "v" or "version";

    private static void Add(SortedDictionary<string, List<string>> values, string name, string value)
    {
        if (!Known.Contains(name))
        {
            return;
        }

        if (!values.TryGetValue(name, out var list))
        {
            values[name] = list = [];
        }

        list.Add(Redact(name, value));
    }

    /// <summary>Log options carry tokens and proxies passwords: of the first only harmless values stay, of the second that there is one.</summary>
    private static string Redact(string name, string value)
    {
        if (name == "log-opts" && value.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
        {
            return value[..at] is "max-size" or "max-file" ? value : $"{value[..at]}=…";
        }

        if (value.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme && value.LastIndexOf('@') is var user && user > scheme)
        {
            return $"{value[..scheme]}://…@{value[(user + 1)..]}";
        }

        return value;
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<string>> Freeze(SortedDictionary<string, List<string>> values) =>
        values.ToImmutableSortedDictionary(v => v.Key, v => v.Value.ToImmutableArray(), StringComparer.Ordinal);
}
