namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Makes edits of nodes. Null where the way a file is written allows no edit that is surely right (an alias, a merged key, a generated value).</summary>
internal static class Edits
{
    public static Fix? Replace(Node? node, string value, bool safe = false) =>
        node is ScalarNode { Interpolation: null } scalar && scalar.Place.End > scalar.Place.Start
            ? new Fix(new TextEdit(scalar.Source, scalar.Place.Start, scalar.Place.End - scalar.Place.Start, value), safe)
            : null;

    /// <summary>Sets <paramref name="keys"/> below a mapping: replaces the value where it is set, adds the missing levels where not.</summary>
    public static Fix? Set(Node? node, IReadOnlyList<string> keys, string value, bool safe = false)
    {
        if (node is not MappingNode mapping)
        {
            return null;
        }

        return mapping.Find(keys[0]) switch
        {
            { Value: ScalarNode scalar } when keys.Count == 1 => Replace(scalar, value, safe),
            { Value: MappingNode inner } when keys.Count > 1 => Set(inner, [.. keys.Skip(1)], value, safe),
            null => Add(mapping, keys, value, safe),
            _ => null,
        };
    }

    /// <summary>Adds an item to the list at a key, or the list where there is none.</summary>
    public static Fix? AddItem(Node? node, string key, string value, bool safe = false)
    {
        switch ((node as MappingNode)?.Find(key)?.Value)
        {
            case null when node is MappingNode mapping:
                return Add(mapping, [key], null, safe, item: value);
            case SequenceNode { Items: [.., var last] } sequence when last is ScalarNode && last.Source == sequence.Source && sequence.Source.Text[sequence.Place.Start] != '[' && last.Place.End > 0:
                var dash = sequence.Items[0].Source.Text.LastIndexOf('-', sequence.Items[0].Place.Start);
                return dash < 0 ? null : Insert(last.Source, EndOfLine(last.Source.Text, last.Place.End), $"\n{Indentation(last.Source.Text, dash)}- {value}", safe);
            case SequenceNode { Items: [.., var last] } sequence when sequence.Source.Text[sequence.Place.Start] == '[' && last.Source == sequence.Source:
                return Insert(last.Source, last.Place.End, $", {value}", safe);
            default:
                return null;
        }
    }

    private static Fix? Add(MappingNode mapping, IReadOnlyList<string> keys, string? value, bool safe, string? item = null)
    {
        if (mapping.Members is not [var first, ..] || first.Key.Source != mapping.Source || first.Key.Place.Start < mapping.Place.Start)
        {
            return null;
        }

        var text = mapping.Source.Text;
        if (!mapping.IsBlock)
        {
            var flow = item is null ? value! : $"[{item}]";
            for (var i = keys.Count - 1; i > 0; i--)
            {
                flow = $"{{ {keys[i]}: {flow} }}";
            }

            return Insert(mapping.Source, first.Key.Place.Start, $"{keys[0]}: {flow}, ", safe);
        }

        var indent = new string(' ', first.Key.Place.Column - 1);
        var lines = keys.Select((key, i) => $"{indent}{new string(' ', 2 * i)}{key}:{(i == keys.Count - 1 && value is not null ? $" {value}" : "")}").ToList();
        if (item is not null)
        {
            lines.Add($"{indent}{new string(' ', 2 * keys.Count)}- {item}");
        }

        // Behind a first key that ends on its own line, so that the name of a container stays the first thing of it.
        return first.Value is ScalarNode { Plain: true } scalar && scalar.Source == mapping.Source && text.AsSpan(scalar.Place.Start, Math.Max(scalar.Place.End - scalar.Place.Start, 0)).IndexOf('\n') < 0 && scalar.Place.End > first.Key.Place.Start
            ? Insert(mapping.Source, EndOfLine(text, scalar.Place.End), "\n" + string.Join('\n', lines), safe)
            : Insert(mapping.Source, first.Key.Place.Start, string.Join('\n', lines).TrimStart(' ') + "\n" + indent, safe);
    }

    private static Fix Insert(SourceText source, int at, string text, bool safe) => new(new TextEdit(source, at, 0, text), safe);

    private static int EndOfLine(string text, int from)
    {
        var end = text.IndexOf('\n', from);
        end = end < 0 ? text.Length : end;
        return end > from && text[end - 1] == '\r' ? end - 1 : end;
    }

    private static string Indentation(string text, int at)
    {
        var start = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        return new string(' ', at - start);
    }
}
