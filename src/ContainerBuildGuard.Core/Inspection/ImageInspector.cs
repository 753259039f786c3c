using System.Collections.Immutable;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>One pass over an image: each layer is inflated, verified and walked once, in parallel; every observer sees each file once; nothing is written to disk.</summary>
public static class ImageInspector
{
    /// <exception cref="ImageException">A layer is malformed, truncated, over a limit, or not what its digests say.</exception>
    public static async Task<ImageInspection> InspectAsync(Image image, IReadOnlyList<ILayerObserver> observers, InspectionLimits limits, CancellationToken cancellationToken)
    {
        var layers = DescribeLayers(image);
        var walks = new LayerWalk[layers.Length];
        await Parallel.ForEachAsync(
            layers,
            new ParallelOptions { MaxDegreeOfParallelism = limits.Parallelism, CancellationToken = cancellationToken },
            async (layer, token) =>
            {
                var walk = new LayerWalk(layer, observers, limits);
                await walk.RunAsync(image, token);
                walks[layer.Index] = walk;
            });

        var union = new UnionBuilder();
        foreach (var walk in walks)
        {
            union.Apply(walk);
        }

        return new ImageInspection(
            image,
            layers,
            union.Build(),
            [.. walks.SelectMany(w => w.Visitors)],
            [.. walks.SelectMany(w => w.Gaps)]);
    }

    private static ImmutableArray<LayerInfo> DescribeLayers(Image image)
    {
        var (descriptors, diffIds) = (image.Manifest.Layers, image.Config.DiffIds);
        if (descriptors.Length != diffIds.Length)
        {
            throw new ImageException(ImageError.Malformed, $"The manifest of '{image.Reference}' lists {descriptors.Length} layers, its configuration {diffIds.Length}: build or pull the image again.");
        }

        var history = image.Config.History.Where(h => !h.EmptyLayer).ToList();
        var origins = LayerOrigins.Of(image);
        return [.. descriptors.Select((descriptor, i) => new LayerInfo
        {
            Index = i,
            Descriptor = descriptor,
            DiffId = diffIds[i],
            Origin = origins[i],
            History = history.Count == descriptors.Length ? history[i] : null,
        })];
    }
}
