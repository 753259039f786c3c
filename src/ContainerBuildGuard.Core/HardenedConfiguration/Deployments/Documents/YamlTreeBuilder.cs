using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Builds one document's nodes from parser events. An alias becomes a copy at its own way in the document; merge keys (<c>&lt;&lt;</c>) are laid under the mapping.</summary>
internal sealed class YamlTreeBuilder(SourceText source, DocumentPart part, List<DocumentProblem> problems)
{
    private const int MostDepth = 128;

    /// <summary>Aliases may grow a document; a thousand times what people write is where growth becomes an attack.</summary>
    private const int MostNodes = 2_000_000;

    private readonly Dictionary<AnchorName, Node> _anchors = [];
    private readonly Parser _parser = new(new StringReader(part.Text(source)));
    private int _nodes;

    public Node? Build()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = Next(0);
        return root is ScalarNode { IsNull: true } ? null : root;
    }

    private Node Next(int depth)
    {
        var @event = _parser.Consume<ParsingEvent>();
        if (depth > MostDepth)
        {
            throw new YamlException(@event.Start, @event.End, $"more than {MostDepth} levels lie inside each other");
        }

        Count(@event);
        switch (@event)
        {
            case AnchorAlias alias:
                return _anchors.TryGetValue(alias.Value, out var anchored)
                    ? Copy(anchored, alias)
                    : throw new YamlException(alias.Start, alias.End, $"the alias *{alias.Value} has no anchor before it");
            case Scalar scalar:
                return Remember(scalar, new ScalarNode(source, PlaceOf(scalar, scalar.End), scalar.Value, scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)) { Tag = TagOf(scalar) });
            case SequenceStart start:
                var items = new List<Node>();
                while (!_parser.Accept<SequenceEnd>(out _))
                {
                    items.Add(Next(depth + 1));
                }

                return Remember(start, new SequenceNode(source, PlaceOf(start, _parser.Consume<SequenceEnd>().End), items) { Tag = TagOf(start) });
            case MappingStart start:
                return Remember(start, Mapping(start, depth));
            default:
                throw new YamlException(@event.Start, @event.End, "something else was expected here");
        }
    }

    private MappingNode Mapping(MappingStart start, int depth)
    {
        var members = new List<Member>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var merges = new List<Node>();
        while (!_parser.Accept<MappingEnd>(out _))
        {
            var keyNode = Next(depth + 1);
            var value = Next(depth + 1);
            if (keyNode is not ScalarNode key)
            {
                problems.Add(DocumentProblem.At(keyNode, "a key is not a single value; what stands under it was not checked"));
                continue;
            }

            if (key is { Value: "<<", Plain: true })
            {
                merges.Add(value);
                continue;
            }

            if (!seen.Add(key.Value))
            {
                problems.Add(DocumentProblem.At(key, $"the key '{key.Value}' stands twice in one mapping: readers differ in which one counts") with { StillChecked = true });
            }

            members.Add(new Member(key, value));
        }

        var end = _parser.Consume<MappingEnd>().End;
        foreach (var member in merges.SelectMany(m => m is SequenceNode several ? several.Items : [m]).OfType<MappingNode>().SelectMany(m => m.Members).Where(m => seen.Add(m.Name)))
        {
            members.Add(member);
        }

        return new MappingNode(source, PlaceOf(start, end), members, start.Style != MappingStyle.Flow) { Tag = TagOf(start) };
    }

    private static string? TagOf(NodeEvent @event) => @event.Tag.IsEmpty || @event.Tag.IsNonSpecific ? null : @event.Tag.Value;

    private Node Copy(Node node, ParsingEvent at)
    {
        Count(at);
        return node switch
        {
            ScalarNode scalar => new ScalarNode(scalar.Source, scalar.Place, scalar.Value, scalar.Plain),
            SequenceNode sequence => new SequenceNode(sequence.Source, sequence.Place, [.. sequence.Items.Select(i => Copy(i, at))]),
            MappingNode mapping => new MappingNode(mapping.Source, mapping.Place, mapping.Members.Select(m => new Member(m.Key, Copy(m.Value, at))), mapping.IsBlock),
            _ => throw new YamlException(at.Start, at.End, "an alias cannot be followed"),
        };
    }

    private T Remember<T>(NodeEvent @event, T node)
        where T : Node
    {
        if (!@event.Anchor.IsEmpty)
        {
            _anchors[@event.Anchor] = node;
        }

        return node;
    }

    private void Count(ParsingEvent @event)
    {
        if (++_nodes > MostNodes)
        {
            throw new YamlException(@event.Start, @event.End, $"its aliases grow it to more than {MostNodes} nodes");
        }
    }

    private Place PlaceOf(ParsingEvent @event, Mark end) =>
        new(part.FirstLine + (int)@event.Start.Line - 1, (int)@event.Start.Column, part.Start + (int)@event.Start.Index, part.Start + (int)end.Index);
}
