using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.HostSecurity.Facts;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Serialization;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>Configuration trees as flat settings: <c>registry[0].insecure = true</c>. Later files follow earlier ones.</summary>
internal static class TomlSettings
{
    private const int MaxDepth = 32;

    /// <summary>Absent where no file exists; unreadable where one is denied or is not TOML.</summary>
    public static Probed<ImmutableArray<Setting>> Read(HostReader host, params IEnumerable<string> files) => Read(host, files, text => Flatten(TomlSerializer.Deserialize<TomlTable>(text, TomlTables.Default.TomlTable)));

    public static Probed<ImmutableArray<Setting>> ReadJson(HostReader host, params IEnumerable<string> files) => Read(host, files, text => Flatten(JsonNode.Parse(text)));

    private static Probed<ImmutableArray<Setting>> Read(HostReader host, IEnumerable<string> files, Func<string, IEnumerable<(string Name, string Value)>> parse)
    {
        var settings = ImmutableArray.CreateBuilder<Setting>();
        var any = false;
        foreach (var file in files)
        {
            var text = host.Text(file);
            if (text.Problem is { } problem)
            {
                return Probed<ImmutableArray<Setting>>.Unreadable(problem);
            }

            try
            {
                any |= text.Found;
                settings.AddRange(text.Found ? parse(text.Value).Select(s => new Setting(file, s.Name, s.Value)) : []);
            }
            catch (Exception e) when (e is TomlException or JsonException or InvalidOperationException)
            {
                return Probed<ImmutableArray<Setting>>.Unreadable($"{file} cannot be parsed: {e.Message.Split('\n')[0].Trim()}");
            }
        }

        return any ? settings.ToImmutable() : Probed<ImmutableArray<Setting>>.Absent;
    }

    private static IEnumerable<(string Name, string Value)> Flatten(object? node, string name = "", int depth = 0)
    {
        if (depth > MaxDepth)
        {
            return [];
        }

        string Member(string key) => name.Length == 0 ? key : $"{name}.{key}";
        return node switch
        {
            TomlTable table => table.SelectMany(m => Flatten(m.Value, Member(m.Key), depth + 1)),
            JsonObject json => json.SelectMany(m => Flatten(m.Value, Member(m.Key), depth + 1)),
            JsonValue value => [(name, value.ToString())],
            string text => [(name, text)],
            bool flag => [(name, flag ? "true" : "false")],
            IEnumerable list => list.Cast<object?>().SelectMany((item, index) => Flatten(item, string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]"), depth + 1)),
            null => [],
            _ => [(name, Convert.ToString(node, CultureInfo.InvariantCulture) ?? "")],
        };
    }
}

/// <summary>Reads tables without reflection.</summary>
[TomlSerializable(typeof(TomlTable))]
internal sealed partial class TomlTables : TomlSerializerContext;
