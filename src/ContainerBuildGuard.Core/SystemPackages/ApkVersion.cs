namespace ContainerBuildGuard.SystemPackages;

/// <summary>The order of Alpine's package versions: <c>1.2.3b_rc1_git20240101~a1b2c3-r4</c> (apk-package(5)).</summary>
internal static class ApkVersion
{
    private static readonly string[] PreSuffixes = ["alpha", "beta", "pre", "rc"];
    private static readonly string[] PostSuffixes = ["cvs", "svn", "git", "hg", "p"];

    /// <summary>What may follow, in the order in which it sorts where one version ends earlier.</summary>
    private enum Token
    {
        Number,
        Letter,
        Suffix,
        Hash,
        Revision,
        End,
        Invalid,
    }

    public static int? Compare(string a, string b)
    {
        if (!IsValid(a) || !IsValid(b))
        {
            return null;
        }

        ReadOnlySpan<char> x = a, y = b;
        var first = true;
        while (true)
        {
            var (tokenX, tokenY) = (Next(x, first, out var partX, out x), Next(y, first, out var partY, out y));
            if (tokenX != tokenY)
            {
                // What goes on is newer, unless it goes on as a pre-release.
                return IsPreRelease(tokenX, partX) ? -1 : IsPreRelease(tokenY, partY) ? 1 : tokenX > tokenY ? -1 : 1;
            }

            var order = tokenX switch
            {
                Token.End => 0,
                Token.Number => first ? Digits.Compare(partX, partY) : CompareComponent(partX, partY),
                Token.Letter or Token.Hash => partX.SequenceCompareTo(partY),
                Token.Suffix => CompareSuffix(partX, partY),
                _ => Digits.Compare(partX, partY),
            };
            if (order != 0 || tokenX == Token.End)
            {
                return order;
            }

            first = false;
        }
    }

    private static bool IsValid(ReadOnlySpan<char> text)
    {
        var (first, last) = (true, Token.Number);
        while (true)
        {
            var afterLetter = last == Token.Letter && text.Length > 0 && char.IsAsciiDigit(text[0]);
            var token = Next(text, first, out var part, out text);
            if (token == Token.End)
            {
                return !first;
            }

            // In this order, only numbers and suffixes more than once; a letter may be followed by digits (1.2p1).
            if (token == Token.Invalid || (token < last && !afterLetter) || (token == last && token is not (Token.Number or Token.Suffix)) || (token == Token.Suffix && SuffixRank(part) is null))
            {
                return false;
            }

            (first, last) = (false, token);
        }
    }

    private static Token Next(ReadOnlySpan<char> text, bool first, out ReadOnlySpan<char> part, out ReadOnlySpan<char> rest)
    {
        part = default;
        rest = text;
        if (text.Length == 0)
        {
            return Token.End;
        }

        var (token, start, end) = text[0] switch
        {
            (>= '0' and <= '9') => (Token.Number, 0, Digits.Count(text)),
            '.' when !first => (Token.Number, 1, 1 + Digits.Count(text[1..])),
            >= 'a' and <= 'z' when !first => (Token.Letter, 0, 1),
            '_' => (Token.Suffix, 1, SuffixEnd(text)),
            '~' => (Token.Hash, 1, HashEnd(text)),
            '-' when text.Length > 1 && text[1] == 'r' => (Token.Revision, 2, 2 + Digits.Count(text[2..])),
            _ => (Token.Invalid, 0, 0),
        };
        if (end <= start)
        {
            return Token.Invalid;
        }

        part = text[start..end];
        rest = text[end..];
        return token;
    }

    private static int SuffixEnd(ReadOnlySpan<char> text)
    {
        var i = 1;
        while (i < text.Length && text[i] is >= 'a' and <= 'z')
        {
            i++;
        }

        return i + Digits.Count(text[i..]);
    }

    private static int HashEnd(ReadOnlySpan<char> text)
    {
        var i = 1;
        while (i < text.Length && char.IsAsciiHexDigitLower(text[i]))
        {
            i++;
        }

        return i;
    }

    /// <summary>A component that begins with zeros is a fraction: more zeros sort lower, then the digits after them count.</summary>
    private static int CompareComponent(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (a[0] != '0' && b[0] != '0')
        {
            return Digits.Compare(a, b);
        }

        var (zerosA, zerosB) = (a.Length - a.TrimStart('0').Length, b.Length - b.TrimStart('0').Length);
        return zerosA != zerosB ? zerosB.CompareTo(zerosA) : Digits.Compare(a, b);
    }

    private static int CompareSuffix(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        var order = SuffixRank(a)!.Value.CompareTo(SuffixRank(b)!.Value);
        if (order != 0)
        {
            return order;
        }

        var numberA = Number(a);
        var numberB = Number(b);
        return numberA.IsEmpty != numberB.IsEmpty ? numberA.IsEmpty ? -1 : 1 : Digits.Compare(numberA, numberB);
    }

    private static bool IsPreRelease(Token token, ReadOnlySpan<char> part) => token == Token.Suffix && SuffixRank(part) < 0;

    private static int? SuffixRank(ReadOnlySpan<char> suffix)
    {
        var name = suffix[..^Number(suffix).Length];
        return IndexOf(PreSuffixes, name) is >= 0 and var pre ? pre - PreSuffixes.Length : IndexOf(PostSuffixes, name) is >= 0 and var post ? post : null;
    }

    private static ReadOnlySpan<char> Number(ReadOnlySpan<char> suffix) => suffix.IndexOfAnyInRange('0', '9') is >= 0 and var digits ? suffix[digits..] : default;

    private static int IndexOf(string[] names, ReadOnlySpan<char> name)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (name.SequenceEqual(names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
