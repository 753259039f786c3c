using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using static ContainerBuildGuard.HardenedConfiguration.ImageRule;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Bytes that are carried and serve nobody: hidden ones, and the same ones again.</summary>
internal static class WasteRules
{
    private const long MuchWaste = 20L << 20;

    public static Rule Hidden { get; } = Descriptor("CBG2062", "Image carries files that nobody sees", Severity.Info, "Docker best practices, layers");
    public static Rule Alike { get; } = Descriptor("CBG2070", "Image carries the same content several times", Severity.Info, "Docker best practices, layers");

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(Hidden, FindHidden),
        new(Alike, FindAlike),
    ];

    /// <summary>Without those that a later layer brought again as they were: their content is seen, and the other rule speaks of it.</summary>
    private static IEnumerable<ImageHit> FindHidden(HardeningFacts facts)
    {
        var again = facts.Alike.Where(a => a.Any(facts.Inspection.Files.IsVisible)).SelectMany(a => a).ToHashSet<LayerEntry>(ReferenceEqualityComparer.Instance);
        var hidden = facts.Inspection.Files.Hidden.Where(e => !again.Contains(e)).ToList();
        var bytes = hidden.Sum(e => e.Size);
        return bytes <= MuchWaste ? [] : [new ImageHit($"{Megabytes(bytes)} MB in {hidden.Count} files were deleted or replaced by a later layer and are still in the image.", "Delete in the layer that makes them, or copy from a build stage; a base like that wants replacing.") { Key = "waste" }];
    }

    private static IEnumerable<ImageHit> FindAlike(HardeningFacts facts)
    {
        var bytes = facts.Alike.Sum(Again);
        if (bytes <= MuchWaste)
        {
            yield break;
        }

        var most = facts.Alike.MaxBy(Again)!;
        var places = string.Join(", ", most.Take(3).Select(e => $"/{e.Path} in layer {e.LayerIndex}")) + (most.Count > 3 ? "…" : "");
        var rewritten = most.Select(e => e.Path).Distinct(StringComparer.Ordinal).Count() == 1;
        yield return new ImageHit(
            $"{Megabytes(bytes)} MB are in the image again with the same content, most of them as {places}{(rewritten ? ": only owner, mode or time differ" : "")}.",
            rewritten ? "Set owner and mode where the file is made (COPY --chown and --chmod, ContainerUser): a layer that only changes them carries the whole files again."
                : "Publish it once: framework-dependent on a base that has the runtime (SelfContained=false), for one RuntimeIdentifier, without a copy of the output in itself.")
        {
            Key = "alike",
            Entry = most[^1],
        };
    }

    private static long Again(IReadOnlyList<LayerEntry> alike) => (alike.Count - 1) * alike[0].Size;

    internal static string Megabytes(long bytes) => (bytes / (double)(1 << 20)).ToString("0", CultureInfo.InvariantCulture);
}
