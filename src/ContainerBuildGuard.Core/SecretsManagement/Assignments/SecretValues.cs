using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Judges the value beside a name: a secret, or a reference, a word, code, a path, a sentence.</summary>
internal static class SecretValues
{
    private static readonly ByteSet Identifier = ByteSet.Of("A-Za-z0-9_.");
    private static readonly ByteSet Hex = ByteSet.Of("0-9A-Fa-f");
    private static readonly ByteSet Token = ByteSet.Of("A-Za-z0-9+/=_.~:-");
    private static readonly ByteSet Spaces = ByteSet.Of(" \t\r\n\0");
    private static readonly ByteSet Numbers = ByteSet.Of("0-9.:/ ,-");
    private static readonly ByteSet Measure = ByteSet.Of("0-9.,:+/TZ-");
    private static readonly ByteSet Operators = ByteSet.Of("();{}[]<>\\|,:/");

    /// <summary>Whether <paramref name="value"/> is a password that somebody could log in with. Words in camel case are one only where nothing else could stand there.</summary>
    public static bool IsPassword(ReadOnlySpan<byte> value, bool isCertain, bool isQuoted, bool mayBeWords = false)
    {
        if (IsEncodedText(value, out var isSecret))
        {
            return isSecret;
        }

        if (ChosenWords.IsAppPassword(value))
        {
            return true;
        }

        if (value.Length is < 6 or > 128 || IsNoSecret(value) || Placeholders.IsPlaceholder(value) || (!isCertain && ChosenWords.NamesSomething(value)))
        {
            return false;
        }

        var (lower, upper, digits) = Randomness.Kinds(value);
        var letters = lower + upper;

        var symbols = value.Length - letters - digits - value.Count((byte)'_') - value.Count((byte)'-') - value.Count((byte)'.');
        if (digits > 0 && letters > 0)
        {
            // user1_password2 is a name; a real one has its digits in greater number, or a symbol, or mixed case.
            return symbols > 0 || !LooksLikeIdentifier(value) || digits >= 2 || isCertain || ChosenWords.AreCapitalisedAtWill(value);
        }

        if (symbols > 0 && letters > 0)
        {
            return value.Length >= 8 && !LooksLikeExpression(value);
        }

        return digits == value.Length ? isCertain && value.Length is >= 6 and <= 12
            : isCertain ? letters >= 6 && (!IsCamelCase(value) || mayBeWords) && !ChosenWords.IsCapitalisedWord(value)
            : (value.Length >= 10 && Randomness.IsRandom(value)) || ChosenWords.AreCapitalisedAtWill(value);
    }

    /// <summary>Whether <paramref name="value"/> looks generated: what keys and tokens are.</summary>
    public static bool IsGenerated(ReadOnlySpan<byte> value, int least, bool acceptsGuid)
    {
        if (value.Length < least || value.Length > 1024 || Token.Prefix(value) < value.Length * 9 / 10 || IsNoSecret(value) || Placeholders.IsPlaceholder(value) || KnownPublicValues.Contain(value))
        {
            return false;
        }

        if (IsEncodedText(value, out var isSecret))
        {
            return isSecret;
        }

        if (IsGuid(value))
        {
            return acceptsGuid;
        }

        if (Numbers.IsAll(value) || IsPublicKey(value))
        {
            return false;
        }

        return Hex.Prefix(value) == value.Length ? value.Length >= 14 && Randomness.Entropy(value) > 2.6 : Randomness.IsRandom(value.TrimEnd("="u8));
    }

    /// <summary>An expression of code or a reference where a literal could stand.</summary>
    public static bool IsCode(ReadOnlySpan<byte> value) => !value.IsEmpty && (IsCall(value) || value.IndexOf("()"u8) >= 0);

