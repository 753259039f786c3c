using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>
/// Reads the notation of <see cref="Shape"/>s. <c>&lt;AKIA|ASIA&gt;[A-Z2-7]{16}</c>: the anchors stand in angle brackets, without them the leading literal is the
/// anchor. Classes: <c>[...]</c>, <c>\w</c> letters and digits, <c>\d</c>, <c>\h</c> lower and <c>\H</c> any hexadecimal, <c>\u</c> base64url, <c>\b</c> base64;
/// an anchor may end in a class (<c>&lt;sk_[0-9a-f]&gt;</c>);
/// counts <c>{n}</c>, <c>{n,m}</c>, <c>{n,}</c>, <c>?</c>; choices <c>(a|b)</c>. A dot means itself.
/// </summary>
internal sealed class ShapeParser
{
    private const int LongestRun = 2048;
    private readonly string _text;
    private int _at;

    private ShapeParser(string text) => _text = text;

    /// <summary>The anchors of a notation, without reading the rest of it.</summary>
    public static string[] Anchors(string notation)
    {
        var open = notation.IndexOf('<', StringComparison.Ordinal);
        return open >= 0 ? [.. notation[(open + 1)..notation.IndexOf('>', StringComparison.Ordinal)].Split('|').SelectMany(Spelled)] : [LeadingLiteral(notation)];
    }

    /// <summary>An anchor that is too short to search for may end in a class: every character of it makes an anchor.</summary>
    private static IEnumerable<string> Spelled(string anchor)
    {
        var open = anchor.IndexOf('[', StringComparison.Ordinal);
        return open < 0 ? [anchor] : ByteSet.Of(anchor[(open + 1)..^1]).Characters.Select(c => $"{anchor[..open]}{c}");
    }

    /// <exception cref="FormatException">Not the notation.</exception>
    public static Shape Parse(string notation)
    {
        var open = notation.IndexOf('<', StringComparison.Ordinal);
        var (before, after) = open >= 0
            ? (notation[..open], notation[(notation.IndexOf('>', StringComparison.Ordinal) + 1)..])
            : ("", notation[LeadingLiteral(notation).Length..]);
        var tail = new ShapeParser(after).Sequence();
        var head = new ShapeParser(before).Sequence();
        head.Reverse();
        return new Shape(Link(head, null, backward: true), Link(tail, null, backward: false), tail.Count == 0 ? null : Last(tail[^1]));
    }

    /// <summary>A shape that is the whole value: no anchor.</summary>
    public static Shape ParseWhole(string notation) => new(null, Link(new ShapeParser(notation).Sequence(), null, backward: false), null);

    private static string LeadingLiteral(string notation)
    {
        var end = notation.AsSpan().IndexOfAny("[\\(");
        return end < 0 ? notation : notation[..end];
    }

    private List<Item> Sequence()
    {
        var items = new List<Item>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            items.Add(Counted(One()));
        }

        return items;
    }

    private Item One()
    {
        switch (_text[_at++])
        {
            case '[':
                var close = _text.IndexOf(']', _at);
                var set = ByteSet.Of(_text[_at..close]);
                _at = close + 1;
                return new Item { Set = set };
            case '(':
                var options = new List<List<Item>> { Sequence() };
                while (_text[_at] == '|')
                {
                    _at++;
                    options.Add(Sequence());
                }

                _at++;
                return new Item { Options = options };
            case '\\':
                return new Item
                {
                    Set = ByteSet.Of(_text[_at++] switch
                    {
                        'w' => "A-Za-z0-9",
                        'd' => "0-9",
                        'h' => "0-9a-f",
                        'H' => "0-9A-Fa-f",
                        'u' => "A-Za-z0-9_-",
                        'b' => "A-Za-z0-9+/",
                        var other => throw new FormatException($"no class \\{other} in '{_text}'"),
                    }),
                };
            default:
                return new Item { Character = _text[_at - 1] };
        }
    }

    private Item Counted(Item item)
    {
        if (_at >= _text.Length)
        {
            return item;
        }

        if (_text[_at] == '?')
        {
            _at++;
            return item with { Least = 0 };
        }

        if (_text[_at] != '{')
        {
            return item;
        }

        var close = _text.IndexOf('}', _at);
        var counts = _text[(_at + 1)..close].Split(',');
        _at = close + 1;
        var least = int.Parse(counts[0], CultureInfo.InvariantCulture);
        var most = counts.Length == 1 ? least : counts[1].Length == 0 ? LongestRun : int.Parse(counts[1], CultureInfo.InvariantCulture);
        return item with { Least = least, Most = most };
    }

    private static ByteSet? Last(Item item) => item.Set ?? (item.Options is { } options && options[0].Count > 0 ? Last(options[0][^1]) : null);

    private static Shape.Node? Link(List<Item> items, Shape.Node? next, bool backward)
    {
        for (var i = items.Count - 1; i >= 0; i--)
        {
            var item = items[i];
            if (item.Set is { } set)
            {
                next = new Shape.Run(set, item.Least, item.Most, MayBeginWith(next, set, backward)) { Next = next };
            }
            else if (item.Options is { } options)
            {
                var rest = next;
                var heads = options.Select(option => Link(backward ? [.. Enumerable.Reverse(option)] : option, rest, backward)).ToList();
                if (item.Least == 0)
                {
                    heads.Add(rest);
                }

                next = new Shape.Choice([.. heads]);
            }
            else if (item.Least == 0)
            {
                next = new Shape.Choice([new Shape.Literal([(byte)item.Character]) { Next = next }, next]);
            }
            else
            {
                next = new Shape.Literal(Encoding.ASCII.GetBytes(new string(item.Character, item.Least))) { Next = next };
            }
        }

        return next;
    }

    private static bool MayBeginWith(Shape.Node? node, ByteSet set, bool backward) => node switch
    {
        null => false,
        Shape.Literal literal => set.Contains(backward ? literal.Bytes[^1] : literal.Bytes[0]),
        Shape.Run run => run.Set.Overlaps(set) || (run.Least == 0 && MayBeginWith(run.Next, set, backward)),
        Shape.Choice choice => choice.Options.Any(option => MayBeginWith(option, set, backward)),
        _ => true,
    };

    private sealed record Item
    {
        public ByteSet? Set { get; init; }
        public List<List<Item>>? Options { get; init; }
        public char Character { get; init; }
        public int Least { get; init; } = 1;
        public int Most { get; init; } = 1;
    }
}
