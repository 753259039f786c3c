using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Whether a value that stands beside a name is a secret: by the words of the name, the look of the value and what stands around.</summary>
internal static partial class AssignmentScanner
{
    private const int ContextBytes = 160;
    private static readonly ByteSet LowerHex = ByteSet.Of("0-9a-f");
    private static readonly ByteSet BeforeCode = ByteSet.Of("^$@&*(-+,.");
    private static readonly ByteSet EnvironmentBytes = ByteSet.Of("A-Z0-9_");
    private static readonly ByteSet Symbols = ByteSet.Of("!@#$%^&*?~+");
    private static readonly string[] KeyContext = ["jwt", "api", "encrypt", "cipher", "sign", "auth", "secret", "hmac", "aes", "crypt", "storage", "subscription", "credential", "bearer", "cookie", "session", "security", "license", "token", "headers", "endpoint", "azure.com"];

    private static string Judge(ReadOnlySpan<byte> bytes, int nameStart, ReadOnlySpan<byte> name, NameKind kind, Assignment value, FileContext file)
    {
        var text = bytes[value.Start..value.End];
        if (text.IndexOf((byte)' ') is > 3 and < 8 and var scheme && Authorization.IsScheme(text[..scheme]))
        {
            text = text[(scheme + 1)..];
        }

        text = text.StartsWith("{noop}"u8) ? text["{noop}"u8.Length..] : text;
        if (text.IsEmpty || (LowerHex.IsAll(text) && text.Length is 16 or 40 && SecretNames.Split(name).Exists(w => w is "gpg" or "pgp")))
        {
            return "";
        }

        if (!value.IsQuoted && file.Syntax is FileSyntax.Text or FileSyntax.Documentation && (BeforeCode.Contains(text[0]) || (value.End < bytes.Length && bytes[value.End] is (byte)';' or (byte)'(')))
        {
            return "";
        }

        // "issued token id=…": the value belongs to another name.
        if (value.Joint == Joint.Spaced && !value.IsQuoted && text.IndexOf((byte)'=') is > 1 and var equals && Letters.Prefix(text) == equals)
        {
            return "";
        }

        var loose = value.Joint == Joint.Assigned && file.Syntax is not (FileSyntax.Documentation or FileSyntax.Text) && (value.IsQuoted || file.Syntax is FileSyntax.Lines or FileSyntax.Yaml or FileSyntax.Shell);
        switch (kind)
        {
            case NameKind.Password:
                // "PASS: test 3" is a log; pass alone says little.
                return IsPassword(bytes, nameStart, name, text, value, file) && (name.Length > 4 || value.IsQuoted || LoginContext.NamesUser(bytes, nameStart) || LoginContext.SetsUserBeside(bytes, nameStart, nameStart) || file.Syntax is not (FileSyntax.Text or FileSyntax.Documentation) || (Randomness.IsRandom(text) && Randomness.Kinds(text).Digits > 1)) ? NamedPassword : "";
            case NameKind.Weak or NameKind.Secret when loose && IsLogin(name, text):
                return NamedSecret;
            case NameKind.Secret:
                return SecretValues.IsGenerated(text, loose ? 8 : 12, acceptsGuid: true) || (loose && !file.IsTranslation && text.Length >= 8 && IsChosenSecret(text)) || (loose && (IsSigningKey(bytes, nameStart, name, text) || (!file.IsTranslation && IsSecretOfFramework(bytes, nameStart, name, text, value.IsQuoted)) || (IsFallback(bytes, value) && SecretValues.IsPassword(text, isCertain: false, isQuoted: true)))) ? NamedSecret : "";
            case NameKind.Weak when value.Joint is Joint.Assigned or Joint.Passed or Joint.Compared || (value.Joint == Joint.Spaced && (file.Syntax is FileSyntax.Text or FileSyntax.Shell || value.IsQuoted)):
                var context = bytes[Math.Max(0, nameStart - ContextBytes)..nameStart];
                if (IsPublic(name))
                {
                    return "";
                }

                if (context.EndsWith(" "u8) && SecretNames.Split(context[Math.Max(0, context.Length - 24)..]).TakeLast(2).Any(SecretNames.IsStructural))
                {
                    return "";
                }

                if (HasProvider(name, context) is { } && SecretValues.IsGenerated(text, 12, acceptsGuid: true))
                {
                    return ServiceKey;
                }

                if (value.Joint == Joint.Assigned && loose && IsSigningKey(bytes, nameStart, name, text))
                {
                    return NamedSecret;
                }

                if (file.Syntax == FileSyntax.Lines && loose && SecretNames.Split(name)[^1] == "token" && Randomness.Kinds(text) is { Digits: > 1, Upper: > 0, Lower: > 3 } && ChosenWords.HasDigitInWord(text) && SecretValues.IsPassword(text, isCertain: false, value.IsQuoted))
                {
                    return NamedSecret;
                }

                return !text.StartsWith("0x"u8) && SecretValues.IsGenerated(text, 16, acceptsGuid: false) && (HasKeyContext(context) || (value.Joint == Joint.Compared && text.Length >= 24) || IsUsedAsKey(bytes[value.End..Math.Min(bytes.Length, value.End + ContextBytes)]) || IsWordOfItsOwn(name, text, file.Syntax == FileSyntax.Text)) ? NamedSecret : "";
            default:
                return HasDistinctiveProvider(name) && value.Joint == Joint.Assigned && !IsPublic(name) && SecretValues.IsGenerated(text, 16, acceptsGuid: NameHasNoOtherMeaning(name)) && !EndsInIdentifierWord(name) ? ServiceKey : "";
        }
    }

