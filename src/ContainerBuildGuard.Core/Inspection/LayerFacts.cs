using System.Collections.Immutable;

namespace ContainerBuildGuard.Inspection;

/// <summary>What a walk over one layer brought: its entries and whiteouts for the union view, the visitors with what they gathered, and the gaps.</summary>
internal sealed class LayerFacts(LayerInfo layer, IReadOnlyList<ILayerObserver> observers)
{
    public LayerInfo Layer => layer;

    public ImmutableArray<ILayerVisitor> Visitors { get; } = [.. observers.Select(o => o.StartLayer(layer))];

    public List<LayerEntry> Entries { get; } = [];

    public List<string> Whiteouts { get; } = [];

    public List<string> OpaqueFolders { get; } = [];

    public List<Gap> Gaps { get; } = [];

    public void AddGap(string what, string reason, string? path = null) => Gaps.Add(new Gap(what, reason, layer.Index, path));
}
