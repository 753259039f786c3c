using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Semantic Versioning 2.0, section 11; numbers of any size, missing parts zero, and the <c>v</c> that Go modules write before it.</summary>
internal static class SemanticVersion
{
    public static int? Compare(string a, string b)
    {
        if (!TrySplit(a, out var coreA, out var labelsA) || !TrySplit(b, out var coreB, out var labelsB))
        {
            return null;
        }

        for (var i = 0; i < 3; i++)
        {
            var order = Digits.Compare(Take(ref coreA), Take(ref coreB));
            if (order != 0)
            {
                return order;
            }
        }

        return labelsA.IsEmpty || labelsB.IsEmpty ? labelsA.IsEmpty.CompareTo(labelsB.IsEmpty) : CompareLabels(labelsA, labelsB);
    }

    private static bool TrySplit(ReadOnlySpan<char> text, out ReadOnlySpan<char> core, out ReadOnlySpan<char> labels)
    {
        core = text.StartsWith("v", StringComparison.Ordinal) ? text[1..] : text;
        core = core.IndexOf('+') is >= 0 and var plus ? core[..plus] : core;
        labels = default;
        if (core.IndexOf('-') is >= 0 and var dash)
        {
            labels = core[(dash + 1)..];
            core = core[..dash];
            if (!AreLabels(labels))
            {
                return false;
            }
        }

        var parts = 0;
        foreach (var part in core.Split('.'))
        {
            if (!Digits.AreAll(core[part]) || ++parts > 3)
            {
                return false;
            }
        }

        return parts > 0;
    }

    private static bool AreLabels(ReadOnlySpan<char> labels)
    {
        foreach (var label in labels.Split('.'))
        {
            if (labels[label].IsEmpty)
            {
                return false;
            }
        }

        foreach (var c in labels)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private static int CompareLabels(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (!a.IsEmpty && !b.IsEmpty)
        {
            var x = Take(ref a);
            var y = Take(ref b);
            var (numberX, numberY) = (Digits.AreAll(x), Digits.AreAll(y));
            var order = numberX && numberY ? Digits.Compare(x, y) : numberX != numberY ? (numberX ? -1 : 1) : x.SequenceCompareTo(y);
            if (order != 0)
            {
                return order;
            }
        }

        return b.IsEmpty.CompareTo(a.IsEmpty);
    }

    /// <summary>The part up to the next dot, which is taken off.</summary>
    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> text)
    {
        var dot = text.IndexOf('.');
        var part = dot < 0 ? text : text[..dot];
        text = dot < 0 ? default : text[(dot + 1)..];
        return part;
    }
}
