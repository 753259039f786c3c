using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Logins in the formats of tools: Docker, NuGet, npm, netrc, pgpass, command lines.</summary>
internal static class CredentialMatchers
{
    private static readonly ByteSet Base64Padded = ByteSet.Of("A-Za-z0-9+/=");
    private static readonly ByteSet NotSpace = ByteSet.Of("!-~");
    private static readonly ByteSet Blank = ByteSet.Of(" \t\r\n");
    private static readonly ByteSet Joint = ByteSet.Of("\" :=\\'");
    private static readonly ByteSet SqlWord = ByteSet.Of(" PASWORDpasword");

    /// <summary><c>"auth": "base64(user:password)"</c>.</summary>
    public static bool DockerAuth(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var at = hit + keywordLength;
        at += Math.Max(0, bytes[at..].IndexOfAnyExcept(" :\\"u8));
        if (at >= bytes.Length || bytes[at] != '"')
        {
            return false;
        }

        var length = Base64Padded.Prefix(bytes[(at + 1)..Math.Min(bytes.Length, at + 1200)]);
        found = new Found(at + 1, at + 1 + length);
        return Authorization.IsBasic(bytes.Slice(at + 1, length));
    }

    /// <summary><c>key="ClearTextPassword" value="…"</c>, and <c>Password</c> likewise, which holds what Windows encrypted and anything else by mistake.</summary>
    public static bool NuGetPassword(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var rest = bytes[hit..Math.Min(bytes.Length, hit + 400)];
        var value = rest.IndexOf("value=\""u8);
        if (value is < 0 or > 60)
        {
            return false;
        }

        rest = rest[(value + 7)..];
        var end = rest.IndexOf((byte)'"');
        found = new Found(hit + value + 7, hit + value + 7 + Math.Max(end, 0));
        return end >= 4 && !Placeholders.IsPlaceholder(rest[..end]);
    }

    /// <summary><c>machine host login user password secret</c>, on one line or several.</summary>
    public static bool Netrc(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var at = hit + keywordLength;
        at += bytes[hit] == 'm' ? NotSpace.Prefix(bytes[at..]) : -"login ".Length;
        var hasLogin = false;
        for (var word = 0; word < 4 && at < bytes.Length; word++)
        {
            at += Blank.Prefix(bytes[at..]);
            var name = bytes.Slice(at, Math.Min(NotSpace.Prefix(bytes[at..]), 64));
            at += name.Length;
            at += Blank.Prefix(bytes[Math.Min(at, bytes.Length)..]);
            var value = bytes[Math.Min(at, bytes.Length)..];
            value = value[..NotSpace.Prefix(value)];
            if (name.SequenceEqual("password"u8))
            {
                found = new Found(at, at + value.Length);
                return hasLogin && value.Length >= 4 && !Placeholders.IsPlaceholder(value) && value.IndexOf((byte)'@') < 0;
            }

            if (!name.SequenceEqual("login"u8) && !name.SequenceEqual("port"u8) && !name.SequenceEqual("account"u8) && !name.SequenceEqual("protocol"u8))
            {
                return false;
            }

            hasLogin |= name.SequenceEqual("login"u8);
            at += value.Length;
        }

        return false;
    }

    /// <summary><c>_auth=</c>, <c>_authToken=</c>, <c>_password=</c> of an .npmrc.</summary>
    public static bool Npmrc(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        var at = hit + keywordLength;
        at += Math.Max(0, bytes[at..Math.Min(bytes.Length, at + 8)].IndexOfAnyExcept(" =\"'"u8));
        var value = bytes[Math.Min(at, bytes.Length)..Math.Min(bytes.Length, at + 1024)];
        value = value[..NotSpace.Prefix(value)].TrimEnd("\"'"u8);
        found = new Found(at, at + value.Length);
        return value.Length >= 8 && !Placeholders.IsPlaceholder(value) && (Authorization.IsBasic(value) || SecretValues.IsGenerated(value, 8, acceptsGuid: true));
    }

    /// <summary><c>echo 'password' | docker login --password-stdin</c>.</summary>
    public static bool PipedPassword(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var from = Math.Max(0, hit - 300);
        var line = bytes[from..hit];
        line = line[(line.LastIndexOf((byte)'\n') + 1)..];
        var (echo, pipe) = (line.LastIndexOf("echo "u8), line.LastIndexOf((byte)'|'));
        if (echo < 0 || pipe < echo)
        {
            return false;
        }

        var word = line[(echo + 5)..pipe].Trim(" "u8);
        word = word.StartsWith("-n "u8) ? word[3..] : word;
        word = word.Trim("'\""u8);
        var start = hit - line.Length + line.IndexOf(word);
        found = new Found(start, start + word.Length);
        return word.Length >= 6 && word[0] != '$' && SecretValues.IsPassword(word, isCertain: true, isQuoted: true);
    }

    /// <summary><c>ConvertTo-SecureString "password" -AsPlainText</c>.</summary>
    public static bool SecureString(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        var at = hit + keywordLength;
        at += bytes[at..].StartsWith("-String "u8) ? "-String "u8.Length : 0;
        return Literal(bytes, ref at, out found) && SecretValues.IsPassword(bytes[found.Start..found.End], isCertain: false, isQuoted: true);
    }

