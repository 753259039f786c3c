namespace ContainerBuildGuard.SecretsManagement;

/// <summary>The value itself, once its place is known: a literal, a literal inside an expression, or a bare word.</summary>
internal static partial class AssignmentReader
{
    private static readonly ByteSet AfterParameter = ByteSet.Of("&#\"'<> \t\r\n`)");
    private static readonly ByteSet AfterArgument = ByteSet.Of(" \t\r\n;\"'`");
    private static readonly ByteSet AfterWord = ByteSet.Of(" \t\r\n;,\"'<>)}]`&|");
    private static readonly ByteSet Identifier = ByteSet.Of("A-Za-z0-9_");
    private static readonly ByteSet FallbackBytes = ByteSet.Of("|? ");
    private static readonly ByteSet FallbackWord = ByteSet.Of(" r");

    /// <summary>The literal in an expression: a prefix (<c>@"…"</c>, <c>b'…'</c>), a call around it (<c>Encoding.UTF8.GetBytes("…")</c>), a fallback (<c>… ?? "…"</c>); −1 where there is none.</summary>
    private static int LiteralInside(ReadOnlySpan<byte> bytes, int at)
    {
        if (Fallback(bytes, at) is >= 0 and var fallback)
        {
            return fallback;
        }

        at += Next(bytes, at, ']') ? 1 : 0;
        for (var depth = 0; depth < 4; depth++)
        {
            var name = Skip(bytes, at, 80, Callee);
            var after = at + name;
            if (after < bytes.Length && name is > 0 and <= 2 && IsQuote(bytes, after))
            {
                return after;
            }

            after += Skip(bytes, after, 8, Blank);

            if (after >= bytes.Length || bytes[after] is not ((byte)'(' or (byte)'{') || !IsConversion(bytes.Slice(at, name)))
            {
                // new SecureString("…"), await f("…"): one more word.
                if (name is 3 or 5 && after > at + name && (bytes[at..].StartsWith("new"u8) || bytes[at..].StartsWith("await"u8)))
                {
                    at = after;
                    continue;
                }

                return -1;
            }

            at = after + 1 + Skip(bytes, after + 1, 8, Blank);
            if (IsQuote(bytes, at))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>The literal after <c>||</c>, <c>??</c> or <c>or</c> on the same line: what holds where nothing else is set.</summary>
    private static int Fallback(ReadOnlySpan<byte> bytes, int at)
    {
        var line = bytes.Slice(at, Math.Min(160, bytes.Length - at));
        line = line.IndexOfAny((byte)'\n', (byte)';') is >= 0 and var end ? line[..end] : line;
        if (FallbackBytes.IndexIn(line) < 0)
        {
            return -1;
        }

        foreach (var position in (ReadOnlySpan<int>)[line.IndexOf("|| "u8), line.IndexOf("?? "u8), line.IndexOf(" or "u8)])
        {
            var literal = position < 0 ? -1 : position + 2 + Skip(line, position + 2, 4, FallbackWord);
            if (literal > 0 && literal < line.Length && Callee.Contains(line[0]) && IsQuote(line, literal))
            {
                return at + literal;
            }
        }

        return -1;
    }

    /// <summary>A call that hands its argument on in another form: GetBytes, FromBase64String, SecureString, SymmetricSecurityKey; a brace opens a list.</summary>
    private static bool IsConversion(ReadOnlySpan<byte> callee)
    {
        Span<byte> lower = stackalloc byte[callee.Length];
        System.Text.Ascii.ToLower(callee, lower, out _);
        return lower.IsEmpty || lower.IndexOf("byte"u8) >= 0 || lower.IndexOf("string"u8) >= 0 || lower.IndexOf("base64"u8) >= 0 || lower.IndexOf("decode"u8) >= 0 || lower.IndexOf("key"u8) >= 0 || lower.IndexOf("secret"u8) >= 0 || lower.IndexOf("from"u8) >= 0
            || lower.IndexOf("credential"u8) >= 0 || lower.EndsWith("some"u8) || lower.IndexOf("buffer"u8) >= 0 || lower.IndexOf("char"u8) >= 0 || lower.EndsWith("just"u8) || lower.EndsWith("trim"u8);
    }

    private static bool ReadQuoted(ReadOnlySpan<byte> bytes, int open, Joint joint, out Assignment value)
    {
        value = default;
        var escaped = bytes[open] == '\\';
        var start = open + (escaped ? 2 : 1);
        var quote = bytes[start - 1];
        while (start + 1 < bytes.Length && bytes[start] == quote && bytes[start + 1] == quote)
        {
            start += 2;
        }

        for (var end = start; end < bytes.Length && end - start <= LongestValue; end++)
        {
            var b = bytes[end];
            if (b == quote && (escaped || bytes[end - 1] != '\\' || (end - start >= 2 && bytes[end - 2] == '\\')))
            {
                end -= escaped && bytes[end - 1] == '\\' ? 1 : 0;

                // A literal of the language that is generated: "\"…\"".
                var isTwice = end - start > 4 && !escaped && bytes[start] == '\\' && bytes[start + 1] is (byte)'"' or (byte)'\'' && bytes[end - 2] == '\\' && bytes[end - 1] == bytes[start + 1];
                value = isTwice ? new Assignment(start + 2, end - 2, true, joint) : new Assignment(start, end, true, joint);
                return end > start;
            }

            if (b is (byte)'\n' or (byte)'\r')
            {
                return false;
            }
        }

        return false;
    }

    private static bool ReadBare(ReadOnlySpan<byte> bytes, int at, FileSyntax syntax, Joint joint, out Assignment value)
    {
        var inUrl = IsInUrl(bytes, at);
        var rest = bytes.Slice(at, Math.Min(LongestValue, bytes.Length - at));
        var end = inUrl ? AfterParameter.IndexIn(rest)
            : syntax is FileSyntax.Lines or FileSyntax.Yaml ? rest.IndexOfAny("\r\n"u8)
            : syntax is FileSyntax.Shell ? AfterArgument.IndexIn(rest)
            : AfterWord.IndexIn(rest);
        rest = end < 0 ? rest : rest[..end];
        if (syntax is FileSyntax.Lines or FileSyntax.Yaml)
        {
            var comment = rest.IndexOf(" #"u8);
            rest = (comment >= 0 ? rest[..comment] : rest).TrimEnd(" \t"u8);
            rest = rest.TrimEnd(","u8);
            rest = OfSeveral(rest);
        }

        value = new Assignment(at, at + rest.Length, false, joint, inUrl);
        return rest.Length is > 0 and < LongestValue;
    }

    /// <summary>The first of several settings on a line: <c>ansible_ssh_pass=… ansible_become=yes</c>.</summary>
    private static ReadOnlySpan<byte> OfSeveral(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf((byte)' ') is not (> 0 and var space))
        {
            return line;
        }

        var name = Identifier.Prefix(line[(space + 1)..]);
        return name > 1 && space + 1 + name < line.Length && line[space + 1 + name] == '=' ? line[..space] : line;
    }

    /// <summary>What stands behind the colon in <c>${name:…}</c> where nothing else is configured.</summary>
    private static bool ReadDefault(ReadOnlySpan<byte> bytes, int at, out Assignment value)
    {
        value = default;
        var rest = bytes[at..Math.Min(bytes.Length, at + LongestValue)];
        if (rest is [(byte)'?' or (byte)'+', ..])
        {
            // What is said where nothing is configured, or taken where something is.
            return false;
        }

        at += rest is [(byte)'-' or (byte)'=', ..] ? 1 : 0;
        rest = rest is [(byte)'-' or (byte)'=', ..] ? rest[1..] : rest;
        var end = rest.IndexOf((byte)'}');
        value = new Assignment(at, at + Math.Max(end, 0), true, Joint.Assigned);
        return end > 0 && AfterWord.IndexIn(rest[..end]) < 0;
    }
}
