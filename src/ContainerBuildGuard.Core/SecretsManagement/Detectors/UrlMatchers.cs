namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Credentials in URLs: the user information, and shared access signatures.</summary>
internal static class UrlMatchers
{
    private static readonly ByteSet Scheme = ByteSet.Of("A-Za-z0-9+.-");
    private static readonly ByteSet NotUserInfo = ByteSet.Of(" \t\r\n\"'<>`\\{}|^#/?");
    private static readonly ByteSet Host = ByteSet.Of("A-Za-z0-9[_");
    private static readonly ByteSet Signature = ByteSet.Of("A-Za-z0-9%+/=_-");
    private static readonly ByteSet Hex = ByteSet.Of("0-9a-f");
    private static readonly ByteSet Digits = ByteSet.Of("0-9");
    private static readonly string[] SampleLogins = ["user", "username", "login", "name", "foo", "me", "usr", "myuser", "youruser"];

    /// <summary><c>scheme://user:password@host</c>.</summary>
    public static bool UserInfo(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        if (Scheme.Suffix(bytes[Math.Max(0, hit - 24)..hit]) < 1)
        {
            return false;
        }

        var rest = bytes[start..Math.Min(bytes.Length, start + 300)];
        var at = UserInfoLength(rest);
        if (at <= 0 || at + 1 >= rest.Length || !Host.Contains(rest[at + 1]))
        {
            return false;
        }

        var colon = rest[..at].IndexOf((byte)':');
        if (colon < 0)
        {
            found = new Found(start, start + at);
            return at >= 20 && !IsClientKey(rest, at) && SecretValues.IsGenerated(rest[..at], 20, acceptsGuid: false);
        }

        var password = rest[(colon + 1)..at];
        found = new Found(start + colon + 1, start + at);
        return password.Length >= 3 && IsPassword(rest[..colon], password);
    }

    /// <summary><c>sig=</c> beside the other parameters of a shared access signature.</summary>
    public static bool SasSignature(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        var start = hit + keywordLength;
        var value = bytes[start..Math.Min(bytes.Length, start + 120)];
        value = value[..Signature.Prefix(value)];
        found = new Found(start, start + value.Length);
        if (value.Length is < 43 or > 110 || Placeholders.IsFiller(value))
        {
            return false;
        }

        var around = bytes[Math.Max(0, hit - 500)..Math.Min(bytes.Length, start + 400)];
        return (around.IndexOf("sv=20"u8) >= 0 || around.IndexOf("se="u8) >= 0 || around.IndexOf("SharedAccessSignature"u8) >= 0) && Randomness.Entropy(value) > 3.5;
    }

    private static bool IsPassword(ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        if (Placeholders.IsReference(password) || (!user.IsEmpty && Placeholders.IsReference(user)) || user.IndexOf((byte)'$') >= 0 || password.StartsWith("$"u8) || password.StartsWith("%"u8) || Placeholders.IsPlaceholder(password) || password.SequenceEqual(user))
        {
            return false;
        }

        foreach (var sample in SampleLogins)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(user, sample) && Randomness.Kinds(password).Digits == 0)
            {
                return false;
            }
        }

        // A port stands where a password would when the address is no URL with a login: host:8080@…
        return password.ContainsAnyExceptInRange((byte)'0', (byte)'9') || password.Length >= 6;
    }

    /// <summary>An address that browsers report errors to: a key that is public, and behind the host nothing but a project's number.</summary>
    private static bool IsClientKey(ReadOnlySpan<byte> rest, int at)
    {
        var path = rest[at..];
        path = path[(path.IndexOf((byte)'/') + 1)..];
        return at == 32 && Hex.IsAll(rest[..at]) && Digits.Prefix(path) is > 0 and var digits && (digits == path.Length || !Host.Contains(path[digits]));
    }

    /// <summary>The last @ before the path begins; a password may hold one itself.</summary>
    private static int UserInfoLength(ReadOnlySpan<byte> rest)
    {
        var last = -1;
        for (var i = 0; i < rest.Length && !NotUserInfo.Contains(rest[i]); i++)
        {
            last = rest[i] == '@' ? i : last;
            if (rest[i] is (byte)',' && last >= 0)
            {
                break;
            }
        }

        return last;
    }
}