    /// <summary><c>new AuthenticationHeaderValue("Bearer", "…")</c>, <c>jwt.sign(payload, "…")</c>.</summary>
    public static bool HeaderValue(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var at = hit + keywordLength;
        var isHeader = bytes[hit] == 'H';
        var quote = isHeader ? 0 : bytes[at..Math.Min(bytes.Length, at + 80)].IndexOfAny((byte)'"', (byte)'\'', (byte)'\n');
        at += Math.Max(quote, 0);
        return quote >= 0 && Literal(bytes, ref at, out found) && bytes[found.Start..found.End] is var value
            && (SecretValues.IsGenerated(value, 16, acceptsGuid: true) || Authorization.IsBasic(value) || (!isHeader && SecretValues.IsPassword(value, isCertain: true, isQuoted: true)));
    }

    /// <summary><c>new NetworkCredential("user", "password")</c>: the last literal of the call.</summary>
    public static bool Credential(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var at = hit + keywordLength;
        var arguments = 0;
        for (; arguments < 2 && Literal(bytes, ref at, out var literal); arguments++)
        {
            found = literal;
            at += SkipComma(bytes, at);
        }

        return found.End > found.Start && SecretValues.IsPassword(bytes[found.Start..found.End], isCertain: arguments > 1, isQuoted: true) && !ChosenWords.NamesSomething(bytes[found.Start..found.End]);
    }

    /// <summary><c>validationKey="…"</c> and <c>decryptionKey="…"</c> of a web.config.</summary>
    public static bool MachineKey(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        var at = hit + keywordLength;
        var length = ByteSet.Of("0-9A-Fa-f").Prefix(bytes[at..Math.Min(bytes.Length, at + 300)]);
        found = new Found(at, at + length);
        return length >= 32 && !Placeholders.IsFiller(bytes.Slice(at, length));
    }

    /// <summary>The member of a credential file of a cloud's command line that lets in.</summary>
    public static bool QuotedValue(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var at = hit + keywordLength;
        at += Joint.Prefix(bytes[at..Math.Min(bytes.Length, at + 12)]);
        var value = bytes[Math.Min(at, bytes.Length)..Math.Min(bytes.Length, at + 1024)];
        value = value[..NotSpace.Prefix(value)];
        value = value.IndexOfAny("\"'\\,"u8) is >= 0 and var end ? value[..end] : value;
        found = new Found(at, at + value.Length);
        return SecretValues.IsGenerated(value, 16, acceptsGuid: true);
    }

    /// <summary>base64 that is long and random after <c>client-key-data:</c>: the key of a kubeconfig.</summary>
    public static bool KubernetesKey(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        var at = hit + keywordLength;
        at += Math.Max(0, bytes[at..Math.Min(bytes.Length, at + 12)].IndexOfAnyExcept(" \"'\r\n"u8));
        var length = Base64Padded.Prefix(bytes[Math.Min(at, bytes.Length)..]);
        found = new Found(at, at + length);
        return length >= 100;
    }

    /// <summary>SQL: <c>IDENTIFIED BY 'password'</c>.</summary>
    public static bool SqlIdentified(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var rest = bytes[(hit + keywordLength)..Math.Min(bytes.Length, hit + keywordLength + 200)];
        if (bytes[hit + keywordLength - 2] is (byte)'h' or (byte)'H' && rest[..Math.Min(60, rest.Length)].IndexOf(" BY "u8) is > 0 and var by)
        {
            // WITH a plug-in's name BY the password.
            keywordLength += by + 4;
            rest = rest[(by + 4)..];
        }

        var quote = SqlWord.Prefix(rest);
        if (!NamesUser(bytes[Math.Max(0, hit - 120)..hit]) || quote > 12 || quote >= rest.Length || rest[quote] is not ((byte)'\'' or (byte)'"'))
        {
            return false;
        }

        var value = rest[(quote + 1)..];
        var end = value.IndexOf(rest[quote]);
        found = new Found(hit + keywordLength + quote + 1, hit + keywordLength + quote + 1 + Math.Max(end, 0));
        return end >= 4 && value[0] != '*' && !Placeholders.IsPlaceholder(value[..end]) && Encoding.ASCII.GetCharCount(value[..end]) == end && SecretValues.IsPassword(value[..end], isCertain: true, isQuoted: true);
    }

    private static bool NamesUser(ReadOnlySpan<byte> before) =>
        before.IndexOf("USER"u8) >= 0 || before.IndexOf("user"u8) >= 0 || before.IndexOf("ROLE"u8) >= 0 || before.IndexOf("GRANT"u8) >= 0 || before.IndexOf("grant"u8) >= 0;

    /// <summary>The literal that begins at <paramref name="at"/>, which is moved behind it.</summary>
    private static bool Literal(ReadOnlySpan<byte> bytes, ref int at, out Found found)
    {
        found = default;
        var start = at + (at < bytes.Length && bytes[at] is (byte)'@' or (byte)'$' ? 1 : 0);
        if (start >= bytes.Length || bytes[start] is not ((byte)'"' or (byte)'\''))
        {
            return false;
        }

        var rest = bytes[(start + 1)..Math.Min(bytes.Length, start + 300)];
        var end = rest.IndexOf(bytes[start]);
        found = new Found(start + 1, start + 1 + Math.Max(end, 0));
        at = found.End + 1;
        return end > 0;
    }

    private static int SkipComma(ReadOnlySpan<byte> bytes, int at) =>
        at < bytes.Length && bytes[at] == ',' ? 1 + Blank.Prefix(bytes[(at + 1)..Math.Min(bytes.Length, at + 16)]) : 0;
}
