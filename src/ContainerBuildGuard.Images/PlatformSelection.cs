using System.Collections.Immutable;

namespace ContainerBuildGuard.Images;

/// <summary>Chooses the images that a processor of a platform would be given.</summary>
internal static class PlatformSelection
{
    /// <summary>Every image, each once, where no platform is asked for; else those nearest to it: of the same variant, or of the highest one below that it runs.</summary>
    /// <exception cref="ImageException">There is no image for the platform.</exception>
    public static ImmutableArray<Image> Select(string reference, IReadOnlyCollection<(Platform Platform, Image Image)> candidates, Platform? wanted)
    {
        if (wanted is null)
        {
            return [.. candidates.Select(c => c.Image).DistinctBy(i => i.Digest)];
        }

        var fitting = candidates.Select(c => (c.Image, Distance: c.Platform.DistanceTo(wanted))).Where(c => c.Distance is not null).ToList();
        var nearest = fitting.Min(c => c.Distance);
        return nearest is not null
            ? [.. fitting.Where(c => c.Distance == nearest).Select(c => c.Image).DistinctBy(i => i.Digest)]
            : throw new ImageException(ImageError.NotFound, $"'{reference}' has no image for {wanted}; it has {(candidates.Count == 0 ? "none at all" : string.Join(", ", candidates.Select(c => c.Platform).Distinct()))}.");
    }
}
