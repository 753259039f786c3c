using System.Numerics;
using System.Runtime.InteropServices;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>
/// Gives every file of some size a checksum (CRC-32C), so that the same content in several places or layers is known. Small files are left out: many are alike, and together they weigh little.
/// Processors have an instruction for it, so that it costs next to nothing beside inflating; it proves nothing, and nothing is decided by it but a remark on size.
/// </summary>
internal sealed class LargeFiles : ILayerObserver
{
    public const int LeastBytes = 64 << 10;

    public string Version => "large-files/2";

    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor();

    /// <summary>The files of every layer, hidden ones too, that are alike: more than one of each, lowest layer first.</summary>
    public static IReadOnlyList<IReadOnlyList<LayerEntry>> Alike(ImageInspection inspection) =>
        [.. inspection.Visitors<Visitor>().SelectMany(v => v.Checksums).GroupBy(h => (h.Entry.Size, h.Checksum)).Select(g => g.Select(h => h.Entry).OrderBy(e => e.LayerIndex).ThenBy(e => e.Path, StringComparer.Ordinal).ToList()).Where(g => g.Count > 1)];

    internal sealed class Visitor : ILayerVisitor
    {
        private uint _checksum;

        public List<(LayerEntry Entry, uint Checksum)> Checksums { get; } = [];

        public ContentInterest Visit(LayerEntry entry) => entry is { Type: EntryType.File, Size: >= LeastBytes } ? ContentInterest.Windows : ContentInterest.None;

        public void Content(LayerEntry entry, ContentWindow window)
        {
            _checksum = Append(window.Offset == 0 ? 0 : _checksum, window.Bytes.Span[window.Overlap..]);
            if (window.IsLast)
            {
                Checksums.Add((entry, _checksum));
            }
        }

        public void Save(FactWriter facts) => facts.WriteList(Checksums, static (w, file) =>
        {
            w.Write(file.Entry);
            w.Write((long)file.Checksum);
        });

        public void Load(FactReader facts) => Checksums.AddRange(facts.ReadList(static r => (r.ReadEntry(), (uint)r.ReadInt64())));

        /// <summary>Goes on with a checksum; the pieces that content comes in do not matter.</summary>
        internal static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(bytes);
            foreach (var word in words)
            {
                checksum = BitOperations.Crc32C(checksum, word);
            }

            foreach (var last in bytes[(words.Length * sizeof(ulong))..])
            {
                checksum = BitOperations.Crc32C(checksum, last);
            }

            return checksum;
        }
    }
}
