using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>A file of a layer, and what it held.</summary>
/// <remarks>A class, as lists of classes share their code: every list of a struct is compiled anew at the start of every run.</remarks>
internal sealed record FoundFile<T>(LayerEntry Entry, T Parsed);

/// <summary>A cataloger's view of a layer: the files whose path it wants, parsed whole. What a later layer hides does not count.</summary>
internal sealed class FileObserver<T>(string version, Func<LayerEntry, bool> wants, Func<ReadOnlyMemory<byte>, T> parse, Action<FactWriter, T> save, Func<FactReader, T> load) : ILayerObserver
{
    public string Version => version;

    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor(this);

    /// <summary>What was parsed from files that a container sees.</summary>
    public IEnumerable<FoundFile<T>> Visible(ImageInspection inspection) => All(inspection).Where(f => inspection.Files.IsVisible(f.Entry));

    /// <summary>What was parsed in any layer, also from files that a later one hides; lowest layer first.</summary>
    public IEnumerable<FoundFile<T>> All(ImageInspection inspection) =>
        inspection.Visitors<Visitor>().Where(v => v.Owner == this).SelectMany(v => v.Found);

    internal sealed class Visitor(FileObserver<T> owner) : ILayerVisitor
    {
        private readonly FileObserver<T> _owner = owner;

        public object Owner => _owner;

        public List<FoundFile<T>> Found { get; private set; } = [];

        public ContentInterest Visit(LayerEntry entry) => entry.Type == EntryType.File && _owner.Wants(entry) ? ContentInterest.Whole : ContentInterest.None;

        public void Content(LayerEntry entry, ContentWindow window) => Found.Add(new(entry, _owner.Parse(window.Bytes)));

        public void Save(FactWriter facts) => facts.WriteList(Found, (w, found) =>
        {
            w.Write(found.Entry);
            _owner.Save(w, found.Parsed);
        });

        public void Load(FactReader facts) => Found = facts.ReadList(r => new FoundFile<T>(r.ReadEntry(), _owner.Load(r)));
    }

    private bool Wants(LayerEntry entry) => wants(entry);

    private T Parse(ReadOnlyMemory<byte> bytes) => parse(bytes);

    private void Save(FactWriter facts, T parsed) => save(facts, parsed);

    private T Load(FactReader facts) => load(facts);
}
