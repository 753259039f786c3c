using System.Text.RegularExpressions;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The order of Python's versions (PEP 440).</summary>
internal static partial class PythonVersion
{
    public static int? Compare(string a, string b)
    {
        var (x, y) = (Pattern().Match(a), Pattern().Match(b));
        if (!x.Success || !y.Success)
        {
            return null;
        }

        var order = Digits.Compare(x.Groups["epoch"].ValueSpan, y.Groups["epoch"].ValueSpan);
        order = order != 0 ? order : CompareRelease(x.Groups["release"].Value, y.Groups["release"].Value);
        order = order != 0 ? order : Phase(x).CompareTo(Phase(y));
        order = order != 0 ? order : Digits.Compare(x.Groups["preNumber"].ValueSpan, y.Groups["preNumber"].ValueSpan);
        order = order != 0 ? order : CompareOptional(x, y, "post", ["postNumber", "postImplicit"], absentSortsFirst: true);
        order = order != 0 ? order : CompareOptional(x, y, "dev", ["devNumber"], absentSortsFirst: false);
        return order != 0 ? order : CompareLocal(x.Groups["local"], y.Groups["local"]);
    }

    /// <summary>Trailing zeros do not count.</summary>
    private static int CompareRelease(string a, string b)
    {
        var (x, y) = (a.Split('.'), b.Split('.'));
        for (var i = 0; i < Math.Max(x.Length, y.Length); i++)
        {
            var order = Digits.Compare(i < x.Length ? x[i] : "", i < y.Length ? y[i] : "");
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <summary>A development release of nothing else sorts before alphas; the final release and its post releases after candidates.</summary>
    private static int Phase(Match version) => version.Groups["pre"].Value.ToLowerInvariant() switch
    {
        "" => version.Groups["dev"].Success && !version.Groups["post"].Success ? 0 : 4,
        "a" or "alpha" => 1,
        "b" or "beta" => 2,
        _ => 3,
    };

    private static int CompareOptional(Match a, Match b, string name, string[] numbers, bool absentSortsFirst)
    {
        var (x, y) = (a.Groups[name].Success, b.Groups[name].Success);
        if (x != y)
        {
            return x == absentSortsFirst ? 1 : -1;
        }

        return Digits.Compare(string.Concat(numbers.Select(n => a.Groups[n].Value)), string.Concat(numbers.Select(n => b.Groups[n].Value)));
    }

    private static int CompareLocal(Group a, Group b)
    {
        if (!a.Success || !b.Success)
        {
            return a.Success.CompareTo(b.Success);
        }

        var (x, y) = (a.Value.ToLowerInvariant().Split('.', '-', '_'), b.Value.ToLowerInvariant().Split('.', '-', '_'));
        for (var i = 0; i < Math.Min(x.Length, y.Length); i++)
        {
            var (numberX, numberY) = (Digits.AreAll(x[i]), Digits.AreAll(y[i]));
            var order = numberX && numberY ? Digits.Compare(x[i], y[i]) : numberX != numberY ? numberX.CompareTo(numberY) : string.CompareOrdinal(x[i], y[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return x.Length.CompareTo(y.Length);
    }

    [GeneratedRegex("""
        ^\s*v?
        (?:(?<epoch>[0-9]+)!)?
        (?<release>[0-9]+(?:\.[0-9]+)*)
        (?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>[0-9]*))?
        (?<post>-(?<postImplicit>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>[0-9]*))?
        (?<dev>[-_.]?dev[-_.]?(?<devNumber>[0-9]*))?
        (?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?
        \s*$
        """, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Pattern();
}
