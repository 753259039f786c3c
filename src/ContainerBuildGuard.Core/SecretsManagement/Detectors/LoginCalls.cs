namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Passwords that only their place gives away: an argument of a call that logs in, a part of an address that is no URL, a pipe.</summary>
internal static class LoginCalls
{
    private const int LongestCall = 300;
    private static readonly ByteSet User = ByteSet.Of("A-Za-z0-9_.@\\-");
    private static readonly ByteSet Before = ByteSet.Of("\"'` =\n");
    private static readonly ByteSet NotSpace = ByteSet.Of("!-~");
    private static readonly ByteSet Spaces = ByteSet.Of(" \t\r\n");
    private static readonly ByteSet Symbols = ByteSet.Of("!@#$%^&*?~+");

    /// <summary><c>login("user", "password")</c>, <c>new X509Certificate2("file.pfx", "password")</c>: the literal behind the first comma.</summary>
    public static bool SecondArgument(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        if (InCall(bytes, hit, keywordLength, file, out found))
        {
            return true;
        }

        var start = hit + keywordLength;
        var rest = bytes[start..Math.Min(bytes.Length, start + LongestCall)];
        var comma = rest.IndexOf((byte)',');
        if (comma <= 0 || rest[..comma].IndexOfAny((byte)'\n', (byte)';', (byte)'{') >= 0)
        {
            return false;
        }

        var at = comma + 1 + Spaces.Prefix(rest[(comma + 1)..]);
        at += rest[at..].StartsWith("Some("u8) ? "Some("u8.Length : 0;
        at += at < rest.Length && rest[at] == '@' ? 1 : 0;
        if (at >= rest.Length || rest[at] is not ((byte)'"' or (byte)'\'') || rest[(at + 1)..].IndexOf(rest[at]) is not (> 5 and var length))
        {
            return false;
        }

        if (rest.Slice(at + 1, length).IndexOf((byte)'@') > 0 && at + length + 2 < rest.Length && rest[at + length + 2] == ',')
        {
            // The user is the second argument, the password the third.
            return SecondArgument(bytes, start + at, 0, file, out found);
        }

        found = new Found(start + at + 1, start + at + 1 + length);
        return Accepts(rest.Slice(at + 1, length));
    }

