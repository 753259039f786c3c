using System.Collections.Concurrent;
using System.Collections.Immutable;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>One pass over an image: each layer is inflated, verified and walked once, in parallel; every observer sees each file once; nothing is written to disk.</summary>
public static class ImageInspector
{
    /// <inheritdoc cref="InspectAsync(Image, IReadOnlyList{ILayerObserver}, InspectionOptions, CancellationToken)"/>
    public static Task<ImageInspection> InspectAsync(Image image, IReadOnlyList<ILayerObserver> observers, InspectionLimits limits, CancellationToken cancellationToken) =>
        InspectAsync(image, observers, new InspectionOptions { Limits = limits }, cancellationToken);

    /// <inheritdoc cref="InspectAsync{T}(Image, IReadOnlyList{ILayerObserver}, InspectionOptions, Func{ImageInspection, Task{T}}, CancellationToken)"/>
    public static Task<ImageInspection> InspectAsync(Image image, IReadOnlyList<ILayerObserver> observers, InspectionOptions options, CancellationToken cancellationToken) =>
        InspectAsync(image, observers, options, Task.FromResult, cancellationToken);

    /// <summary>Inspects an image and judges it. Layers whose facts are known are read for their digests beside the judgement; nothing is said of an image before both are done.</summary>
    /// <exception cref="ImageException">A layer is malformed, truncated, over a limit, or not what its digests say.</exception>
    public static async Task<T> InspectAsync<T>(Image image, IReadOnlyList<ILayerObserver> observers, InspectionOptions options, Func<ImageInspection, Task<T>> judge, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var proofs = new ConcurrentBag<Task>();
        try
        {
            var judged = await judge(await InspectAsync(image, observers, options, proofs, ending.Token));
            await Task.WhenAll(proofs);
            return judged;
        }
        finally
        {
            // The image closes after this: nobody may still read from it.
            await ending.CancelAsync();
            await Task.WhenAll(proofs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<ImageInspection> InspectAsync(Image image, IReadOnlyList<ILayerObserver> observers, InspectionOptions options, ConcurrentBag<Task> proofs, CancellationToken cancellationToken)
    {
        var layers = DescribeLayers(image, options);
        var facts = new LayerFacts[layers.Length];

        // The largest first: it is the one that everybody waits for in the end.
        await Parallel.ForEachAsync(
            layers.OrderByDescending(l => l.Descriptor.Size),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (layer, token) => facts[layer.Index] = await InspectLayerAsync(image, layer, observers, options, proofs, token));

        var union = new UnionBuilder();
        foreach (var layer in facts)
        {
            union.Apply(layer);
        }

        return new ImageInspection(image, layers, union.Build(), [.. facts.SelectMany(f => f.Visitors)], [.. facts.SelectMany(f => f.Gaps)]);
    }

    private static async Task<LayerFacts> InspectLayerAsync(Image image, LayerInfo layer, IReadOnlyList<ILayerObserver> observers, InspectionOptions options, ConcurrentBag<Task> proofs, CancellationToken cancellationToken)
    {
        if (LayerStream.IsForeign(layer.Descriptor))
        {
            var none = new LayerFacts(layer, observers);
            none.AddGap("layer", "it is a foreign (non-distributable) layer, whose content is not in the image");
            return none;
        }

        if (options.Cache?.Load(layer, observers, options.Limits) is { } kept)
        {
            if (options.ReadKnownLayers && !image.Blobs.IsRemote)
            {
                proofs.Add(Task.Run(() => VerifyAsync(image, layer, cancellationToken), cancellationToken));
            }

            return kept;
        }

        var blob = await image.Blobs.OpenAsync(layer.Descriptor, cancellationToken);
        var facts = new LayerFacts(layer, observers);
        try
        {
            // A read that waits for a network ends with its stream.
            await using var cancelling = cancellationToken.Register(static stream => ((Stream)stream!).Dispose(), blob);
            LayerWalk.Run(blob, facts, options.Limits, cancellationToken);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        finally
        {
            await blob.DisposeAsync();
        }

        options.Cache?.Store(facts, observers, options.Limits);
        return facts;
    }

    /// <summary>Facts are kept for the bytes that the digest names; what lies on this machine must be those bytes, as what comes from a registry is checked by whoever pulls it.</summary>
    private static async Task VerifyAsync(Image image, LayerInfo layer, CancellationToken cancellationToken)
    {
        await using var blob = await image.Blobs.OpenAsync(layer.Descriptor, cancellationToken);
        await blob.CopyToAsync(Stream.Null, 1 << 20, cancellationToken);
    }

    private static ImmutableArray<LayerInfo> DescribeLayers(Image image, InspectionOptions options)
    {
        var (descriptors, diffIds) = (image.Manifest.Layers, image.Config.DiffIds);
        if (descriptors.Length != diffIds.Length)
        {
            throw new ImageException(ImageError.Malformed, $"The manifest of '{image.Reference}' lists {descriptors.Length} layers, its configuration {diffIds.Length}: build or pull the image again.");
        }

        if (descriptors.Length > options.Limits.Layers)
        {
            throw new ImageException(ImageError.LimitExceeded, $"The image '{image.Reference}' has {descriptors.Length} layers, over the limit of {options.Limits.Layers}: build it with fewer, or raise the limit 'layers' in the policy.");
        }

        var history = image.Config.History.Where(h => !h.EmptyLayer).ToList();
        var origins = LayerOrigins.Of(image, options.BaseLayers);
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