    private static bool IsPassword(ReadOnlySpan<byte> bytes, int nameStart, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, Assignment value, FileContext file) =>
        value.Joint switch
        {
            Joint.Assigned when file.Syntax == FileSyntax.Documentation => SecretValues.IsPassword(text, isCertain: false, value.IsQuoted) && (Randomness.IsRandom(text) || IsMixed(text)),
            Joint.Assigned => SecretValues.IsPassword(text, isCertain: false, value.IsQuoted) || (IsFlag(bytes, nameStart) && SecretValues.IsPassword(text, isCertain: true, value.IsQuoted) && !ChosenWords.NamesSomething(text))
                || (value.IsQuoted && !file.IsTranslation && ChosenWords.IsPhrase(text) && (file.Syntax is FileSyntax.Shell || IsPassphrase(name) || LoginContext.SetsUserBeside(bytes, nameStart, value.End)))
                || (IsPassphrase(name) && file.Syntax is FileSyntax.Json or FileSyntax.Yaml or FileSyntax.Lines && !file.IsTranslation && ChosenWords.AreWords(text))
                || (IsEnvironment(name) && file.Syntax is FileSyntax.Yaml or FileSyntax.Lines or FileSyntax.Shell && SecretValues.IsPassword(text, isCertain: true, value.IsQuoted, mayBeWords: true) && !ChosenWords.NamesSomething(text))
                || (SecretValues.IsPassword(text, isCertain: true, value.IsQuoted, mayBeWords: true) && !ChosenWords.NamesSomething(text) && !file.IsTranslation && LoginContext.SetsUserBeside(bytes, nameStart, value.End)),
            Joint.Passed when IsSetter(name) || (nameStart > 1 && bytes[nameStart - 1] == '.' && bytes[nameStart - 2] == ')') => SecretValues.IsPassword(text, isCertain: false, value.IsQuoted),
            Joint.Passed => SecretValues.IsPassword(text, isCertain: false, value.IsQuoted) && Randomness.Kinds(text) is { Digits: > 0 } kinds && (Randomness.IsRandom(text) || (kinds.Lower > 0 && kinds.Upper > 0) || Symbols.IndexIn(text) >= 0),
            Joint.Spaced when !value.IsQuoted && file.Syntax is FileSyntax.Text or FileSyntax.Documentation => SecretValues.IsPassword(text, isCertain: false, value.IsQuoted) && Randomness.Kinds(text).Digits is var digits && ((digits > 1 && Randomness.IsRandom(text)) || (digits > 0 && Symbols.IndexIn(text) >= 0)),
            _ => SecretValues.IsPassword(text, isCertain: false, value.IsQuoted) && Randomness.Kinds(text).Digits > 0,
        };

    /// <summary>What stands where the environment says nothing: <c>process.env.SECRET || "…"</c>.</summary>
    private static bool IsFallback(ReadOnlySpan<byte> bytes, Assignment value) =>
        value.IsQuoted && bytes[Math.Max(0, value.Start - 8)..Math.Max(0, value.Start - 1)].TrimEnd((byte)' ') is var before && (before.EndsWith("||"u8) || before.EndsWith("??"u8) || before.EndsWith(" or"u8));

    /// <summary><c>POSTGRES_PASSWORD</c>: a variable that a service takes its password from.</summary>
    private static bool IsEnvironment(ReadOnlySpan<byte> name) => EnvironmentBytes.IsAll(name) && name.IndexOf((byte)'_') > 0;

