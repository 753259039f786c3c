namespace ContainerBuildGuard.Inspection;

/// <summary>A name in the union: the entry at it, what it holds, and for a folder its names.</summary>
internal sealed class UnionNode
{
    private Dictionary<string, UnionNode>? _children;

    /// <summary>The entry; null for a folder that no layer has an entry for.</summary>
    public LayerEntry? Entry { get; set; }

    /// <summary>The entry that holds the bytes where <see cref="Entry"/> is a hard link, else <see cref="Entry"/>.</summary>
    public LayerEntry? Content { get; set; }

    public bool IsFolder => Entry is null or { Type: EntryType.Directory };

    public IEnumerable<UnionNode> Children => _children?.Values ?? Enumerable.Empty<UnionNode>();

    public UnionNode? Find(ReadOnlySpan<char> name) =>
        _children is not null && _children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var child) ? child : null;

    public UnionNode FindOrAdd(ReadOnlySpan<char> name)
    {
        if (Find(name) is { } child)
        {
            return child;
        }

        child = new UnionNode();
        (_children ??= new Dictionary<string, UnionNode>(StringComparer.Ordinal)).Add(name.ToString(), child);
        return child;
    }

    public UnionNode? Remove(ReadOnlySpan<char> name) =>
        _children is not null && _children.GetAlternateLookup<ReadOnlySpan<char>>().Remove(name, out _, out var child) ? child : null;

    /// <summary>Takes every name out of the folder.</summary>
    public IEnumerable<UnionNode> Clear()
    {
        var children = Children;
        _children = null;
        return children;
    }

    /// <summary>This node and everything below it, without recursion: a path may be deep.</summary>
    public IEnumerable<UnionNode> Tree()
    {
        var open = new Stack<UnionNode>([this]);
        while (open.TryPop(out var node))
        {
            yield return node;
            foreach (var child in node.Children)
            {
                open.Push(child);
            }
        }
    }
}
