using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Scans every file of a layer, window by window; a match in the overlap of two windows counts once.</summary>
internal sealed class SecretVisitor(LayerInfo layer, ContentScanner scanner, int mostArchive) : ILayerVisitor
{
    private const int MostPerFile = 200;
    private LayerEntry? _current;
    private FileContext _file = new("", false);
    private int _linesBefore;
    private readonly HashSet<(string, long)> _seen = [];

    public List<(LayerEntry Entry, SecretMatch Match)> Found { get; private set; } = [];

    /// <summary>What could not be looked into: too large, too deep, encrypted.</summary>
    public List<(LayerEntry Entry, string Reason)> Unread { get; private set; } = [];

    public ContentInterest Visit(LayerEntry entry)
    {
        if (entry.Type != EntryType.File || entry.Size == 0 || (layer.Origin == Origin.Base && SecretFiles.IsDocumentation(entry.Path)))
        {
            return ContentInterest.None;
        }

        if (entry.Size > mostArchive && layer.Origin == Origin.App && Archives.IsNamedLikeOne(entry.Name))
        {
            Unread.Add((entry, $"it is an archive of more than {mostArchive} bytes ('whole-file-bytes'): its bytes were searched, and it was not opened"));
        }

        return IsReadWhole(entry) ? ContentInterest.Whole : ContentInterest.Windows;
    }

    public void Content(LayerEntry entry, ContentWindow window)
    {
        if (!ReferenceEquals(_current, entry))
        {
            (_current, _linesBefore) = (entry, 0);
            _file = ContentScanner.Sniffed(window.Bytes.Span, new FileContext(entry.Path, layer.Origin == Origin.App));
            _seen.Clear();
            if (window.IsLast && entry.Size <= mostArchive)
            {
                Found.AddRange(scanner.ScanWhole(window.Bytes, _file, reason => Unread.Add((entry, reason))).Take(MostPerFile).Select(m => (entry, m)));
                return;
            }
        }
        else
        {
            // This window begins with the last bytes of the one before: their lines are counted here.
            _linesBefore -= window.Bytes.Span[..window.Overlap].Count((byte)'\n');
        }

        foreach (var match in scanner.Scan(window.Bytes, _file, window.Offset))
        {
            // What touches the window's end may go on: the next window has it whole.
            var isCut = !window.IsLast && match.Position + match.Length >= window.Offset + window.Bytes.Length;
            if (!isCut && _seen.Count < MostPerFile && _seen.Add((match.DetectorId, match.Position)))
            {
                Found.Add((entry, match with { Line = match.Line + _linesBefore }));
            }
        }

        _linesBefore += window.IsLast ? 0 : window.Bytes.Span.Count((byte)'\n');
    }

    /// <summary>Archives are looked into, and assemblies of the app; a larger one is searched as bytes.</summary>
    private bool IsReadWhole(LayerEntry entry) =>
        Archives.IsNamedLikeOne(entry.Name) ? entry.Size <= mostArchive : entry.Size <= mostArchive / 2 && layer.Origin == Origin.App && Path.GetExtension(entry.Name) is ".dll" or ".exe";

    public void Save(FactWriter facts)
    {
        facts.WriteList(Found, SaveMatch);
        facts.WriteList(Unread, (w, unread) =>
        {
            w.Write(unread.Entry);
            w.Write(unread.Reason);
        });
    }

    public void Load(FactReader facts)
    {
        Found = facts.ReadList(LoadMatch);
        Unread = facts.ReadList(r => (r.ReadEntry(), r.ReadText()));
    }

    private static void SaveMatch(FactWriter w, (LayerEntry Entry, SecretMatch Match) found)
    {
        w.Write(found.Entry);
        w.Write(found.Match.DetectorId);
        w.Write((int)found.Match.Severity);
        w.Write(found.Match.Line);
        w.Write(found.Match.Preview);
        w.Write(found.Match.Position);
        w.Write(found.Match.Length);
        w.Write(found.Match.Note);
        w.Write(found.Match.IsDoubtful);
        w.Write(found.Match.Fingerprint);
        w.Write(found.Match.Allowed);
        w.Write(found.Match.Inside);
    }

    private static (LayerEntry Entry, SecretMatch Match) LoadMatch(FactReader r) => (r.ReadEntry(), new SecretMatch(r.ReadText(), (Severity)r.ReadInt32(), r.ReadInt32(), r.ReadText(), r.ReadInt64(), r.ReadInt32())
    {
        Note = r.ReadString(),
        IsDoubtful = r.ReadBoolean(),
        Fingerprint = r.ReadString(),
        Allowed = r.ReadString(),
        Inside = r.ReadText(),
    });
}

/// <summary>Every file of every layer.</summary>
internal sealed class SecretObserver(ContentScanner scanner, SecretsOptions options) : ILayerObserver
{
    public string Version => options.Version;

    public ILayerVisitor StartLayer(LayerInfo layer) => new SecretVisitor(layer, scanner, options.MostArchiveBytes);
}
