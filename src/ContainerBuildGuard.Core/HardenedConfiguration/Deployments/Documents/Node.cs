using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>A file or stream that was read, with the text that positions refer to.</summary>
/// <param name="Path">How findings name it.</param>
/// <param name="Text">The text as read.</param>
internal sealed record SourceText(string Path, string Text)
{
    /// <summary>True where edits can be written back: a file and not standard input.</summary>
    public bool IsFile { get; init; }
}

/// <summary>Where a node stands. Line and column are one-based, offsets zero-based characters of the source's text.</summary>
internal readonly record struct Place(int Line, int Column, int Start, int End);

/// <summary>One node of a document, whatever it was written in; it knows its file, its place and the way to it.</summary>
internal abstract class Node(SourceText source, Place place)
{
    public SourceText Source { get; } = source;

    public Place Place { get; } = place;

    /// <summary>An explicit YAML tag (<c>!reset</c>), where there is one.</summary>
    public string? Tag { get; init; }

    public Node? Parent { get; private set; }

    /// <summary>The key or index under <see cref="Parent"/>.</summary>
    public object Segment { get; private set; } = "";

    /// <summary>RFC 9535 path from the document's root.</summary>
    public string JsonPath
    {
        get
        {
            var segments = new Stack<object>();
            for (var node = this; node.Parent is not null; node = node.Parent)
            {
                segments.Push(node.Segment);
            }

            var path = new StringBuilder("$");
            foreach (var segment in segments)
            {
                _ = segment switch
                {
                    int index => path.Append(CultureInfo.InvariantCulture, $"[{index}]"),
                    string key when key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') => path.Append('.').Append(key),
                    _ => path.Append("['").Append(((string)segment).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)).Append("']"),
                };
            }

            return path.ToString();
        }
    }

    internal void Attach(Node parent, object segment) => (Parent, Segment) = (parent, segment);
}

/// <summary>A single value.</summary>
internal sealed class ScalarNode(SourceText source, Place place, string value, bool plain) : Node(source, place)
{
    public string Value { get; } = value;

    /// <summary>Written without quotes, so that YAML gives it a type.</summary>
    public bool Plain { get; } = plain;

    /// <summary>How the value came from variables, where it did.</summary>
    public Interpolation? Interpolation { get; init; }

    /// <summary>The value is in the file itself: not brought by a variable, and not left open by one.</summary>
    public bool IsLiteral => Interpolation is null or { FromVariables: false, Unresolved.Count: 0 };

    public bool IsNull => Plain && Value is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>The truth value by the widest reading that the tools in question have: unquoted YAML 1.1 words, and the quoted words that they convert.</summary>
    public bool? Truth => Value.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" or "y" => true,
        "false" or "no" or "off" or "n" => false,
        _ => null,
    };

    public long? Number => long.TryParse(Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>What the variables of a value did to it.</summary>
/// <param name="FromVariables">A variable's own value went in (and not the default beside it).</param>
/// <param name="Unresolved">Variables that have neither a value nor a default.</param>
internal sealed record Interpolation(bool FromVariables, IReadOnlyList<string> Unresolved);

/// <summary>A list.</summary>
internal sealed class SequenceNode : Node
{
    public SequenceNode(SourceText source, Place place, IReadOnlyList<Node> items)
        : base(source, place)
    {
        Items = items;
        for (var i = 0; i < items.Count; i++)
        {
            items[i].Attach(this, i);
        }
    }

    /// <summary>A list of nodes that keep their own parents: what a merge of files brings.</summary>
    private SequenceNode(SequenceNode like, IReadOnlyList<Node> items)
        : base(like.Source, like.Place) => Items = items;

    public IReadOnlyList<Node> Items { get; }

    public SequenceNode Gathered(IReadOnlyList<Node> items)
    {
        var gathered = new SequenceNode(this, items);
        if (Parent is not null)
        {
            gathered.Attach(Parent, Segment);
        }

        return gathered;
    }
}

/// <summary>One key with its value.</summary>
internal sealed record Member(ScalarNode Key, Node Value)
{
    public string Name => Key.Value;
}

/// <summary>Keys with values, in the order they were written.</summary>
internal sealed class MappingNode : Node
{
    private readonly Dictionary<string, Member> _byName = new(StringComparer.Ordinal);

    public MappingNode(SourceText source, Place place, IEnumerable<Member> members, bool block)
        : base(source, place)
    {
        IsBlock = block;
        foreach (var member in members)
        {
            _byName[member.Name] = member;
            member.Value.Attach(this, member.Name);
        }

        Members = [.. _byName.Values];
    }

    private MappingNode(MappingNode like, IEnumerable<Member> members)
        : base(like.Source, like.Place)
    {
        IsBlock = like.IsBlock;
        foreach (var member in members)
        {
            _byName[member.Name] = member;
        }

        Members = [.. _byName.Values];
    }

    public IReadOnlyList<Member> Members { get; }

    /// <summary>Written in lines and not in braces.</summary>
    public bool IsBlock { get; }

    /// <summary>The value of <paramref name="key"/>; null where it is absent or null.</summary>
    public Node? this[string key] => _byName.TryGetValue(key, out var member) && member.Value is not ScalarNode { IsNull: true } ? member.Value : null;

    public Member? Find(string key) => _byName.GetValueOrDefault(key);

    /// <summary>A mapping at the same place with other members, which keep their own parents: what a merge of files brings.</summary>
    public MappingNode Gathered(IEnumerable<Member> members)
    {
        var gathered = new MappingNode(this, members);
        if (Parent is not null)
        {
            gathered.Attach(Parent, Segment);
        }

        return gathered;
    }
}

/// <summary>Short ways through a document. All of them answer null or nothing where the document has another shape than expected.</summary>
internal static class NodeNavigation
{
    extension(Node? node)
    {
        public Node? At(params ReadOnlySpan<string> keys)
        {
            var current = node;
            foreach (var key in keys)
            {
                current = (current as MappingNode)?[key];
            }

            return current;
        }

        public ScalarNode? Scalar(params ReadOnlySpan<string> keys) => node.At(keys) as ScalarNode;

        public string? Text(params ReadOnlySpan<string> keys) => node.Scalar(keys)?.Value;

        public IReadOnlyList<Node> Items(params ReadOnlySpan<string> keys) => (node.At(keys) as SequenceNode)?.Items ?? [];

        public IReadOnlyList<Member> Members(params ReadOnlySpan<string> keys) => (node.At(keys) as MappingNode)?.Members ?? [];

        /// <summary>Every scalar at or below, with no order promised beyond the document's.</summary>
        public IEnumerable<ScalarNode> Scalars() => node switch
        {
            ScalarNode scalar => [scalar],
            SequenceNode sequence => sequence.Items.SelectMany(i => i.Scalars()),
            MappingNode mapping => mapping.Members.SelectMany(m => m.Value.Scalars()),
            _ => [],
        };
    }
}
