namespace ContainerBuildGuard.Inspection;

/// <summary>Lays layers over each other, lowest first, as engines unpack them (OCI image specification, "Applying Changesets").</summary>
internal sealed class UnionBuilder
{
    private readonly UnionNode _root = new();
    private readonly UnionPath _paths;
    private readonly List<LayerEntry> _hidden = [];

    public UnionBuilder() => _paths = new UnionPath(_root);

    public void Apply(LayerFacts layer)
    {
        // Whiteouts hide what lower layers have, never what this one brings.
        foreach (var folder in layer.OpaqueFolders)
        {
            if (_paths.Find(folder, followLast: true) is { } node)
            {
                foreach (var child in node.Clear())
                {
                    Hide(child);
                }
            }
        }

        foreach (var path in layer.Whiteouts)
        {
            if (_paths.FolderOf(path) is { } place && place.Folder.Remove(place.Name) is { } node)
            {
                Hide(node);
            }
        }

        foreach (var entry in layer.Entries)
        {
            if (!Add(entry))
            {
                layer.AddGap("entry", "the links in its path go in a circle", entry.Path);
            }
        }
    }

    public ImageFileSystem Build() => new(_root, _paths, _hidden);

    private bool Add(LayerEntry entry)
    {
        if (_paths.FolderOf(entry.Path) is not { } place)
        {
            return false;
        }

        // A file in whose place the path needs a folder gives way.
        if (!place.Folder.IsFolder)
        {
            Hide(place.Folder.Entry!);
            place.Folder.Entry = place.Folder.Content = null;
        }

        var content = entry.Type == EntryType.HardLink ? _paths.Find(entry.LinkTarget!, followLast: false)?.Content : entry;
        var node = place.Folder.FindOrAdd(place.Name);
        if (entry.Type == EntryType.Directory && node.IsFolder)
        {
            (node.Entry, node.Content) = (entry, entry);
            return true;
        }

        Hide(node);
        node.Clear();
        (node.Entry, node.Content) = (entry, content);
        return true;
    }

    private void Hide(UnionNode tree)
    {
        foreach (var node in tree.Tree())
        {
            if (node.Entry is { } entry)
            {
                Hide(entry);
            }
        }
    }

    private void Hide(LayerEntry entry)
    {
        if (entry.Type != EntryType.Directory)
        {
            _hidden.Add(entry);
        }
    }
}
