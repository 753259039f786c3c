using System.Buffers;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>Debian's version order (Debian policy manual, 5.6.12).</summary>
internal static class DebianVersion
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.+-:~");

    public static int? Compare(string a, string b)
    {
        if (!TrySplit(a, out var epochA, out var upstreamA, out var revisionA) || !TrySplit(b, out var epochB, out var upstreamB, out var revisionB))
        {
            return null;
        }

        var order = Digits.Compare(epochA, epochB);
        order = order != 0 ? order : ComparePart(upstreamA, upstreamB);
        return order != 0 ? order : ComparePart(revisionA, revisionB);
    }

    private static bool TrySplit(ReadOnlySpan<char> version, out ReadOnlySpan<char> epoch, out ReadOnlySpan<char> upstream, out ReadOnlySpan<char> revision)
    {
        epoch = default;
        upstream = version;
        revision = default;
        if (version.ContainsAnyExcept(Allowed))
        {
            return false;
        }

        var colon = version.IndexOf(':');
        if (colon >= 0)
        {
            epoch = version[..colon];
            upstream = version[(colon + 1)..];
            if (!Digits.AreAll(epoch))
            {
                return false;
            }
        }

        var dash = upstream.LastIndexOf('-');
        if (dash >= 0)
        {
            revision = upstream[(dash + 1)..];
            upstream = upstream[..dash];
        }

        return upstream.Length > 0;
    }

    private static int ComparePart(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (a.Length > 0 || b.Length > 0)
        {
            while ((a.Length > 0 && !char.IsAsciiDigit(a[0])) || (b.Length > 0 && !char.IsAsciiDigit(b[0])))
            {
                var order = Weight(a) - Weight(b);
                if (order != 0)
                {
                    return order;
                }

                a = a[Math.Min(1, a.Length)..];
                b = b[Math.Min(1, b.Length)..];
            }

            var (digitsA, digitsB) = (Digits.Count(a), Digits.Count(b));
            var numbers = Digits.Compare(a[..digitsA], b[..digitsB]);
            if (numbers != 0)
            {
                return numbers;
            }

            a = a[digitsA..];
            b = b[digitsB..];
        }

        return 0;
    }

    /// <summary>A tilde sorts before the end, the end (or a digit) before letters, letters before the rest.</summary>
    private static int Weight(ReadOnlySpan<char> text) =>
        text.Length == 0 || char.IsAsciiDigit(text[0]) ? 0
        : text[0] == '~' ? -1
        : char.IsAsciiLetter(text[0]) ? text[0]
        : text[0] + 256;
}
