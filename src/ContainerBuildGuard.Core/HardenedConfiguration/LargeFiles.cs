using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>Gives every file of some size a hash, so that the same content in several places or layers is known. Small files are left out: many are alike, and together they weigh little.</summary>
internal sealed class LargeFiles : ILayerObserver
{
    public const int LeastBytes = 64 << 10;

    public string Version => "large-files/1";

    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor();

    /// <summary>The files of every layer, hidden ones too, that are alike: more than one of each, lowest layer first.</summary>
    public static IReadOnlyList<IReadOnlyList<LayerEntry>> Alike(ImageInspection inspection) =>
        [.. inspection.Visitors<Visitor>().SelectMany(v => v.Hashes).GroupBy(h => (h.Entry.Size, h.Hash)).Select(g => g.Select(h => h.Entry).OrderBy(e => e.LayerIndex).ThenBy(e => e.Path, StringComparer.Ordinal).ToList()).Where(g => g.Count > 1)];

    internal sealed class Visitor : ILayerVisitor
    {
        private ContentHash _hash = new();

        public List<(LayerEntry Entry, ulong Hash)> Hashes { get; } = [];

        public ContentInterest Visit(LayerEntry entry) => entry is { Type: EntryType.File, Size: >= LeastBytes } ? ContentInterest.Windows : ContentInterest.None;

        public void Content(LayerEntry entry, ContentWindow window)
        {
            if (window.Offset == 0)
            {
                _hash = new ContentHash();
            }

            _hash.Append(window.Bytes.Span[window.Overlap..]);
            if (window.IsLast)
            {
                Hashes.Add((entry, _hash.Value()));
            }
        }

        public void Save(FactWriter facts) => facts.WriteList(Hashes, static (w, hash) =>
        {
            w.Write(hash.Entry);
            w.Write(unchecked((long)hash.Hash));
        });

        public void Load(FactReader facts) => Hashes.AddRange(facts.ReadList(static r => (r.ReadEntry(), unchecked((ulong)r.ReadInt64()))));
    }
}
