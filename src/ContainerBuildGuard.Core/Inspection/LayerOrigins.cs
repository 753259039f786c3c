using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>
/// Tells base layers from the app's: by the base image's own layers where they are known; else by the history, in which the .NET SDK signs the layers that
/// it appends (<c>author: .NET SDK</c>, <c>created_by: .NET SDK Container Tooling</c>). Where neither says anything, the lowest layer counts as the base and all
/// above it as the app's: what may be the user's is never excused as somebody else's.
/// </summary>
internal static class LayerOrigins
{
    public static ImmutableArray<Origin> Of(Image image, ImmutableArray<Digest> baseLayers)
    {
        var count = image.Manifest.Layers.Length;
        var first = ByBase(image, baseLayers) ?? ByHistory(image, count) ?? Math.Min(1, count - 1);
        return [.. Enumerable.Range(0, count).Select(i => i < first ? Origin.Base : Origin.App)];
    }

    /// <summary>A base whose layers the image does not begin with is not its base.</summary>
    private static int? ByBase(Image image, ImmutableArray<Digest> baseLayers) =>
        !baseLayers.IsDefaultOrEmpty && baseLayers.Length <= image.Config.DiffIds.Length && image.Config.DiffIds.Take(baseLayers.Length).SequenceEqual(baseLayers) ? baseLayers.Length : null;

    private static int? ByHistory(Image image, int count)
    {
        var history = image.Config.History.Where(h => !h.EmptyLayer).ToList();
        return history.Count == count && history.FindIndex(IsSdk) is >= 0 and var first ? first : null;
    }

    private static bool IsSdk(HistoryEntry entry) =>
        entry.Author == ".NET SDK" || entry.CreatedBy.StartsWith(".NET SDK Container Tooling", StringComparison.Ordinal);
}
