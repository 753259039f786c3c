namespace ContainerBuildGuard.Inspection;

/// <summary>Lays layers over each other, lowest first: whiteouts, opaque folders and replaced types hide what is below (OCI image specification, "Applying Changesets").</summary>
internal sealed class UnionBuilder
{
    private readonly Dictionary<string, LayerEntry> _visible = new(StringComparer.Ordinal);
    private readonly List<LayerEntry> _hidden = [];

    public void Apply(LayerWalk layer)
    {
        var below = layer.Whiteouts.ToHashSet(StringComparer.Ordinal);
        var opaque = layer.OpaqueFolders.ToHashSet(StringComparer.Ordinal);
        // A file where a folder was hides what was in it; folders need no entry of their own in a tar.
        var replaced = layer.Entries.Where(e => e.Type != EntryType.Directory && (!_visible.TryGetValue(e.Path, out var old) || old.Type == EntryType.Directory)).Select(e => e.Path).ToHashSet(StringComparer.Ordinal);
        if (below.Count + opaque.Count + replaced.Count > 0)
        {
            foreach (var path in _visible.Keys.Where(p => IsHidden(p, below, opaque, replaced)).ToList())
            {
                Hide(path);
            }
        }

        foreach (var entry in layer.Entries)
        {
            Hide(entry.Path);
            _visible[entry.Path] = entry;
        }
    }

    public ImageFileSystem Build() => new(_visible, _hidden);

    private void Hide(string path)
    {
        if (_visible.Remove(path, out var old) && old.Type != EntryType.Directory)
        {
            _hidden.Add(old);
        }
    }

    private static bool IsHidden(string path, HashSet<string> whiteouts, HashSet<string> opaque, HashSet<string> replaced)
    {
        if (whiteouts.Contains(path))
        {
            return true;
        }

        for (var slash = path.LastIndexOf('/'); slash >= 0; slash = slash == 0 ? -1 : path.LastIndexOf('/', slash - 1))
        {
            var folder = path[..slash];
            if (whiteouts.Contains(folder) || opaque.Contains(folder) || replaced.Contains(folder))
            {
                return true;
            }
        }

        return opaque.Contains("");
    }
}
