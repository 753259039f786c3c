using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>A cataloger's view of a layer: the files whose path it wants, parsed whole. What a later layer hides does not count.</summary>
internal sealed class FileObserver<T>(Func<LayerEntry, bool> wants, Func<LayerInfo, LayerEntry, ReadOnlyMemory<byte>, T> parse) : ILayerObserver
{
    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor(this, layer);

    /// <summary>What was parsed from files that a container sees.</summary>
    public IEnumerable<(LayerEntry Entry, T Parsed)> Visible(ImageInspection inspection) =>
        inspection.Visitors<Visitor>().Where(v => v.Owner == this).SelectMany(v => v.Found).Where(f => inspection.Files.IsVisible(f.Entry));

    internal sealed class Visitor(FileObserver<T> owner, LayerInfo layer) : ILayerVisitor
    {
        private readonly FileObserver<T> _owner = owner;

        public object Owner => _owner;

        public List<(LayerEntry Entry, T Parsed)> Found { get; } = [];

        public ContentInterest Visit(LayerEntry entry) => entry.Type == EntryType.File && _owner.Wants(entry) ? ContentInterest.Whole : ContentInterest.None;

        public void Content(LayerEntry entry, ContentWindow window) => Found.Add((entry, _owner.Parse(layer, entry, window.Bytes)));
    }

    private bool Wants(LayerEntry entry) => wants(entry);

    private T Parse(LayerInfo layer, LayerEntry entry, ReadOnlyMemory<byte> bytes) => parse(layer, entry, bytes);
}
