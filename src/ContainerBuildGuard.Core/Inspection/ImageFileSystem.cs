namespace ContainerBuildGuard.Inspection;

/// <summary>The union of an image's layers: what a container would see, each entry knowing its layer; what a later layer deleted or replaced is still known.</summary>
public sealed class ImageFileSystem
{
    private readonly UnionPath _paths;
    private readonly List<LayerEntry> _visible = [];
    private readonly HashSet<LayerEntry> _seen = new(ReferenceEqualityComparer.Instance);

    internal ImageFileSystem(UnionNode root, UnionPath paths, IReadOnlyList<LayerEntry> hidden)
    {
        (_paths, Hidden) = (paths, hidden);
        foreach (var node in root.Tree())
        {
            if (node.Entry is { } entry)
            {
                _visible.Add(entry);
                _seen.Add(entry);
            }

            if (node.Content is { } content)
            {
                _seen.Add(content);
            }
        }
    }

    /// <summary>Every visible entry, in no order.</summary>
    public IReadOnlyCollection<LayerEntry> Visible => _visible;

    /// <summary>Entries that a later layer deleted or replaced; their bytes are still in the image.</summary>
    public IReadOnlyList<LayerEntry> Hidden { get; }

    /// <summary>The visible entry at <paramref name="path"/>. Links in the folders of the path are followed; a link at the path itself is what is returned.</summary>
    public LayerEntry? Find(string path) => _paths.Find(path, followLast: false)?.Entry;

    /// <summary>The entry whose content a program reads that opens <paramref name="path"/>: links of both kinds are followed. Null where there is none, or links go in a circle.</summary>
    public LayerEntry? Resolve(string path) => _paths.Find(path, followLast: true)?.Content;

    /// <summary>True when a container sees <paramref name="entry"/>: at its path, or through a hard link to it.</summary>
    public bool IsVisible(LayerEntry entry) => _seen.Contains(entry);
}
