using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Scans every file of a layer, window by window; a match in the overlap of two windows counts once.</summary>
internal sealed class SecretVisitor(LayerInfo layer) : ILayerVisitor
{
    private const int MostPerFile = 20;
    private LayerEntry? _current;
    private int _linesBefore;
    private readonly HashSet<(string, long)> _seen = [];

    public List<(LayerEntry Entry, SecretMatch Match)> Found { get; private set; } = [];

    public ContentInterest Visit(LayerEntry entry) =>
        entry.Type != EntryType.File || entry.Size == 0 || (layer.Origin == Origin.Base && SecretFiles.IsDocumentation(entry.Path)) ? ContentInterest.None : ContentInterest.Windows;

    public void Content(LayerEntry entry, ContentWindow window)
    {
        if (!ReferenceEquals(_current, entry))
        {
            (_current, _linesBefore) = (entry, 0);
            _seen.Clear();
        }

        foreach (var match in SecretScanner.Scan(window.Bytes.Span, layer.Origin == Origin.App))
        {
            if (_seen.Count < MostPerFile && _seen.Add((match.Detector.Id, window.Offset + match.Position)))
            {
                Found.Add((entry, match with { Line = match.Line + _linesBefore }));
            }
        }

        // The next window begins with the last bytes of this one: count the lines before those only.
        if (!window.IsLast)
        {
            var repeated = Math.Min(InspectionLimits.Default.OverlapBytes, window.Bytes.Length / 2);
            _linesBefore += window.Bytes.Span[..^repeated].Count((byte)'\n');
        }
    }

    public void Save(FactWriter facts) => facts.WriteList(Found, (w, found) =>
    {
        w.Write(found.Entry);
        w.Write(found.Match.Detector.Id);
        w.Write(found.Match.Line);
        w.Write(found.Match.Preview);
        w.Write(found.Match.Position);
    });

    public void Load(FactReader facts) => Found = facts.ReadList(r => (r.ReadEntry(), new SecretMatch(SecretDetectors.Find(r.ReadText()), r.ReadInt32(), r.ReadText(), r.ReadInt64())));
}

/// <summary>Every file of every layer.</summary>
internal sealed class SecretObserver : ILayerObserver
{
    public string Version => "secrets/1";

    public ILayerVisitor StartLayer(LayerInfo layer) => new SecretVisitor(layer);
}
