using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>A NuGet package that a <c>*.deps.json</c> names, with the way from the project to it.</summary>
internal sealed record DependencyPackage(string Name, string Version, ImmutableArray<string> Path)
{
    public void Save(FactWriter facts)
    {
        facts.Write(Name);
        facts.Write(Version);
        facts.WriteList(Path, (w, step) => w.Write(step));
    }

    public static DependencyPackage Load(FactReader facts) => new(facts.ReadText(), facts.ReadText(), [.. facts.ReadList(r => r.ReadText())]);
}

/// <summary>The packages of a .NET app: libraries of type <c>package</c>; projects and references are told apart, runtime packs count.</summary>
internal static class DependencyFile
{
    public static List<DependencyPackage> Parse(ReadOnlyMemory<byte> bytes)
    {
        using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        var root = document.RootElement;
        var types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var library in root.GetProperty("libraries").EnumerateObject())
        {
            types[library.Name] = library.Value.TryGetProperty("type", out var type) ? type.GetString() ?? "" : "";
        }

        var dependencies = Dependencies(root);
        var paths = Paths(types, dependencies);
        return [.. types.Where(t => t.Value is "package" or "runtimepack").Select(t => Split(t.Key)).OfType<(string Name, string Version)>()
            .Select(p => new DependencyPackage(
                p.Name.StartsWith("runtimepack.", StringComparison.Ordinal) ? p.Name["runtimepack.".Length..] : p.Name,
                p.Version,
                paths.GetValueOrDefault($"{p.Name}/{p.Version}", [])))];
    }

    private static Dictionary<string, List<string>> Dependencies(JsonElement root)
    {
        var result = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var target in root.TryGetProperty("targets", out var targets) ? targets.EnumerateObject() : default)
        {
            foreach (var library in target.Value.EnumerateObject())
            {
                if (library.Value.TryGetProperty("dependencies", out var list))
                {
                    result[library.Name] = [.. list.EnumerateObject().Select(d => $"{d.Name}/{d.Value.GetString()}")];
                }
            }
        }

        return result;
    }

    /// <summary>The shortest way from a project to each library, breadth first.</summary>
    private static Dictionary<string, ImmutableArray<string>> Paths(Dictionary<string, string> types, Dictionary<string, List<string>> dependencies)
    {
        var byName = types.Keys.Select(k => (Key: k, Id: Split(k)?.Name)).Where(k => k.Id is not null).GroupBy(k => k.Id!, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Key, StringComparer.OrdinalIgnoreCase);
        var paths = new Dictionary<string, ImmutableArray<string>>(StringComparer.OrdinalIgnoreCase);
        var queue = new Queue<string>(types.Where(t => t.Value == "project").Select(t => t.Key).Take(1));
        foreach (var root in queue)
        {
            paths[root] = [Split(root)?.Name ?? root];
        }

        while (queue.TryDequeue(out var current))
        {
            foreach (var dependency in dependencies.GetValueOrDefault(current, []))
            {
                // The version asked for and the one that was resolved may differ; the name decides.
                if (Split(dependency) is { } d && byName.TryGetValue(d.Name, out var key) && paths.TryAdd(key, paths[current].Add(key)))
                {
                    queue.Enqueue(key);
                }
            }
        }

        return paths;
    }

    private static (string Name, string Version)? Split(string key) =>
        key.LastIndexOf('/') is > 0 and var slash ? (key[..slash], key[(slash + 1)..]) : null;
}
