using System.Buffers;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What stands where a secret would and is none: fillers, references, instructions to the reader.</summary>
internal static class Placeholders
{
    private static readonly SearchValues<string> Fillers = SearchValues.Create(["example", "xxxx", "placeholder", "redacted", "****", "....", "your_", "your-", "_here"], StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<string> Instructions = SearchValues.Create(
    [
        "changeme", "change_me", "change-me", "changethis", "change_this", "change-this", "changeit", "placeholder", "redacted", "replace", "insert", "example", "yourpass", "your_", "your-", "yourkey", "yoursecret",
        "yourtoken", "yourapi", "youraccount", "your_api", "myapikey", "todo", "fixme", "dummy", "removed", "sanitized", "masked", "hidden", "put_", "enter_", "enter-", "_here", "-here", "some_", "some-", "goes_here", "not_a_", "not-a-",
        "foobar", "lorem", "ipsum", "not-configured", "not_configured", "fake-", "fake_", "for-test", "for_test",
    ],
        StringComparison.OrdinalIgnoreCase);

    private static readonly byte[][] Protected =
    [
        .. ((string[])["ENC[", "ENC(", "DEC::", "enc:", "{cipher}", "{cipher:", "!vault", "$ANSIBLE_VAULT", "vault:v", "AQAAANCMnd8B", "01000000d08c9ddf", "CfDJ8", "AQICAH", "AQECAH", "U2FsdGVkX1", "$2a$", "$2b$", "$2y$", "$argon2", "$1$", "$5$", "$6$", "$y$", "$apr1$", "pbkdf2", "{SSHA", "{SHA", "{bcrypt}", "SCRAM-SHA-", "keyvault:", "op://", "secret://", "vault://", "ssm:/", "sops:"]).Select(Encoding.ASCII.GetBytes),
    ];

    private static readonly string[] Words =
    [
        "password", "passwd", "secret", "token", "key", "test", "fake", "sample", "demo", "mock", "none", "null", "undefined", "string", "default", "value", "user", "admin", "optional", "required", "empty", "foo", "bar", "baz", "xxx", "abc", "unset", "unknown", "invalid",
        "username", "root", "guest", "qwerty", "localhost", "postgres", "true", "false", "pass", "credential", "auth", "bearer", "basic", "api", "client", "access",
    ];

    /// <summary>Characters no generator makes: one repeated, a count, the alphabet, an ellipsis. Holds for tokens of a known form too.</summary>
    public static bool IsFiller(ReadOnlySpan<byte> text)
    {
        Span<byte> lower = text.Length <= 512 ? stackalloc byte[text.Length] : new byte[text.Length];
        Ascii.ToLower(text, lower, out _);
        return ContainsAny(text, Fillers) || LongestRepeat(lower) >= Math.Max(6, text.Length / 3) || LongestCount(lower) >= Math.Max(8, text.Length / 4);
    }

    /// <summary>Fillers, references to a value that is elsewhere, and words that say what should stand here.</summary>
    public static bool IsPlaceholder(ReadOnlySpan<byte> text)
    {
        if (IsDocumentedPassword(text))
        {
            return false;
        }

        if (IsReference(text) || IsFiller(text) || Distinct(text) <= 3)
        {
            return true;
        }

        Span<byte> lower = text.Length <= 512 ? stackalloc byte[text.Length] : new byte[text.Length];
        Ascii.ToLower(text, lower, out _);
        return ContainsAny(text, Instructions) || IsWords(text, lower) || (text.Length < 16 && LongestCount(lower) >= text.Length - 1);
    }

    /// <summary><c>${X}</c>, <c>%X%</c>, <c>$(X)</c>, <c>{{ x }}</c>, <c>#{X}#</c>, <c>&lt;x&gt;</c>, <c>[x]</c>, <c>$X</c>, <c>@X@</c>, <c>__X__</c>, <c>@Microsoft.KeyVault(…)</c>, <c>{0}</c>, <c>%s</c>.</summary>
    public static bool IsReference(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        var (first, last) = (text[0], text[^1]);
        return text.IndexOf("${"u8) >= 0 || text.IndexOf("{{"u8) >= 0 || text.IndexOf("#{"u8) >= 0 || (text.IndexOf("$("u8) is >= 0 and var shell && text[shell..].IndexOf((byte)')') > 2) || text.IndexOf("%("u8) >= 0 || text.IndexOf("<%"u8) >= 0
            || (first == '<' && last == '>') || (first == '[' && last == ']') || (first == '{' && last == '}') || (first == '(' && last == ')') || (first == '%' && (last == '%' || text.Length <= 3)) || (first == '@' && last == '@')
            || (first == '$' && ByteSet.Of("A-Za-z0-9_:.").Prefix(text[1..]) == text.Length - 1 && !HasDigit(text))
            || (first is (byte)'@' or (byte)':' && ByteSet.Of("A-Za-z_.").Prefix(text[1..]) == text.Length - 1) || IsProtected(text)
            || (text.StartsWith("__"u8) && text.EndsWith("__"u8)) || text.StartsWith("@Microsoft.KeyVault"u8) || text.StartsWith("env:"u8) || text.StartsWith("$env:"u8) || text.StartsWith("vault:"u8) || text.StartsWith("ref+"u8)
            || text.StartsWith("arn:"u8) || text.StartsWith("file:"u8) || (text.IndexOf((byte)'<') >= 0 && text.IndexOf((byte)'>') >= 0) || (text.IndexOf((byte)'{') is >= 0 and var open && text[open..].IndexOf((byte)'}') is >= 2 and <= 20);
    }

    /// <summary>What a tool encrypted or hashed: whoever has it still has no secret. sops, hiera, jasypt, Spring Cloud Config, Ansible, DPAPI, ASP.NET data protection, AWS KMS, OpenSSL; bcrypt, crypt, argon2, LDAP.</summary>
    private static bool IsProtected(ReadOnlySpan<byte> text)
    {
        foreach (var beginning in Protected)
        {
            if (text.StartsWith(beginning))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Nothing but such words and what separates them: <c>test-api-key</c>, <c>my_secret_token1</c>.</summary>
    private static bool IsWords(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        if (text.IndexOfAny((byte)'!', (byte)'@', (byte)'#') >= 0 || text.IndexOfAny((byte)'$', (byte)'&', (byte)'+') >= 0)
        {
            return false;
        }

        // test1234 and admin123: nobody's password, or everybody's.
        if (lower.SequenceEqual(text))
        {
            lower = lower.EndsWith("12345"u8) ? lower[..^5] : lower.EndsWith("1234"u8) ? lower[..^4] : lower.EndsWith("123"u8) ? lower[..^3] : lower;
        }

        var letters = 0;
        var rest = lower;
        while (!rest.IsEmpty)
        {
            var word = FirstWord(rest);
            if (word is not null)
            {
                letters += word.Length;
                rest = rest[word.Length..];
            }
            else if (rest[0] is < (byte)'a' or > (byte)'z' || rest.StartsWith("my"u8) || rest.StartsWith("the"u8))
            {
                rest = rest[(rest.StartsWith("my"u8) ? 2 : rest.StartsWith("the"u8) ? 3 : 1)..];
            }
            else
            {
                return false;
            }
        }

        // A word with a real tail (Password!2024#x) is a password that somebody chose; one or two digits are not a tail.
        return letters * 2 > lower.Length && lower.Length - letters <= 3;
    }

    /// <summary><c>Your_password123</c>: a sample that runs on many servers.</summary>
    private static bool IsDocumentedPassword(ReadOnlySpan<byte> text) =>
        text.Length > 8 && text.IndexOf("assword"u8) > 0 && Randomness.Kinds(text).Upper > 0 && text.Length - 1 - text.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9') is >= 3 and <= 5 && text.IndexOf((byte)'<') < 0;

    private static string? FirstWord(ReadOnlySpan<byte> lower)
    {
        foreach (var word in Words)
        {
            if (lower.Length >= word.Length && Ascii.Equals(lower[..word.Length], word))
            {
                return word;
            }
        }

        return null;
    }

    private static bool HasDigit(ReadOnlySpan<byte> text) => text.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0;

    /// <summary>All of them in one search, which only texts of characters have.</summary>
    private static bool ContainsAny(ReadOnlySpan<byte> text, SearchValues<string> fragments)
    {
        Span<char> characters = text.Length <= 512 ? stackalloc char[text.Length] : new char[text.Length];
        Encoding.Latin1.GetChars(text, characters);
        return characters.ContainsAny(fragments);
    }

    private static int Distinct(ReadOnlySpan<byte> text)
    {
        Span<bool> seen = stackalloc bool[256];
        var count = 0;
        foreach (var b in text)
        {
            count += seen[b] ? 0 : 1;
            seen[b] = true;
        }

        return count;
    }

    private static int LongestRepeat(ReadOnlySpan<byte> text)
    {
        var (longest, run) = (1, 1);
        for (var i = 1; i < text.Length; i++)
        {
            run = text[i] == text[i - 1] ? run + 1 : 1;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    /// <summary>The longest stretch in which each character follows the one before: <c>abcdef</c>, <c>6789</c>, <c>9012</c>, <c>9abc</c>.</summary>
    private static int LongestCount(ReadOnlySpan<byte> lower)
    {
        var (longest, up, down) = (1, 1, 1);
        for (var i = 1; i < lower.Length; i++)
        {
            var step = lower[i] - lower[i - 1];
            up = step == 1 || (lower[i - 1] == '9' && lower[i] is (byte)'0' or (byte)'a') || (lower[i - 1] is (byte)'f' or (byte)'z' && lower[i] is (byte)'0' or (byte)'1') ? up + 1 : 1;
            down = step == -1 ? down + 1 : 1;
            longest = Math.Max(longest, Math.Max(up, down));
        }

        return longest;
    }
}