    /// <summary>Names of what is mostly several words: <c>psk</c>, <c>WIFI_PASSWORD</c>, <c>passphrase</c>.</summary>
    private static bool IsPassphrase(ReadOnlySpan<byte> name) => SecretNames.Split(name).Exists(w => w is "psk" or "wifi" or "wlan" or "passphrase");

    /// <summary><c>--password=…</c>.</summary>
    private static bool IsFlag(ReadOnlySpan<byte> bytes, int nameStart) => nameStart > 1 && bytes[nameStart - 1] == '-' && bytes[nameStart - 2] is (byte)'-' or (byte)' ';

    /// <summary>Small and capital letters with a digit or a symbol among them: what a policy for passwords asks for.</summary>
    private static bool IsMixed(ReadOnlySpan<byte> text) => Randomness.Kinds(text) is { Lower: > 0, Upper: > 0 } kinds && (kinds.Digits > 0 || Symbols.IndexIn(text) >= 0);

    /// <summary><c>options.setPassword("…")</c>, <c>WithPassword("…")</c>.</summary>
    private static bool IsSetter(ReadOnlySpan<byte> name) =>
        name[(name.LastIndexOf((byte)'.') + 1)..] is var method && SecretNames.Split(method) is ["set" or "with" or "enter" or "type" or "fill" or "use" or "add", ..];

    /// <summary>The backslash belongs to an escape: <c>\"password\"</c>, <c>\npassword</c>.</summary>
    private static bool IsEscape(ReadOnlySpan<byte> bytes, int nameStart) => bytes[nameStart - 1] == '\\' && bytes[nameStart] is (byte)'n' or (byte)'t' or (byte)'r';

    /// <summary>A secret that a person typed: with digits and another kind of character, and no name.</summary>
    private static bool IsChosenSecret(ReadOnlySpan<byte> text)
    {
        var (lower, upper, digits) = Randomness.Kinds(text);
        if (text.Length >= 32 && lower > 3 && upper > 3 && digits > 3 && text.Length - lower - upper - digits > 5 && text.Count((byte)' ') < 6 && Randomness.Changes(text) > 0.4)
        {
            // WordPress and its like: all of a keyboard's characters, blanks too.
            return !SecretValues.IsCode(text) && !Placeholders.IsPlaceholder(text);
        }

        return (((digits > 0 || text.Length >= 12) && ChosenWords.AreCapitalisedAtWill(text) && !ChosenWords.NamesSomething(text)) || (digits >= 2 && lower + upper > 0 && Symbols.IndexIn(text) >= 0) || (ChosenWords.HasDigitInWord(text) && lower > 3 && upper + digits > 1) || (digits >= 2 && lower > 2 && upper > 0 && !ChosenWords.NamesSomething(text))) && SecretValues.IsPassword(text, isCertain: false, isQuoted: true);
    }