    /// <summary><c>login(client, "user", "password")</c>, <c>PlainAuth("", "user", "password", host)</c>: the second of two literals side by side, with a digit or a symbol in it.</summary>
    public static bool InCall(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        Span<Range> literals = stackalloc Range[6];
        var count = CallArguments.Read(bytes, hit + keywordLength, literals);
        for (var i = 1; i < count; i++)
        {
            var user = bytes[literals[i - 1]];
            var password = bytes[literals[i]];
            if (user.IsEmpty || password.IsEmpty)
            {
                continue;
            }

            found = new Found(literals[i].Start.Value, literals[i].End.Value);
            if (User.IsAll(user) && (Randomness.Kinds(password).Digits > 0 || Symbols.IndexIn(password) >= 0) && Accepts(password))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>new SymmetricSecurityKey(Encoding.UTF8.GetBytes("…"))</c>: a key that is written down, whatever it says.</summary>
    public static bool SigningKey(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        var rest = bytes[start..Math.Min(bytes.Length, start + 200)];
        var open = rest.IndexOfAny((byte)'"', (byte)'\n', (byte)';');
        if (open < 0 || rest[open] != '"' || !(open == 0 || rest[..open].EndsWith("GetBytes("u8) || rest[..open].EndsWith("FromBase64String("u8) || rest[..open].EndsWith("GetBytes(@"u8)) || rest[(open + 1)..].IndexOf((byte)'"') is not (>= 16 and var length))
        {
            return false;
        }

        var key = rest.Slice(open + 1, length);
        found = new Found(start + open + 1, start + open + 1 + length);
        return !Placeholders.IsPlaceholder(key) && (key.Count((byte)' ') > 2 || !ChosenWords.NamesSomething(key)) && key.IndexOf("://"u8) < 0 && key.IndexOf((byte)':') < 0;
    }

    /// <summary><c>HMAC256("key")</c>, <c>redis.auth("password")</c>: the literal that the call begins with.</summary>
    public static bool FirstArgument(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        var rest = bytes[start..Math.Min(bytes.Length, start + LongestCall)];
        if (rest.IsEmpty || rest[0] is not ((byte)'"' or (byte)'\'') || rest[1..].IndexOf(rest[0]) is not (> 5 and var length))
        {
            return false;
        }

        found = new Found(start + 1, start + 1 + length);
        return Accepts(rest.Slice(1, length));
    }

    /// <summary><c>btoa("user:password")</c>: the login of a header, before it is encoded.</summary>
    public static bool EncodedLogin(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        var rest = bytes[start..Math.Min(bytes.Length, start + 160)];
        var open = rest.IndexOfAny((byte)'"', (byte)'\'', (byte)'\n');
        if (open < 0 || rest[open] == '\n' || rest[(open + 1)..].IndexOf(rest[open]) is not (> 6 and var length))
        {
            return false;
        }

        var text = rest.Slice(open + 1, length);
        var colon = text.IndexOf((byte)':');
        found = new Found(start + open + 2 + colon, start + open + 1 + length);
        return colon > 0 && text.Count((byte)':') == 1 && text.IndexOfAny((byte)'/', (byte)' ', (byte)'{') < 0 && IsLogin(text[..colon], text[(colon + 1)..]) && Randomness.Kinds(text[(colon + 1)..]).Digits > 0;
    }

    /// <summary>Arguments in a list: <c>['login', '-u', 'ci', '-p', '…']</c>.</summary>
    public static bool ListedArgument(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        var rest = bytes[start..Math.Min(bytes.Length, start + 160)];
        var end = rest.IndexOf(bytes[hit]);
        found = new Found(start, start + Math.Max(end, 0));
        return end > 4 && bytes[Math.Max(0, hit - 120)..hit].IndexOf("login"u8) >= 0 && IsLogin("user"u8, rest[..end]);
    }

    /// <summary>cloud-init: <c>chpasswd:</c> over <c>list: |</c> and lines of <c>user:password</c>.</summary>
    public static bool PasswordList(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        var rest = bytes[start..Math.Min(bytes.Length, start + 400)];
        if (rest.IndexOf("list:"u8) is not (>= 0 and var list))
        {
            return false;
        }

        var line = rest[list..].IndexOf((byte)'\n') is > 0 and var next ? list + next + 1 : rest.Length;
        var text = rest[line..].TrimStart(" -"u8);
        var at = rest.Length - text.Length;
        text = text[..NotSpace.Prefix(text)];
        var colon = text.IndexOf((byte)':');
        found = new Found(start + at + colon + 1, start + at + text.Length);
        return colon > 0 && IsLogin(text[..colon], text[(colon + 1)..]);
    }

    /// <summary>Answers for an installer: <c>d-i passwd/root-password password …</c>.</summary>
    public static bool Preseed(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        var start = hit + keywordLength;
        var word = bytes[start..Math.Min(bytes.Length, start + 160)];
        word = word[..NotSpace.Prefix(word)];
        found = new Found(start, start + word.Length);
        return IsLogin("user"u8, word);
    }

    /// <summary>A key store is opened with <c>"password".toCharArray()</c>.</summary>
    public static bool CharArray(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var before = bytes[Math.Max(0, hit - 100)..hit];
        if (before.LastIndexOf((byte)'"') is not (>= 0 and var open))
        {
            return false;
        }

        found = new Found(hit - before.Length + open + 1, hit);
        return Accepts(bytes[found.Start..found.End]);
    }

    /// <summary>Go's data source name: <c>user:password@tcp(host)/database</c>.</summary>
    public static bool DataSourceName(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var before = bytes[Math.Max(0, hit - 160)..hit];
        before = before[(Before.LastIndexIn(before) + 1)..];
        var colon = before.IndexOf((byte)':');
        if (colon <= 0)
        {
            return false;
        }

        found = new Found(hit - before.Length + colon + 1, hit);
        return IsLogin(before[..colon], before[(colon + 1)..]);
    }

    /// <summary>Oracle: <c>sqlplus user/password@database</c>.</summary>
    public static bool SqlPlus(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        var rest = bytes[start..Math.Min(bytes.Length, start + 200)];
        rest = rest[..(rest.IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var end ? end : rest.Length)];
        foreach (var range in rest.Split((byte)' '))
        {
            var word = rest[range].Trim("\"'"u8);
            var (slash, host) = (word.IndexOf((byte)'/'), word.IndexOf((byte)'@'));
            host = host < 0 ? word.Length : host;
            if (slash > 0 && slash < host && User.IsAll(word[..slash]) && IsLogin(word[..slash], word[(slash + 1)..host]))
            {
                var at = start + rest.IndexOf(word);
                found = new Found(at + slash + 1, at + host);
                return true;
            }
        }

        return false;
    }

    /// <summary><c>echo 'user:password' | chpasswd</c>.</summary>
    public static bool ChangePassword(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var line = bytes[Math.Max(0, hit - 200)..hit];
        line = line[(line.LastIndexOf((byte)'\n') + 1)..];
        if (line.LastIndexOf((byte)'|') is not (> 0 and var pipe) || line.LastIndexOf("echo "u8) is not (>= 0 and var echo) || echo > pipe)
        {
            return false;
        }

        var text = line[(echo + 5)..pipe];
        if (text.IndexOf((byte)':') is not (> 0 and var colon))
        {
            return false;
        }

        var password = text[(colon + 1)..].TrimEnd(" '\""u8);
        found = new Found(hit - line.Length + echo + 6 + colon, hit - line.Length + echo + 6 + colon + password.Length);
        return IsLogin("user"u8, password);
    }

    /// <summary>Terraform's state writes what it generated in clear: <c>"result": "…"</c> of a <c>random_password</c>.</summary>
    public static bool GeneratedPassword(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = hit + keywordLength;
        var rest = bytes[start..Math.Min(bytes.Length, start + 1500)];
        if (rest.IndexOf("\"result\""u8) is not (> 0 and var name))
        {
            return false;
        }

        var at = name + "\"result\""u8.Length;
        at += Math.Max(0, rest[at..].IndexOfAnyExcept((byte)' ', (byte)':'));
        if (at >= rest.Length || rest[at] != '"' || rest[(at + 1)..].IndexOf((byte)'"') is not (> 3 and var length))
        {
            return false;
        }

        found = new Found(start + at + 1, start + at + 1 + length);
        return true;
    }

    private static bool Accepts(ReadOnlySpan<byte> literal) =>
        SecretValues.IsPassword(literal, isCertain: true, isQuoted: true) && !ChosenWords.NamesSomething(literal) && literal.IndexOf((byte)',') < 0;

    private static bool IsLogin(ReadOnlySpan<byte> user, ReadOnlySpan<byte> password) =>
        password.Length >= 4 && password[0] is not ((byte)'$' or (byte)'%' or (byte)'{' or (byte)'<') && NotSpace.IsAll(password) && !password.SequenceEqual(user) && !Placeholders.IsPlaceholder(password) && !Placeholders.IsReference(user);
}
