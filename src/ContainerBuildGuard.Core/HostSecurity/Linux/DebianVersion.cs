namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The order of Debian package versions (deb-version(7)): epoch, upstream version, revision; ~ before the end.</summary>
internal static class DebianVersion
{
    public static int Compare(string a, string b)
    {
        var (epochA, upstreamA, revisionA) = Split(a);
        var (epochB, upstreamB, revisionB) = Split(b);
        var order = Part(epochA, epochB);
        order = order != 0 ? order : Part(upstreamA, upstreamB);
        return order != 0 ? order : Part(revisionA, revisionB);
    }

    private static (string Epoch, string Upstream, string Revision) Split(string version)
    {
        var colon = version.IndexOf(':', StringComparison.Ordinal);
        var rest = version[(colon + 1)..];
        var dash = rest.LastIndexOf('-');
        return (colon < 0 ? "0" : version[..colon], dash < 0 ? rest : rest[..dash], dash < 0 ? "0" : rest[(dash + 1)..]);
    }

    private static int Part(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (!a.IsEmpty || !b.IsEmpty)
        {
            while ((!a.IsEmpty && !char.IsAsciiDigit(a[0])) || (!b.IsEmpty && !char.IsAsciiDigit(b[0])))
            {
                var order = Weight(a) - Weight(b);
                if (order != 0)
                {
                    return order;
                }

                a = a.IsEmpty ? a : a[1..];
                b = b.IsEmpty ? b : b[1..];
            }

            var numberA = Digits(ref a);
            var numberB = Digits(ref b);
            var difference = numberA.Length != numberB.Length ? numberA.Length - numberB.Length : numberA.SequenceCompareTo(numberB);
            if (difference != 0)
            {
                return difference;
            }
        }

        return 0;
    }

    private static ReadOnlySpan<char> Digits(ref ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        var digits = text[..end].TrimStart('0');
        text = text[end..];
        return digits;
    }

    private static int Weight(ReadOnlySpan<char> text) =>
        text.IsEmpty || char.IsAsciiDigit(text[0]) ? 0 : text[0] == '~' ? -1 : char.IsAsciiLetter(text[0]) ? text[0] : text[0] + 256;
}
