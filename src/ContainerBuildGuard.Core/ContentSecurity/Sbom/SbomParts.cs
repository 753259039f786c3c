using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What both forms of a bill of materials are made of.</summary>
internal static class SbomParts
{
    public static JsonWriterOptions Options { get; } = new() { Indented = true };

    public static string Version { get; } = typeof(SbomParts).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>One entry a package URL: the file that runs before the one that is only named.</summary>
    public static List<Package> Distinct(GuardResult result) =>
        [.. result.Packages.OrderBy(p => p.Presence).ThenBy(p => p.LayerIndex).ThenBy(p => p.Path, StringComparer.Ordinal).DistinctBy(p => p.Purl).OrderBy(p => p.Purl, StringComparer.Ordinal)];

    /// <summary>What the image itself depends on: every package that no other package brings.</summary>
    public static List<Package> Roots(List<Package> packages)
    {
        var brought = packages.SelectMany(p => p.DependsOn.Where(d => d != p.Purl)).ToHashSet(StringComparer.Ordinal);
        return packages.FindAll(p => !brought.Contains(p.Purl));
    }

    /// <summary>The edges between packages that are both in the list, each once.</summary>
    public static IEnumerable<(Package From, Package To)> Edges(List<Package> packages)
    {
        var byPurl = packages.ToDictionary(p => p.Purl, StringComparer.Ordinal);
        return packages.SelectMany(p => p.DependsOn.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Where(d => d != p.Purl && byPurl.ContainsKey(d)).Select(d => (p, byPurl[d])));
    }

}
