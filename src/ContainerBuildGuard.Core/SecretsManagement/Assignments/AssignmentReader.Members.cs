namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Values that a member returns, that stand in a list beside others, or that an option or an object says further on.</summary>
internal static partial class AssignmentReader
{
    private const int LongestSignature = 120;
    private const int LongestOption = 240;
    private static readonly ByteSet Signature = ByteSet.Of("A-Za-z0-9_<>?&': \t\r\n-");
    private static readonly ByteSet Declared = ByteSet.Of("A-Za-z0-9_$ ,\t(");
    private static readonly ByteSet IndexBytes = ByteSet.Of("A-Za-z0-9_+ ");
    private static readonly byte[][] Defaults = [.. ((string[])["default=", "default_value=", "default: ", "defaultValue: "]).Select(System.Text.Encoding.ASCII.GetBytes)];
    private static readonly byte[][] Members = [.. ((string[])["\"defaultValue\"", "\"default\"", "\"value\""]).Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary><c>GetPassword() =&gt; "…"</c>, <c>string getToken() { return "…"; }</c>, <c>def password(self): return "…"</c>: <paramref name="at"/> is the parenthesis.</summary>
    private static bool TryReadReturned(ReadOnlySpan<byte> bytes, int at, out Assignment value)
    {
        value = default;
        var rest = bytes[at..Math.Min(bytes.Length, at + LongestSignature)];
        var close = rest.IndexOfAny((byte)')', (byte)'"', (byte)';');
        return close > 0 && rest[close] == ')' && Returned(bytes, at + close + 1) is > 0 and var quote && ReadQuoted(bytes, quote, Joint.Assigned, out value);
    }

    /// <summary>Where the literal begins that the body returns which begins at <paramref name="at"/>; 0 where it returns anything else.</summary>
    private static int Returned(ReadOnlySpan<byte> bytes, int at)
    {
        var rest = bytes[at..Math.Min(bytes.Length, at + LongestSignature)];
        var head = Signature.Prefix(rest);
        if (head >= rest.Length)
        {
            return 0;
        }

        if (IsQuote(rest, head))
        {
            // Python's body begins on the next line.
            return rest[..head].TrimEnd((byte)' ').EndsWith("return"u8) && rest[..head].Contains((byte)':') ? at + head : 0;
        }

        var body = rest[head] == '{' ? head + 1 : rest[head] == '=' && Next(rest, head + 1, '>') ? head + 2 : 0;
        if (body == 0)
        {
            return 0;
        }

        var isArrow = rest[head] == '=';
        body += Skip(rest, body, LongestSignature, Space);
        var returns = rest[Math.Min(body, rest.Length)..].StartsWith("return "u8);
        body += returns ? "return "u8.Length : 0;
        return (returns || isArrow) && IsQuote(rest, body) ? at + body : 0;
    }

    /// <summary>One of several that are set at once: <c>user, password = "…", "…"</c>, <c>(string user, string password) = ("…", "…")</c>; <paramref name="at"/> is behind the sign.</summary>
    private static bool TryReadListed(ReadOnlySpan<byte> bytes, int nameStart, int at, out Assignment value)
    {
        value = default;
        var before = bytes[Math.Max(0, nameStart - 80)..nameStart];
        before = before[(before.LastIndexOfAny("\n;{"u8) + 1)..];
        var place = before.Count((byte)',');
        if (place is 0 or > 4 || !Declared.IsAll(before))
        {
            return false;
        }

        at += Skip(bytes, at, 24, BeforeValue);
        at += Next(bytes, at, '(') ? 1 : 0;
        for (var n = 0; IsQuote(bytes, at) && ReadQuoted(bytes, at, Joint.Assigned, out value); n++)
        {
            if (n == place)
            {
                return true;
            }

            at = value.End + 1 + Skip(bytes, value.End + 1, 8, Blank);
            if (!Next(bytes, at, ','))
            {
                return false;
            }

            at += 1 + Skip(bytes, at + 1, 8, Blank);
        }

        return false;
    }

    /// <summary>The literal behind <paramref name="first"/>, where the two are all that parentheses hold: <c>AUTH = ("user", "password")</c>.</summary>
    public static bool TryReadPartner(ReadOnlySpan<byte> bytes, Assignment first, out Assignment value)
    {
        value = default;
        var open = first.Start - 2;
        if (!first.IsQuoted || open < 0 || bytes[open] is not ((byte)'(' or (byte)'[') || first.End + 2 >= bytes.Length)
        {
            return false;
        }

        var at = first.End + 1 + Skip(bytes, first.End + 1, 4, Blank);
        if (!Next(bytes, at, ','))
        {
            return false;
        }

        at += 1 + Skip(bytes, at + 1, 40, Space);
        return IsQuote(bytes, at) && ReadQuoted(bytes, at, Joint.Assigned, out value) && value.End + 1 < bytes.Length && bytes[value.End + 1] is (byte)')' or (byte)']' or (byte)',';
    }

    /// <summary>What an option of a command is where it is not given: <c>add_argument("--password", default="…")</c>; or what is typed into a field: <c>fill_in "Password", with: "…"</c>.</summary>
    private static bool TryReadOption(ReadOnlySpan<byte> bytes, int at, bool isFlag, out Assignment value)
    {
        value = default;
        var rest = bytes[at..Math.Min(bytes.Length, at + LongestOption)];
        if (rest.StartsWith(", with: "u8))
        {
            return IsQuote(rest, ", with: "u8.Length) && ReadQuoted(bytes, at + ", with: "u8.Length, Joint.Assigned, out value);
        }

        rest = isFlag && rest.IndexOfAny((byte)')', (byte)';') is >= 0 and var end ? rest[..end] : rest;
        foreach (var setting in isFlag ? Defaults : [])
        {
            if (rest.IndexOf(setting) is > 0 and var found && IsQuote(rest, found + setting.Length))
            {
                return ReadQuoted(bytes, at + found + setting.Length, Joint.Assigned, out value);
            }
        }

        return false;
    }

    /// <summary>The member of an object that says what the name is: <c>"password": { "type": "string", "defaultValue": "…" }</c>.</summary>
    private static bool TryReadObject(ReadOnlySpan<byte> bytes, int at, out Assignment value)
    {
        value = default;
        var rest = bytes[at..Math.Min(bytes.Length, at + LongestBlock)];
        rest = rest[..Math.Max(0, rest.IndexOfAny((byte)'{', (byte)'}'))];
        foreach (var member in Members)
        {
            if (rest.IndexOf(member) is >= 0 and var found)
            {
                var quote = found + member.Length + Skip(rest, found + member.Length, 4, Joints);
                return IsQuote(rest, quote) && ReadQuoted(bytes, at + quote, Joint.Assigned, out value);
            }
        }

        return false;
    }

    /// <summary>An array of characters: <c>char password[32] = "…"</c>; <paramref name="at"/> is the bracket.</summary>
    private static bool TryReadArray(ReadOnlySpan<byte> bytes, int at, FileSyntax syntax, out Assignment value)
    {
        value = default;
        at += 1 + Skip(bytes, at + 1, 40, IndexBytes);
        if (!Next(bytes, at, ']'))
        {
            return false;
        }

        at += 1 + Skip(bytes, at + 1, 4, Blank);
        return Next(bytes, at, '=') && !Next(bytes, at + 1, '=') && Read(bytes, at + 1, syntax, Joint.Assigned, out value, literalOnly: true);
    }
}