    /// <summary>Base64 of something readable is judged by what it says.</summary>
    private static bool IsEncodedText(ReadOnlySpan<byte> value, out bool isSecret)
    {
        isSecret = false;
        if (value.Length % 4 != 0 || value.Length is < 12 or > 512 || !System.Buffers.Text.Base64.IsValid(value))
        {
            return false;
        }

        Span<byte> decoded = stackalloc byte[value.Length];
        if (System.Buffers.Text.Base64.DecodeFromUtf8(value, decoded, out _, out var length) != System.Buffers.OperationStatus.Done || length == 0 || decoded[..length].TrimEnd("\r\n"u8).ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
        {
            return false;
        }

        var text = decoded[..length].TrimEnd("\r\n"u8);
        isSecret = IsPassword(text, isCertain: true, isQuoted: true) || IsGenerated(text, 8, acceptsGuid: true);
        return true;
    }

    /// <summary>Base64 of a public key or certificate in DER: a sequence that begins with a sequence. A private key begins with its version.</summary>
    private static bool IsPublicKey(ReadOnlySpan<byte> value)
    {
        Span<byte> der = stackalloc byte[12];
        return value.Length >= 56 && value[0] == 'M' && System.Buffers.Text.Base64.DecodeFromUtf8(value[..16], der, out _, out _) == System.Buffers.OperationStatus.Done && der[0] == 0x30
            && der[der[1] < 0x80 ? 2 : 2 + (der[1] & 3)] == 0x30;
    }

    /// <summary>Readable words that are written together: every capital is followed by small letters.</summary>
    private static bool IsCamelCase(ReadOnlySpan<byte> value) => Randomness.Humps(value) is { Words: > 0, Singles: 0 } && char.IsAsciiLetterLower((char)value[0]) && Randomness.CommonPairShare(value, out _) > 0.66;

    public static bool IsGuid(ReadOnlySpan<byte> value) =>
        value.Length == 36 && value[8] == '-' && value[13] == '-' && value[18] == '-' && value[23] == '-' && System.Buffers.Text.Utf8Parser.TryParse(value, out Guid _, out var used) && used == 36;

    /// <summary>Sentences, paths, addresses, code and formats: whatever the name says.</summary>
    private static bool IsNoSecret(ReadOnlySpan<byte> value)
    {
        if (Spaces.IndexIn(value) >= 0 || value.IndexOf("://"u8) >= 0 || value.IndexOf("=>"u8) >= 0 || value.IndexOf("()"u8) >= 0 || value.IndexOf("::"u8) >= 0 || value.IndexOf("->"u8) >= 0 || value.IndexOf("&&"u8) >= 0 || value.IndexOf("(?"u8) >= 0 || value.IndexOf(".*"u8) >= 0 || value.IndexOf("[a-z"u8) >= 0 || value.IndexOf("\\d"u8) >= 0 || value.StartsWith("AAAAB3Nza"u8) || value.StartsWith("AAAAC3Nza"u8) || value.StartsWith("AAAAE2V"u8) || value.StartsWith("projects/"u8))
        {
            return true;
        }

        if (value[^1] == '(' || value.StartsWith("&#"u8) || value.StartsWith("&lt;"u8))
        {
            return true;
        }

        foreach (var b in value)
        {
            if (b is < 0x20 or >= 0x7F)
            {
                return true;
            }
        }

        return IsPath(value) || IsCall(value) || IsVersionOrMeasure(value) || value.StartsWith("sha1-"u8) || value.StartsWith("sha256-"u8) || value.StartsWith("sha384-"u8) || value.StartsWith("sha512-"u8) || value.StartsWith("sha256:"u8)
            || value.StartsWith("data:"u8) || value.StartsWith("ssh-rsa"u8) || value.StartsWith("urn:"u8) || value.StartsWith("http"u8) || (value.IndexOf((byte)'@') is > 0 and var at && value[at..].IndexOf((byte)'.') > 1 && IsDomain(value[(at + 1)..]));
    }

    private static bool IsPath(ReadOnlySpan<byte> value) =>
        (value[0] is (byte)'/' or (byte)'~' && value.Count((byte)'/') >= 2 && value.IndexOfAny((byte)'+', (byte)'=') < 0 && Randomness.Kinds(value).Digits < 3)
        || value.StartsWith("./"u8) || value.StartsWith("../"u8) || (value.Length > 3 && value[1] == ':' && value[2] == '\\')
        || value.EndsWith(".json"u8) || value.EndsWith(".txt"u8) || value.EndsWith(".pem"u8) || value.EndsWith(".key"u8) || value.EndsWith(".crt"u8) || value.EndsWith(".pfx"u8) || value.EndsWith(".xml"u8) || value.EndsWith(".com"u8) || value.EndsWith(".cs"u8) || value.EndsWith(".js"u8);

    /// <summary><c>config.Get(x)</c>, <c>items[0]</c>, <c>a.b.c</c>.</summary>
    private static bool IsCall(ReadOnlySpan<byte> value)
    {
        var name = Identifier.Prefix(value);
        if (name >= 2 && name < value.Length && value[name] is (byte)'(' or (byte)'[' && value[^1] is (byte)')' or (byte)']' or (byte)';' or (byte)',')
        {
            return Randomness.CommonPairShare(value[..name], out _) > 0.5;
        }

        return name == value.Length && ChosenWords.IsMemberPath(value) && Randomness.Kinds(value).Digits < 2 && value[0] is not (byte)'.' && Randomness.CommonPairShare(value, out var pairs) > 0.68 && pairs >= value.Length / 2;
    }

    private static bool IsVersionOrMeasure(ReadOnlySpan<byte> value) => Measure.IsAll(value) && value.IndexOfAny(".:-/"u8) > 0;

    private static bool IsDomain(ReadOnlySpan<byte> value) => ByteSet.Of("A-Za-z0-9.-").Prefix(value) == value.Length && value.LastIndexOf((byte)'.') is var dot && value.Length - dot is >= 3 and <= 7 && Randomness.Kinds(value[(dot + 1)..]).Lower == value.Length - dot - 1;

    private static bool LooksLikeIdentifier(ReadOnlySpan<byte> value) =>
        Identifier.Prefix(value) == value.Length && value.IndexOf((byte)'_') > 0 && Randomness.CommonPairShare(value, out var pairs) > 0.66 && pairs >= 4;

    private static bool LooksLikeExpression(ReadOnlySpan<byte> value) =>
        Operators.IndexIn(value) >= 0 && Randomness.CommonPairShare(value, out _) > 0.6 && !value.ContainsAnyInRange((byte)'0', (byte)'9') && Ascii.IsValid(value);
}