    private static bool HasKeyContext(ReadOnlySpan<byte> context)
    {
        Span<byte> lower = stackalloc byte[context.Length];
        Ascii.ToLower(context, lower, out _);
        foreach (var word in KeyContext)
        {
            if (lower.IndexOf(Encoding.ASCII.GetBytes(word)) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>BASIC_AUTH=user:password</c>, <c>AUTH=Basic …</c>.</summary>
    private static bool IsLogin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) =>
        SecretNames.Split(name)[^1] is "auth" or "basicauth" or "authorization" or "credentials" && (Authorization.IsBasic(text)
            || (text.IndexOf((byte)':') is > 1 and var colon && text.Count((byte)':') == 1 && NameBytes.IsAll(text[..colon]) && SecretValues.IsPassword(text[(colon + 1)..], isCertain: false, isQuoted: true)));

    /// <summary>What follows encrypts or signs with it.</summary>
    private static bool IsUsedAsKey(ReadOnlySpan<byte> after) =>
        after.IndexOf("Aes"u8) >= 0 || after.IndexOf("AES"u8) >= 0 || after.IndexOf("ncrypt"u8) >= 0 || after.IndexOf("ecrypt"u8) >= 0 || after.IndexOf("HMAC"u8) >= 0 || after.IndexOf("ipher"u8) >= 0;

    /// <summary>Nothing but <c>token</c>, <c>auth</c> or <c>key</c>, beside something long and thoroughly mixed.</summary>
    private static bool IsWordOfItsOwn(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, bool isText)
    {
        var words = SecretNames.Split(name);
        var (lower, upper, digits) = Randomness.Kinds(text);
        return words[^1] is "signature" or "sig" ? false : words is ["key"] && text.Length is 32 or 40 or 64 && text.ContainsAnyInRange((byte)'0', (byte)'9') && LowerHex.IsAll(text) ? isText
            : words[^1] is "token" or "auth" ? text.Length >= 20 && digits > 1
            : text.Length >= 24 && digits > 1 && lower > 0 && ((lower > 2 && upper > 2) || (words.Count > 1 && text.ContainsAnyInRange((byte)'g', (byte)'z')));
    }

    private static string? HasProvider(ReadOnlySpan<byte> name, ReadOnlySpan<byte> context)
    {
        var near = context[Math.Max(0, context.Length - 64)..];
        return SecretNames.Split(name).Find(ProviderNames.Contains) ?? SecretNames.Split(near).FindLast(ProviderNames.IsDistinctive)
            ?? Array.FindLast(Encoding.Latin1.GetString(near).ToLowerInvariant().Split([' ', '"', '\'', '.', ':', '_', '-', '=', '\n', '(', '{', '<', '>', '/']), ProviderNames.IsDistinctive);
    }

    /// <summary>The key that signs web tokens is whatever stands there, a sentence too.</summary>
    private static bool IsSigningKey(ReadOnlySpan<byte> bytes, int nameStart, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        var context = bytes[Math.Max(0, nameStart - 60)..(nameStart + name.Length)];
        return text.Length is >= 16 and <= 512 && (context.IndexOf("Jwt"u8) >= 0 || context.IndexOf("jwt"u8) >= 0 || context.IndexOf("JWT"u8) >= 0) && SecretNames.Split(name)[^1] is "key" or "secret" or "secretkey"
            && text.IndexOf("://"u8) < 0 && text[0] is not ((byte)'/' or (byte)'<') && !Ascii.EqualsIgnoreCase(text[..4], "your"u8) && !Placeholders.IsPlaceholder(text) && !SecretValues.IsCode(text);
    }

    /// <summary><c>app.secret_key = "…"</c>, <c>session({ secret: "…" })</c>: web frameworks sign with whatever stands there, words too.</summary>
    private static bool IsSecretOfFramework(ReadOnlySpan<byte> bytes, int nameStart, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, bool isQuoted)
    {
        var words = SecretNames.Split(name[(name.LastIndexOf((byte)'.') + 1)..]);
        return isQuoted && text.Length is >= 8 and <= 256 && (words is ["secret", "key"] or ["session" or "cookie", "secret"] || (words is ["secret"] && bytes[Math.Max(0, nameStart - 60)..nameStart].IndexOf("ession({"u8) >= 0))
            && (!ChosenWords.NamesSomething(text) || SecretNames.Split(text).Count > 4) && text.IndexOfAny((byte)'.', (byte)'/') < 0 && (!LowerHex.IsAll(text) || Randomness.Entropy(text) > 2.6) && !Placeholders.IsPlaceholder(text) && !SecretValues.IsCode(text) && Ascii.IsValid(text);
    }

    private static bool IsPublic(ReadOnlySpan<byte> name) => SecretNames.Split(name).Exists(w => w is "public" or "pub" or "publishable" or "publickey");

    /// <summary>The values of a Kubernetes SealedSecret: only its cluster can open them.</summary>
    private static bool IsSealed(ReadOnlySpan<byte> bytes, int nameStart)
    {
        var before = bytes[Math.Max(0, nameStart - 16384)..nameStart];
        return before.LastIndexOf("encryptedData"u8) is >= 0 and var sealedData && before[sealedData..].IndexOf("\nkind:"u8) < 0 && before[sealedData..].IndexOf("\n---"u8) < 0;
    }

    private static bool HasDistinctiveProvider(ReadOnlySpan<byte> name) => SecretNames.Split(name).Exists(ProviderNames.IsDistinctive);

    private static bool NameHasNoOtherMeaning(ReadOnlySpan<byte> name) => SecretNames.Split(name) is var words && (words.Count == 1 || words[^1] is "api" or "access" or "secret");

    private static bool EndsInIdentifierWord(ReadOnlySpan<byte> name) =>
        SecretNames.Split(name)[^1] is "id" or "ids" or "url" or "uri" or "host" or "version" or "hash" or "sha" or "commit" or "name" or "path" or "file" or "ref" or "rev" or "revision" or "digest" or "checksum" or "etag" or "guid" or "uuid" or "color" or "region" or "image" or "tag" or "domain" or "public" or "integrity" or "resolved" or "version" or "client" or "tenant" or "user" or "account" or "email" or "link" or "site" or "build";
}
