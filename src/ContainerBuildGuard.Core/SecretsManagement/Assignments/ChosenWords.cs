using System.Collections.Frozen;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What people write beside the word password: a password that they chose, or the name of something.</summary>
internal static class ChosenWords
{
    private static readonly ByteSet Letters = ByteSet.Of("A-Za-z");
    private static readonly ByteSet Lower = ByteSet.Of("a-z");
    private static readonly ByteSet Small = ByteSet.Of("a-z ");
    private static readonly ByteSet PhraseBytes = ByteSet.Of("A-Za-z0-9 ");
    private static readonly ByteSet Symbols = ByteSet.Of("!@#$%^&*?~+");

    private static readonly FrozenSet<string> Secrets = FrozenSet.Create(StringComparer.Ordinal, "pass", "password", "passwords", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "tokens", "key", "keys", "credential", "credentials", "auth", "login");

    /// <summary>In a value these say that it names a setting, a control or a message.</summary>
    private static readonly FrozenSet<string> Naming = FrozenSet.Create(
        StringComparer.Ordinal,
        "pass", "password", "passwords", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "tokens", "key", "keys", "credential", "credentials", "auth", "login", "signin", "field", "input", "label", "text", "title", "placeholder", "message", "error", "invalid", "required",
        "optional", "confirm", "hint", "help", "button", "box", "form", "header", "param", "parameter", "prompt", "value", "name", "username", "type", "file", "path", "env", "config", "configuration", "settings", "options", "hash", "hashed", "encrypted", "encrypt", "reset", "forgot", "change", "string", "bytes", "utf", "bcrypt", "null", "none", "default", "property", "attribute");

    /// <summary>Sixteen small letters, or four groups of four: what Google shows as an app's password. Words of four letters each would be as rare as they are readable.</summary>
    public static bool IsAppPassword(ReadOnlySpan<byte> value)
    {
        if (value.Length == 16)
        {
            return Lower.IsAll(value) && !Placeholders.IsFiller(value) && Randomness.CommonPairShare(value, out _) < 0.7;
        }

        if (value.Length != 19 || value[4] != ' ' || value[9] != ' ' || value[14] != ' ')
        {
            return false;
        }

        Span<byte> letters = stackalloc byte[16];
        for (var group = 0; group < 4; group++)
        {
            value.Slice(group * 5, 4).CopyTo(letters[(group * 4)..]);
        }

        return Lower.IsAll(letters) && !Placeholders.IsFiller(letters) && Randomness.CommonPairShare(letters, out _) < 0.7;
    }

    /// <summary>Nothing but words, and one of them says what should stand there: <c>newPasswordField</c>, <c>client_secret</c>.</summary>
    public static bool NamesSomething(ReadOnlySpan<byte> value)
    {
        if (Randomness.Kinds(value).Digits > 1 || Symbols.IndexIn(value) >= 0 || HasDigitInWord(value))
        {
            return false;
        }

        // gravel_Path_7 follows no convention for names, and letterBox4 is a control only where another word says so too: there a word that means secret decides.
        var words = SecretNames.Split(value);
        var (lower, upper, digits) = Randomness.Kinds(value);
        var mayBeChosen = digits > 0 && (AreCapitalisedAtWill(value) || (lower > 0 && upper > 0 && words.Count(Naming.Contains) < 2));
        return words.Exists(mayBeChosen ? Secrets.Contains : Naming.Contains);
    }

    /// <summary>A digit between two small letters, as in <c>gr4nite</c>: people write passwords so, and little else.</summary>
    public static bool HasDigitInWord(ReadOnlySpan<byte> value)
    {
        for (var i = 1; i + 1 < value.Length; i++)
        {
            if (char.IsAsciiDigit((char)value[i]) && char.IsAsciiLetterLower((char)value[i + 1]) && char.IsAsciiLetter((char)value[i - 1]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>config.smtp</c>, <c>a.b.c</c>: a path to a member or a text, where a person's own dot stands between two words of which none names anything.</summary>
    public static bool IsMemberPath(ReadOnlySpan<byte> value) =>
        value.IndexOf((byte)'.') > 0 && !HasNumberBetweenDots(value) && !(Randomness.Kinds(value).Digits > 0 && AreCapitalisedAtWill(value) && !NamesSomething(value)) && (value.Count((byte)'.') > 1 || NamesSomething(value) || SecretNames.Split(value[..value.IndexOf((byte)'.')]) is ["this" or "self" or "props" or "state" or "req" or "request" or "user" or "account" or "model" or "process" or "data" or "args" or "opts" or "app" or "common" or "system" or "os" or "ctx" or "context" or "row" or "item"]);

    /// <summary>No member's name begins with a digit: <c>Harbour.Light.9</c>.</summary>
    private static bool HasNumberBetweenDots(ReadOnlySpan<byte> value)
    {
        for (var i = 0; i + 1 < value.Length; i++)
        {
            if (value[i] == '.' && char.IsAsciiDigit((char)value[i + 1]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Words joined with <c>-</c>, <c>_</c> or <c>.</c> whose capitals follow no rule: <c>tundra-Wolf</c>, which is no header, no identifier and no class.</summary>
    public static bool AreCapitalisedAtWill(ReadOnlySpan<byte> value)
    {
        var (small, capital) = (0, 0);
        foreach (var range in value.SplitAny("-_."u8))
        {
            var word = value[range].TrimEnd("0123456789"u8);
            if (!Letters.IsAll(word))
            {
                return false;
            }

            var upper = Randomness.Kinds(word).Upper;
            small += upper == 0 && word.Length > 2 ? 1 : 0;
            capital += upper == 1 && char.IsAsciiLetterUpper((char)word[0]) && word.Length > 2 ? 1 : 0;
        }

        return small > 0 && capital > 0;
    }

    /// <summary>A few words with a number among them, as people choose where blanks are allowed: <c>quiet Harbor 12</c>.</summary>
    public static bool IsPhrase(ReadOnlySpan<byte> value) =>
        value.Length is >= 8 and <= 64 && value.Count((byte)' ') is > 0 and < 5 && PhraseBytes.IsAll(value) && Randomness.Kinds(value) is { Digits: > 0, Lower: > 3 } && !NamesSomethingAnywhere(value);

    /// <summary>Four small words and more, as a passphrase is made: <c>correct horse battery staple</c>.</summary>
    public static bool AreWords(ReadOnlySpan<byte> value) =>
        value.Length is >= 16 and <= 128 && value.Count((byte)' ') is >= 3 and <= 12 && Small.IsAll(value) && !NamesSomethingAnywhere(value);

    private static bool NamesSomethingAnywhere(ReadOnlySpan<byte> value) => SecretNames.Split(value).Exists(Naming.Contains);

    /// <summary>A word as a language writes it: what a translation says, <c>Kennwort</c>.</summary>
    public static bool IsCapitalisedWord(ReadOnlySpan<byte> value) => value.Length > 1 && char.IsAsciiLetterUpper((char)value[0]) && Lower.IsAll(value[1..]);
}
