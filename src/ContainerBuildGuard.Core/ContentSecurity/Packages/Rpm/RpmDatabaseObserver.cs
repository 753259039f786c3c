using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The rpm database of a layer, whichever backend wrote it. SQLite's file and its write-ahead log are two entries that only together say what is installed.</summary>
internal sealed class RpmDatabaseObserver : ILayerObserver
{
    public string Version => $"rpm/1/{Catalogue.Format}";

    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor();

    /// <summary>What each visible database holds.</summary>
    public static IEnumerable<FoundFile<Catalogue>> Visible(ImageInspection inspection) => All(inspection).Where(f => inspection.Files.IsVisible(f.Entry));

    /// <summary>The same for every layer, hidden ones too, lowest first.</summary>
    public static IEnumerable<FoundFile<Catalogue>> All(ImageInspection inspection) => inspection.Visitors<Visitor>().SelectMany(v => v.Found);

    private sealed class Visitor : ILayerVisitor
    {
        private readonly Dictionary<string, (LayerEntry Entry, byte[] Bytes)> _pending = new(StringComparer.Ordinal);
        private List<FoundFile<Catalogue>>? _found;

        public List<FoundFile<Catalogue>> Found => _found ??= ReadAll();

        public ContentInterest Visit(LayerEntry entry) =>
            entry.Type == EntryType.File && entry.Name is "rpmdb.sqlite" or "rpmdb.sqlite-wal" or "Packages.db" or "Packages" && RpmDatabase.Folders.Any(f => entry.Path.Length == f.Length + entry.Name.Length && entry.Path.StartsWith(f, StringComparison.Ordinal))
                ? ContentInterest.Whole
                : ContentInterest.None;

        public void Content(LayerEntry entry, ContentWindow window) => _pending[entry.Path] = (entry, window.Bytes.ToArray());

        public void Save(FactWriter facts) => facts.WriteList(Found, static (w, found) =>
        {
            w.Write(found.Entry);
            found.Parsed.Save(w);
        });

        public void Load(FactReader facts) => _found = facts.ReadList(static r => new FoundFile<Catalogue>(r.ReadEntry(), Catalogue.Load(r)));

        private List<FoundFile<Catalogue>> ReadAll()
        {
            var found = new List<FoundFile<Catalogue>>();
            foreach (var (path, (entry, bytes)) in _pending.Where(p => !p.Key.EndsWith("-wal", StringComparison.Ordinal)))
            {
                found.Add(new(entry, Read(bytes, _pending.TryGetValue($"{path}-wal", out var log) ? log.Bytes : [])));
            }

            foreach (var (path, (entry, _)) in _pending.Where(p => p.Key.EndsWith("-wal", StringComparison.Ordinal) && p.Value.Bytes.Length > 0 && !_pending.ContainsKey(p.Key[..^4])))
            {
                found.Add(new(entry, new Catalogue([], [$"it is the write-ahead log of a database in another layer ({path[..^4]}), without which it says nothing"])));
            }

            _pending.Clear();
            return found;
        }

        private static Catalogue Read(byte[] file, byte[] log)
        {
            var found = new Catalogue();
            try
            {
                foreach (var header in RpmDatabase.Headers(file, log))
                {
                    try
                    {
                        if (RpmHeader.Parse(header) is { } package)
                        {
                            found.Packages.Add(RpmPackage.Of(package));
                        }
                    }
                    catch (InvalidDataException e)
                    {
                        found.Problems.Add(e.Message);
                    }
                }
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException or IndexOutOfRangeException or OverflowException)
            {
                found.Problems.Add(e.Message);
            }

            return found;
        }
    }
}
