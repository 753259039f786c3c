using System.Globalization;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Maven's version order (POM reference, "Version Order Specification").</summary>
internal static class MavenVersion
{
    private const int Release = 5;
    private static readonly string[] Qualifiers = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

    public static int? Compare(string a, string b) =>
        a.Length == 0 || b.Length == 0 || a.AsSpan().ContainsAny(' ', '\t', '\n') || b.AsSpan().ContainsAny(' ', '\t', '\n') ? null : Compare(Parse(a), Parse(b));

    /// <summary>A number, a qualifier, or (after a hyphen, or where digits and letters meet) a list of its own.</summary>
    private abstract record Item;

    private sealed record Number(string Value) : Item;

    private sealed record Qualifier(string Value) : Item;

    private sealed record Group(List<Item> Items) : Item;

    private static Group Parse(string version)
    {
        version = version.ToLowerInvariant();
        var root = new Group([]);
        var (all, current) = (new List<Group> { root }, root);
        void Nest()
        {
            var inner = new Group([]);
            current.Items.Add(inner);
            all.Add(inner);
            current = inner;
        }

        var (start, number) = (0, false);
        for (var i = 0; i < version.Length; i++)
        {
            var c = version[i];
            if (c is '.' or '-')
            {
                current.Items.Add(i == start ? new Number("0") : ToItem(version[start..i], number, followedByDigit: false));
                start = i + 1;
                if (c == '-')
                {
                    Nest();
                }
            }
            else
            {
                var digit = char.IsAsciiDigit(c);
                if (digit != number && i > start)
                {
                    if (digit && current.Items.Count > 0)
                    {
                        Nest();
                    }

                    current.Items.Add(ToItem(version[start..i], number, followedByDigit: digit));
                    start = i;
                    Nest();
                }

                number = digit;
            }
        }

        if (version.Length > start)
        {
            if (!number && current.Items.Count > 0)
            {
                Nest();
            }

            current.Items.Add(ToItem(version[start..], number, followedByDigit: false));
        }

        for (var i = all.Count - 1; i >= 0; i--)
        {
            TrimTrailingNulls(all[i].Items);
        }

        return root;
    }

    private static Item ToItem(string text, bool number, bool followedByDigit) => number
        ? new Number(text)
        : new Qualifier(text switch
        {
            "a" when followedByDigit => "alpha",
            "b" when followedByDigit => "beta",
            "m" when followedByDigit => "milestone",
            "ga" or "final" or "release" => "",
            "cr" => "rc",
            _ => text,
        });

    private static void TrimTrailingNulls(List<Item> items)
    {
        for (var i = items.Count - 1; i >= 0; i--)
        {
            if (IsNull(items[i]))
            {
                items.RemoveAt(i);
            }
            else if (items[i] is not Group)
            {
                return;
            }
        }
    }

    private static bool IsNull(Item item) => item switch
    {
        Number n => n.Value.AsSpan().TrimStart('0').IsEmpty,
        Qualifier q => q.Value.Length == 0,
        Group g => g.Items.Count == 0,
        _ => true,
    };

    private static int Compare(Item? a, Item? b) => (a, b) switch
    {
        (null, null) => 0,
        (null, _) => -Compare(b, null),
        (Number n, null) => IsNull(n) ? 0 : 1,
        (Number x, Number y) => Digits.Compare(x.Value, y.Value),
        (Number, _) => 1,
        (Qualifier q, null) => string.CompareOrdinal(Rank(q), Release.ToString(CultureInfo.InvariantCulture)),
        (Qualifier x, Qualifier y) => string.CompareOrdinal(Rank(x), Rank(y)),
        (Qualifier, _) => -1,
        (Group g, null) => g.Items.Select(i => Compare(i, null)).FirstOrDefault(order => order != 0),
        (Group, Number) => -1,
        (Group, Qualifier) => 1,
        (Group x, Group y) => Enumerable.Range(0, Math.Max(x.Items.Count, y.Items.Count)).Select(i => Compare(x.Items.ElementAtOrDefault(i), y.Items.ElementAtOrDefault(i))).FirstOrDefault(order => order != 0),
        _ => 0,
    };

    /// <summary>Known qualifiers by their place, unknown ones after them by their text.</summary>
    private static string Rank(Qualifier qualifier) =>
        Array.IndexOf(Qualifiers, qualifier.Value) is >= 0 and var place ? place.ToString(CultureInfo.InvariantCulture) : $"{Qualifiers.Length}-{qualifier.Value}";
}
