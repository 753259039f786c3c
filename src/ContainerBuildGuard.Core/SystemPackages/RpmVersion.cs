namespace ContainerBuildGuard.SystemPackages;

/// <summary>RPM's order of <c>[epoch:]version[-release]</c>, tilde and caret included (rpm-version(7)).</summary>
internal static class RpmVersion
{
    public static int? Compare(string a, string b)
    {
        if (!TrySplit(a, out var epochA, out var versionA, out var releaseA) || !TrySplit(b, out var epochB, out var versionB, out var releaseB))
        {
            return null;
        }

        var order = Digits.Compare(epochA, epochB);
        order = order != 0 ? order : ComparePart(versionA, versionB);
        if (order != 0)
        {
            return order;
        }

        // A version that names no release is older than the same version with one.
        return releaseA.IsEmpty || releaseB.IsEmpty ? releaseA.IsEmpty.CompareTo(releaseB.IsEmpty) * -1 : ComparePart(releaseA, releaseB);
    }

    private static bool TrySplit(ReadOnlySpan<char> text, out ReadOnlySpan<char> epoch, out ReadOnlySpan<char> version, out ReadOnlySpan<char> release)
    {
        epoch = default;
        version = text;
        release = default;
        if (text.ContainsAny(' ', '\t', '\n'))
        {
            return false;
        }

        var digits = Digits.Count(text);
        if (digits < text.Length && text[digits] == ':')
        {
            epoch = text[..digits];
            version = text[(digits + 1)..];
        }

        var dash = version.LastIndexOf('-');
        if (dash >= 0)
        {
            release = version[(dash + 1)..];
            version = version[..dash];
        }

        return version.IndexOfAnyInRange('0', 'z') >= 0;
    }

    private static int ComparePart(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (a.Length > 0 || b.Length > 0)
        {
            a = SkipSeparators(a);
            b = SkipSeparators(b);
            var (headA, headB) = (Head(a), Head(b));
            if (headA == '~' || headB == '~')
            {
                // A tilde sorts before everything, the end included.
                if (headA != headB)
                {
                    return headA == '~' ? -1 : 1;
                }
            }
            else if (headA == '^' || headB == '^')
            {
                // A caret sorts after the end, and before whatever else goes on.
                if (headA != headB)
                {
                    return headA == '\0' ? -1 : headB == '\0' ? 1 : headA == '^' ? -1 : 1;
                }
            }
            else if (headA == '\0' || headB == '\0')
            {
                break;
            }
            else
            {
                var number = char.IsAsciiDigit(headA);
                var (segmentA, segmentB) = (Segment(a, number), Segment(b, number));
                if (segmentB == 0)
                {
                    return number ? 1 : -1;
                }

                var order = number ? Digits.Compare(a[..segmentA], b[..segmentB]) : a[..segmentA].SequenceCompareTo(b[..segmentB]);
                if (order != 0)
                {
                    return order;
                }

                a = a[segmentA..];
                b = b[segmentB..];
                continue;
            }

            a = a[1..];
            b = b[1..];
        }

        return a.Length.CompareTo(0) - b.Length.CompareTo(0);
    }

    private static ReadOnlySpan<char> SkipSeparators(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && !char.IsAsciiLetterOrDigit(text[0]) && text[0] is not ('~' or '^'))
        {
            text = text[1..];
        }

        return text;
    }

    private static char Head(ReadOnlySpan<char> text) => text.Length == 0 ? '\0' : text[0];

    private static int Segment(ReadOnlySpan<char> text, bool number)
    {
        var i = 0;
        while (i < text.Length && (number ? char.IsAsciiDigit(text[i]) : char.IsAsciiLetter(text[i])))
        {
            i++;
        }

        return i;
    }
}
