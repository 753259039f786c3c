namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What opens the wallet of a cryptocurrency: the words that its keys are made from, and the keys themselves.</summary>
internal static class WalletMatchers
{
    private const int FewestWords = 12;
    private const int MostWords = 24;
    private static readonly ByteSet Lower = ByteSet.Of("a-z");
    private static readonly ByteSet Hex = ByteSet.Of("0-9A-Fa-f");
    private static readonly ByteSet Opening = ByteSet.Of("\"'`:=([");
    private static readonly ByteSet NameRest = ByteSet.Of("A-Za-z0-9_ \"'`:=(,[]");

    /// <summary><c>mnemonic = "…"</c>: twelve to twenty-four words of three to eight letters, hardly one of them twice.</summary>
    public static bool SeedPhrase(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        var between = bytes[start..Math.Min(bytes.Length, start + 40)];
        between = between[..NameRest.Prefix(between)];
        if (Opening.LastIndexIn(between) is not (>= 0 and var opening))
        {
            return false;
        }

        start += opening + 1;
        start += bytes[Math.Min(start, bytes.Length)..] is [(byte)' ', ..] ? 1 : 0;
        var words = new HashSet<string>(StringComparer.Ordinal);
        var (at, count) = (start, 0);
        while (count < MostWords)
        {
            var length = at < bytes.Length ? Lower.Prefix(bytes[at..Math.Min(bytes.Length, at + 9)]) : 0;
            if (length is < 3 or > 8)
            {
                break;
            }

            words.Add(System.Text.Encoding.ASCII.GetString(bytes.Slice(at, length)));
            count++;
            at += length;
            if (at >= bytes.Length || bytes[at] != ' ')
            {
                break;
            }

            at++;
        }

        found = new Found(start, Math.Min(at, bytes.Length));
        return count >= FewestWords && count % 3 == 0 && words.Count * 4 >= count * 3 && (at >= bytes.Length || !Lower.Contains(bytes[at]));
    }

    /// <summary><c>accounts: ["0x…"]</c> of a network to deploy to: 32 bytes are a private key, an address has twenty.</summary>
    public static bool AccountKey(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        start += bytes[start..Math.Min(bytes.Length, start + 40)].IndexOfAnyExcept(" \t\r\n"u8) is > 0 and var space ? space : 0;
        if (start >= bytes.Length || bytes[start] is not ((byte)'"' or (byte)'\'' or (byte)'`'))
        {
            return false;
        }

        start += bytes[(start + 1)..].StartsWith("0x"u8) ? 3 : 1;
        var length = Hex.Prefix(bytes[start..Math.Min(bytes.Length, start + 65)]);
        found = new Found(start, start + length);
        return length == 64 && Randomness.Entropy(bytes.Slice(start, length)) > 3 && !Placeholders.IsFiller(bytes.Slice(start, length));
    }
}
