using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>Looks at layers while they are walked. One visitor per layer: layers run in parallel, a visitor is used by one thread at a time.</summary>
public interface ILayerObserver
{
    /// <summary>
    /// Names the observer and the version of what its visitors gather: <c>dpkg/2</c>. Facts are cached by it, so it changes with every change after which
    /// the same bytes give other facts; what the user configures and facts depend on belongs into it too.
    /// </summary>
    string Version { get; }

    /// <summary>A visitor for one layer: for its walk, or to take back what an earlier visitor of the same <see cref="Version"/> gathered from the same bytes.</summary>
    ILayerVisitor StartLayer(LayerInfo layer);
}

/// <summary>How much of a file a visitor wants to see.</summary>
public enum ContentInterest
{
    None,

    /// <summary>The whole content in one call. Files over <see cref="InspectionLimits.WholeFileBytes"/> become a gap instead.</summary>
    Whole,

    /// <summary>The content in windows, however large it is.</summary>
    Windows,
}

/// <summary>One layer's visitor; what it has gathered is read from it after the walk.</summary>
public interface ILayerVisitor
{
    /// <summary>Called once for every entry, whiteouts excepted; says whether the content is wanted. Only files have content.</summary>
    ContentInterest Visit(LayerEntry entry);

    /// <summary>Called with the content that was wanted. The memory is valid during the call only.</summary>
    void Content(LayerEntry entry, ContentWindow window);

    /// <summary>Writes what was gathered. It must follow from the layer's bytes alone: not from its index or the layers around it (its origin is part of the cache's key), and holds no secret.</summary>
    void Save(FactWriter facts);

    /// <summary>Takes back what <see cref="Save"/> wrote, in the place of a walk.</summary>
    void Load(FactReader facts);
}

/// <summary>A part of a file's content.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Offset">Where <paramref name="Bytes"/> begins in the file.</param>
/// <param name="Overlap">How many of the first bytes were already in the window before, so that nothing is missed at a border.</param>
/// <param name="IsLast">True for the last (or only) window.</param>
public readonly record struct ContentWindow(ReadOnlyMemory<byte> Bytes, long Offset, int Overlap, bool IsLast);

/// <summary>A layer, before it is walked.</summary>
public sealed record LayerInfo
{
    /// <summary>Zero-based, lowest first.</summary>
    public required int Index { get; init; }
    public required Descriptor Descriptor { get; init; }
    public required Digest DiffId { get; init; }
    public required Origin Origin { get; init; }

    /// <summary>The history step that made it, where the history says.</summary>
    public HistoryEntry? History { get; init; }

    /// <summary>The location of <paramref name="path"/> in this layer.</summary>
    public Location At(string? path = null, int? line = null) =>
        new() { Layer = Descriptor.Digest.ToString(), LayerIndex = Index, Origin = Origin, Path = path, Line = line };
}
