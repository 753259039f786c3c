namespace ContainerBuildGuard.Inspection;

/// <summary>The union of an image's layers: what a container would see, each entry knowing its layer; what a later layer deleted or replaced is still known.</summary>
public sealed class ImageFileSystem
{
    private readonly Dictionary<string, LayerEntry> _visible;
    private readonly List<LayerEntry> _hidden;

    internal ImageFileSystem(Dictionary<string, LayerEntry> visible, List<LayerEntry> hidden) => (_visible, _hidden) = (visible, hidden);

    /// <summary>Every visible entry, in no order.</summary>
    public IEnumerable<LayerEntry> Visible => _visible.Values;

    /// <summary>Entries that a later layer deleted or replaced; their bytes are still in the image.</summary>
    public IReadOnlyList<LayerEntry> Hidden => _hidden;

    /// <summary>The visible entry at exactly <paramref name="path"/> (no leading slash); links are not followed.</summary>
    public LayerEntry? Find(string path) => _visible.GetValueOrDefault(path);

    /// <summary>True when <paramref name="entry"/> is what a container sees at its path.</summary>
    public bool IsVisible(LayerEntry entry) => ReferenceEquals(Find(entry.Path), entry);
}
