using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>
/// Tells base layers from the app's. The .NET SDK appends its layers and signs them in the history (<c>author: .NET SDK</c>,
/// <c>created_by: .NET SDK Container Tooling</c>). Where the history says nothing, the lowest layer counts as the base and all above it as the
/// app's: what may be the user's is never excused as somebody else's.
/// </summary>
internal static class LayerOrigins
{
    public static ImmutableArray<Origin> Of(Image image)
    {
        var count = image.Manifest.Layers.Length;
        var history = image.Config.History.Where(h => !h.EmptyLayer).ToList();
        var first = history.Count == count ? history.FindIndex(IsSdk) : -1;
        if (first < 0)
        {
            first = Math.Min(1, count - 1);
        }

        return [.. Enumerable.Range(0, count).Select(i => i < first ? Origin.Base : Origin.App)];
    }

    private static bool IsSdk(HistoryEntry entry) =>
        entry.Author == ".NET SDK" || entry.CreatedBy.StartsWith(".NET SDK Container Tooling", StringComparison.Ordinal);
}
