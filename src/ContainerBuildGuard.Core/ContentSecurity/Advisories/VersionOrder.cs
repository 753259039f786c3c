using System.Numerics;
using NuGet.Versioning;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Orders versions as their ecosystem does. Null: the order cannot be decided.</summary>
internal static class VersionOrder
{
    public static int? Compare(string ecosystem, string a, string b) => ecosystem switch
    {
        "Debian" or "Ubuntu" => DebianVersion.Compare(a, b),
        "NuGet" => NuGetVersion.TryParse(a, out var x) && NuGetVersion.TryParse(b, out var y) ? VersionComparer.VersionRelease.Compare(x, y) : null,
        _ => null,
    };
}

/// <summary>Debian's version order (Debian policy manual, 5.6.12).</summary>
internal static class DebianVersion
{
    public static int? Compare(string a, string b)
    {
        if (Split(a) is not { } x || Split(b) is not { } y)
        {
            return null;
        }

        var epoch = x.Epoch.CompareTo(y.Epoch);
        if (epoch != 0)
        {
            return epoch;
        }

        var upstream = CompareParts(x.Upstream, y.Upstream);
        return upstream != 0 ? upstream : CompareParts(x.Revision, y.Revision);
    }

    private static (BigInteger Epoch, string Upstream, string Revision)? Split(string version)
    {
        if (version.Length is 0 or > 512 || version.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '+' or '-' or ':' or '~')))
        {
            return null;
        }

        var colon = version.IndexOf(':', StringComparison.Ordinal);
        var epoch = BigInteger.Zero;
        if (colon >= 0 && !BigInteger.TryParse(version[..colon], out epoch))
        {
            return null;
        }

        var rest = version[(colon + 1)..];
        var dash = rest.LastIndexOf('-');
        return rest.Length == 0 ? null : dash < 0 ? (epoch, rest, "") : (epoch, rest[..dash], rest[(dash + 1)..]);
    }

    private static int CompareParts(string a, string b)
    {
        var (i, j) = (0, 0);
        while (i < a.Length || j < b.Length)
        {
            while ((i < a.Length && !char.IsAsciiDigit(a[i])) || (j < b.Length && !char.IsAsciiDigit(b[j])))
            {
                var order = Weight(a, i).CompareTo(Weight(b, j));
                if (order != 0)
                {
                    return order;
                }

                i++;
                j++;
            }

            var (startA, startB) = (i, j);
            while (i < a.Length && char.IsAsciiDigit(a[i]))
            {
                i++;
            }

            while (j < b.Length && char.IsAsciiDigit(b[j]))
            {
                j++;
            }

            var numbers = Number(a[startA..i]).CompareTo(Number(b[startB..j]));
            if (numbers != 0)
            {
                return numbers;
            }
        }

        return 0;
    }

    /// <summary>A tilde sorts before the end, the end (or a digit) before letters, letters before the rest.</summary>
    private static int Weight(string text, int index) =>
        index >= text.Length || char.IsAsciiDigit(text[index]) ? 0
        : text[index] == '~' ? -1
        : char.IsAsciiLetter(text[index]) ? text[index]
        : text[index] + 256;

    private static BigInteger Number(string digits) => digits.Length == 0 ? BigInteger.Zero : BigInteger.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
}
