using System.Collections;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>How much a text looks made by a generator of random numbers, and how much written by a person.</summary>
internal static class Randomness
{
    // The pairs of letters that make up most of English and of identifiers; four of five pairs in words are among them, two of five in random letters.
    private const string CommonPairs =
        "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur " +
        "ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh " +
        "ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa " +
        "ef cu rn sc gi da yo cr cl du ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck ew mu br bi pt ak pu ui rg ib tl ny ki rk ys " +
        "ob mm fu ph og ms ye ud mb ip ub oi rl gu dr cc tw ft wn nu af hu nn eo vo rv nf xp gn sm fl iz ok sk ps gl aw je nk dy ze sw";

    private static readonly BitArray Common = Pairs();

    /// <summary>Shannon entropy in bits a byte.</summary>
    public static double Entropy(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        Span<int> counts = stackalloc int[256];
        foreach (var b in text)
        {
            counts[b]++;
        }

        var result = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
            {
                var share = (double)count / text.Length;
                result -= share * Math.Log2(share);
            }
        }

        return result;
    }

    /// <summary>The share of neighbouring letters that are a common pair; <paramref name="pairs"/> says of how many.</summary>
    public static double CommonPairShare(ReadOnlySpan<byte> text, out int pairs)
    {
        pairs = 0;
        var common = 0;
        for (var i = 1; i < text.Length; i++)
        {
            var (a, b) = (text[i - 1] | 0x20, text[i] | 0x20);
            if (IsLetter(a) && IsLetter(b))
            {
                pairs++;
                common += Common[((a - 'a') * 26) + b - 'a'] ? 1 : 0;
            }
        }

        return pairs == 0 ? 0 : (double)common / pairs;
    }

    /// <summary>How often the kind of character changes (lower, upper, digit, other), per neighbouring pair.</summary>
    public static double Changes(ReadOnlySpan<byte> text)
    {
        var changes = 0;
        for (var i = 1; i < text.Length; i++)
        {
            changes += Kind(text[i]) != Kind(text[i - 1]) ? 1 : 0;
        }

        return text.Length < 2 ? 0 : (double)changes / (text.Length - 1);
    }

    /// <summary>Whether a value of at least eight characters looks generated: mixed without pattern, or letters that form no words.</summary>
    public static bool IsRandom(ReadOnlySpan<byte> text)
    {
        if (text.Length < 8 || Entropy(text) < Math.Min(3.0, Math.Log2(text.Length) - 0.9))
        {
            return false;
        }

        var share = CommonPairShare(text, out var pairs);
        var (lower, upper, digits) = Kinds(text);
        if (digits == 0)
        {
            // Letters alone: only their order tells. Mixed case inside words is camel case; generated letters change case at every other one.
            return text.Length >= 16 && (lower > 0 && upper > 0 ? Humps(text).Singles >= 3 && share < 0.75 : share < 0.58);
        }

        // Digits strewn among letters, three times and more, are in no word.
        if (((text.Length >= 16 && DigitGroups(text) >= 3) || (text.Length >= 14 && DigitGroups(text) >= 2 && !char.IsAsciiDigit((char)text[^1]))) && text.IndexOfAny((byte)'_', (byte)'-', (byte)'.') < 0)
        {
            return true;
        }

        return pairs >= 6 ? share < 0.66 || (Changes(text) >= 0.35 && share < 0.8) : Changes(text) >= 0.2 || text.Length >= 20;
    }

    /// <summary>Words in camel case, and how many of them are no words: a single small letter between capitals, capitals in a row.</summary>
    public static (int Words, int Singles) Humps(ReadOnlySpan<byte> text)
    {
        var (words, singles, run) = (0, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiLetterUpper((char)text[i]))
            {
                words++;
                singles += run == 1 || (i > 0 && char.IsAsciiLetterUpper((char)text[i - 1])) ? 1 : 0;
                run = 0;
            }
            else if (char.IsAsciiLetterLower((char)text[i]))
            {
                run++;
            }
            else
            {
                run = 0;
            }
        }

        return (words, singles);
    }

    private static int DigitGroups(ReadOnlySpan<byte> text)
    {
        var groups = 0;
        for (var i = 1; i < text.Length; i++)
        {
            groups += char.IsAsciiDigit((char)text[i]) && !char.IsAsciiDigit((char)text[i - 1]) ? 1 : 0;
        }

        return groups;
    }

    public static (int Lower, int Upper, int Digits) Kinds(ReadOnlySpan<byte> text)
    {
        var (lower, upper, digits) = (0, 0, 0);
        foreach (var b in text)
        {
            lower += b is >= (byte)'a' and <= (byte)'z' ? 1 : 0;
            upper += b is >= (byte)'A' and <= (byte)'Z' ? 1 : 0;
            digits += b is >= (byte)'0' and <= (byte)'9' ? 1 : 0;
        }

        return (lower, upper, digits);
    }

    private static int Kind(byte b) => b switch
    {
        >= (byte)'a' and <= (byte)'z' => 0,
        >= (byte)'A' and <= (byte)'Z' => 1,
        >= (byte)'0' and <= (byte)'9' => 2,
        _ => 3,
    };

    private static bool IsLetter(int lower) => lower is >= 'a' and <= 'z';

    private static BitArray Pairs()
    {
        var pairs = new BitArray(26 * 26);
        for (var i = 0; i < CommonPairs.Length; i += 3)
        {
            pairs[((CommonPairs[i] - 'a') * 26) + CommonPairs[i + 1] - 'a'] = true;
        }

        return pairs;
    }
}
