using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>A package that NuGet resolved for a project.</summary>
/// <remarks><c>Path</c>: from the project to it, by the direct reference that brings it. <c>HasRuntimeAssets</c>: false for what only compiles.</remarks>
public sealed record ResolvedPackage(string Name, string Version, ImmutableArray<string> Path, bool HasRuntimeAssets, ImmutableArray<string> Dependencies)
{
    /// <summary>The SPDX expression that it declares; null where it declares none.</summary>
    public string? License { get; init; }
}

/// <summary>What <c>project.assets.json</c> knows and no scanner sees: the project's own references, the way from each to every package, and what only compiles.</summary>
public sealed record ProjectAssets
{
    public required string ProjectPath { get; init; }

    public required string ProjectName { get; init; }

    /// <summary>Whether versions are managed centrally (<c>Directory.Packages.props</c>).</summary>
    public bool IsCentral { get; init; }

    /// <summary>Packages that the project references itself.</summary>
    public ImmutableHashSet<string> Direct { get; init; } = [];

    /// <summary>By name; of a multi-target project the target that fits the image.</summary>
    public ImmutableDictionary<string, ResolvedPackage> Packages { get; init; } = ImmutableDictionary<string, ResolvedPackage>.Empty;

    /// <remarks><c>targetFramework</c>: the framework that is published; empty takes the last.</remarks>
    /// <returns>Null where there is no such file: the image then says what it can by itself.</returns>
    /// <exception cref="GuardException">CBG9012: it is there and cannot be read.</exception>
    public static ProjectAssets? Load(string path, string targetFramework)
    {
        if (path.Length == 0 || !File.Exists(path))
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var licenses = NuspecLicenses.Read(json.RootElement);
            var assets = Parse(json.RootElement, targetFramework);
            return assets with { Packages = assets.Packages.ToImmutableDictionary(p => p.Key, p => p.Value with { License = licenses.GetValueOrDefault($"{p.Value.Name}/{p.Value.Version}") }, StringComparer.OrdinalIgnoreCase) };
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException or KeyNotFoundException)
        {
            throw new GuardException("CBG9012", GuardFailure.Environment, $"NuGet's assets file '{path}' cannot be read ({e.Message.TrimEnd('.')}): restore the project again.", e);
        }
    }

    public static ProjectAssets Parse(JsonElement root, string targetFramework)
    {
        var restore = root.GetProperty("project").GetProperty("restore");
        var targets = root.GetProperty("targets").EnumerateObject().ToList();
        // "net10.0/linux-x64" says more than "net10.0": its native and runtime assets are those that ship.
        var fitting = targets.Where(t => targetFramework.Length == 0 || t.Name.Split('/')[0].Equals(targetFramework, StringComparison.OrdinalIgnoreCase)).ToList();
        var target = (fitting.Count > 0 ? fitting : targets).OrderBy(t => t.Name.Contains('/', StringComparison.Ordinal)).LastOrDefault();
        var direct = ReadDirect(root, target.Value.ValueKind == JsonValueKind.Undefined ? "" : target.Name.Split('/')[0]);
        var name = restore.GetProperty("projectName").GetString() ?? "";
        return new ProjectAssets
        {
            ProjectPath = restore.GetProperty("projectPath").GetString() ?? "",
            ProjectName = name,
            IsCentral = restore.TryGetProperty("centralPackageVersionsManagementEnabled", out var central) && central.ValueKind == JsonValueKind.True,
            Direct = direct,
            Packages = target.Value.ValueKind == JsonValueKind.Undefined ? ImmutableDictionary<string, ResolvedPackage>.Empty : Resolve(target.Value, name, direct),
        };
    }

    private static ImmutableHashSet<string> ReadDirect(JsonElement root, string framework)
    {
        var groups = root.GetProperty("projectFileDependencyGroups").EnumerateObject().ToList();
        var group = groups.Find(g => g.Name.Equals(framework, StringComparison.OrdinalIgnoreCase)) is { Value.ValueKind: JsonValueKind.Array } found ? found : groups.FirstOrDefault();
        return group.Value.ValueKind == JsonValueKind.Array
            ? group.Value.EnumerateArray().Select(d => (d.GetString() ?? "").Split(' ')[0]).ToImmutableHashSet(StringComparer.OrdinalIgnoreCase)
            : [];
    }

    private static ImmutableDictionary<string, ResolvedPackage> Resolve(JsonElement target, string project, ImmutableHashSet<string> direct)
    {
        var libraries = target.EnumerateObject().Select(l => (Name: l.Name.Split('/')[0], Version: l.Name.Split('/')[^1], l.Value)).DistinctBy(l => l.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(l => l.Name, StringComparer.OrdinalIgnoreCase);
        var paths = new Dictionary<string, ImmutableArray<string>>(StringComparer.OrdinalIgnoreCase);
        var queue = new Queue<string>();
        foreach (var name in direct.Where(libraries.ContainsKey).Order(StringComparer.OrdinalIgnoreCase))
        {
            paths[name] = [project, $"{libraries[name].Name}/{libraries[name].Version}"];
            queue.Enqueue(name);
        }

        while (queue.TryDequeue(out var current))
        {
            foreach (var next in Dependencies(libraries[current].Value).Where(d => libraries.ContainsKey(d) && !paths.ContainsKey(d)))
            {
                paths[next] = paths[current].Add($"{libraries[next].Name}/{libraries[next].Version}");
                queue.Enqueue(next);
            }
        }

        return libraries.Values.Where(l => l.Value.TryGetProperty("type", out var type) && type.GetString() == "package").ToImmutableDictionary(
            l => l.Name,
            l => new ResolvedPackage(l.Name, l.Version, paths.GetValueOrDefault(l.Name, []), HasRuntimeAssets(l.Value), [.. Dependencies(l.Value)]),
            StringComparer.OrdinalIgnoreCase);
    }

    private static bool HasRuntimeAssets(JsonElement library) =>
        ((string[])["runtime", "native", "runtimeTargets", "resource"]).Any(kind => library.TryGetProperty(kind, out var assets) && assets.EnumerateObject().Any(a => !a.Name.EndsWith("/_._", StringComparison.Ordinal)));

    private static List<string> Dependencies(JsonElement library) =>
        library.TryGetProperty("dependencies", out var dependencies) ? [.. dependencies.EnumerateObject().Select(d => d.Name)] : [];
}
