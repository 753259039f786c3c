namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Keys that are handed to a call by their place: the name of what is called says what they are.</summary>
internal static class CallMatchers
{
    private const int LongestCall = 400;
    private static readonly ByteSet Name = ByteSet.Of("A-Za-z0-9_.-");
    private static readonly ByteSet Hex = ByteSet.Of("0-9a-f");
    private static readonly Shape DiscordToken = ShapeParser.ParseWhole(@"[A-Za-z0-9_-]{23,28}.[A-Za-z0-9_-]{6}.[A-Za-z0-9_-]{27,38}");

    /// <summary><c>new FooClient("key")</c>, <c>FooApi("https://…", "key")</c>, <c>require('foo')('key')</c>: the first argument that looks generated.</summary>
    public static bool ClientKey(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        var isRequire = bytes[hit] is (byte)'\'' or (byte)'"';
        var nameStart = hit - Name.Suffix(bytes[Math.Max(0, hit - 60)..hit]);
        var name = bytes[nameStart..(isRequire ? hit : hit + keywordLength)];
        found = default;
        if (isRequire && !bytes[Math.Max(0, nameStart - 9)..Math.Max(0, nameStart - 1)].EndsWith("require("u8))
        {
            return false;
        }

        var isKnown = isRequire || SecretNames.Split(name).Exists(ProviderNames.Contains);
        var at = isRequire ? hit + 2 : hit + 4;
        for (var argument = 0; argument < 4 && NextLiteral(bytes, ref at, out var literal); argument++)
        {
            var text = bytes[literal];
            if (SecretValues.IsGenerated(text, isKnown ? 16 : 20, acceptsGuid: isKnown) && Randomness.Kinds(text).Digits > 1)
            {
                found = new Found(literal.Start.Value, literal.End.Value);
                return true;
            }
        }

        return false;
    }

    /// <summary>The password among the arguments of a database's constructor: the last literal that looks like one.</summary>
    public static bool DatabaseLogin(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var at = hit + keywordLength;
        for (var argument = 0; argument < 5 && NextLiteral(bytes, ref at, out var literal); argument++)
        {
            var text = bytes[literal];
            if (argument > 0 && Randomness.Kinds(text).Digits > 0 && (text.IndexOf((byte)'.') < 0 || Randomness.Kinds(text).Upper > 0) && SecretValues.IsPassword(text, isCertain: false, isQuoted: true))
            {
                found = new Found(literal.Start.Value, literal.End.Value);
            }
        }

        return found.End > 0;
    }

    /// <summary>Twilio's account, which is public, and behind it the token, which has no form of its own.</summary>
    public static bool Twilio(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var at = hit;
        if (!NextLiteral(bytes, ref at, out var account) || bytes[account].Length != 34 || !Hex.IsAll(bytes[account][2..]))
        {
            return false;
        }

        for (var argument = 0; argument < 3 && NextLiteral(bytes, ref at, out var literal); argument++)
        {
            if (bytes[literal].Length == 32 && Hex.IsAll(bytes[literal]) && !Placeholders.IsPlaceholder(bytes[literal]))
            {
                found = new Found(literal.Start.Value, literal.End.Value);
                return true;
            }
        }

        return false;
    }

    /// <summary>A bot's id, a time and a signature, in base64 with dots between, where a bot logs in.</summary>
    public static bool Discord(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var rest = bytes[hit..Math.Min(bytes.Length, hit + 60)];
        var start = bytes[hit] == 'B' ? hit + 4 : hit + rest.IndexOfAny((byte)'"', (byte)'\'') + 1;
        var token = bytes[start..Math.Min(bytes.Length, start + 100)];
        token = token[..Name.Prefix(token)];
        found = new Found(start, start + token.Length);
        return start > hit && DiscordToken.IsWhole(token) && Randomness.Entropy(token) > 4 && !Placeholders.IsFiller(token);
    }

    /// <summary>The next string literal of the call that <paramref name="at"/> is in; the position moves behind it.</summary>
    private static bool NextLiteral(ReadOnlySpan<byte> bytes, ref int at, out Range literal)
    {
        literal = default;
        if (at >= bytes.Length)
        {
            return false;
        }

        var rest = bytes[at..Math.Min(bytes.Length, at + LongestCall)];
        var open = rest.IndexOfAny((byte)'"', (byte)'\'');
        if (open < 0 || rest[..open].IndexOf((byte)';') >= 0 || rest[..open].IndexOf("\n\n"u8) >= 0)
        {
            return false;
        }

        var length = rest[(open + 1)..].IndexOf(rest[open]);
        if (length < 0)
        {
            return false;
        }

        literal = (at + open + 1)..(at + open + 1 + length);
        at += open + length + 2;
        return true;
    }
}
