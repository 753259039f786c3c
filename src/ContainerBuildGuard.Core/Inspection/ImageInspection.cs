using System.Collections.Immutable;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>What one pass over an image's layers brought: the layers, the union of their files, every visitor, and what could not be looked at.</summary>
public sealed class ImageInspection
{
    private readonly ImmutableArray<ILayerVisitor> _visitors;

    public ImageInspection(Image image, ImmutableArray<LayerInfo> layers, ImageFileSystem files, ImmutableArray<ILayerVisitor> visitors, ImmutableArray<Gap> gaps)
        => (Image, Layers, Files, _visitors, Gaps) = (image, layers, files, visitors, gaps);

    public Image Image { get; }

    /// <summary>The layers, lowest first.</summary>
    public ImmutableArray<LayerInfo> Layers { get; }
    public ImageFileSystem Files { get; }

    /// <summary>What was there and could not be looked at. Never empty silence: a gap keeps a result from being called clean.</summary>
    public ImmutableArray<Gap> Gaps { get; }

    /// <summary>The visitors of one type, by layer, lowest first.</summary>
    public IEnumerable<T> Visitors<T>()
        where T : ILayerVisitor => _visitors.OfType<T>();

    public LayerInfo LayerOf(LayerEntry entry) => Layers[entry.LayerIndex];
}

/// <summary>Something that should have been looked at and was not.</summary>
public sealed record Gap(string What, string Reason, int? LayerIndex = null, string? Path = null);
