namespace ContainerBuildGuard.SecretsManagement;

/// <summary>How a name and its value are joined.</summary>
internal enum Joint
{
    /// <summary><c>name = value</c>, <c>name: value</c>, <c>name =&gt; value</c>, an XML attribute or element.</summary>
    Assigned,

    /// <summary><c>name == "value"</c>.</summary>
    Compared,

    /// <summary><c>f("name", "value")</c>, <c>SetName("value")</c>.</summary>
    Passed,

    /// <summary><c>--name value</c>, <c>ENV NAME value</c>, <c>PASSWORD 'value'</c>.</summary>
    Spaced,
}

/// <summary>A value that stands beside a name.</summary>
internal readonly record struct Assignment(int Start, int End, bool IsQuoted, Joint Joint, bool IsInUrl = false);

/// <summary>Reads the value that belongs to a name, in whatever notation it is written: there are few ways to join the two, and every format uses some of them.</summary>
internal static partial class AssignmentReader
{
    private const int LongestValue = 1024;
    private static readonly ByteSet Callee = ByteSet.Of("A-Za-z0-9_.<>:$@&*!");
    private static readonly ByteSet TypeName = ByteSet.Of("A-Za-z0-9_.<>:$@&*![]?");
    private static readonly ByteSet Blank = ByteSet.Of(" \t");
    private static readonly ByteSet Space = ByteSet.Of(" \t\r\n");
    private static readonly ByteSet AfterName = ByteSet.Of("\"'`\\])");
    private static readonly ByteSet BeforeValue = ByteSet.Of(" \t=[");
    private static readonly ByteSet BetweenPair = ByteSet.Of(" \t\r\n,\"");
    private static readonly ByteSet Joints = ByteSet.Of(" :=");
    private static readonly ByteSet EqualsSign = ByteSet.Of("=");
    private static readonly ByteSet Bar = ByteSet.Of("|");
    private static readonly ByteSet DoubleQuote = ByteSet.Of("\"");
    private static readonly ByteSet PathBytes = ByteSet.Of("A-Za-z0-9_.:/-");
    private static readonly ByteSet Upper = ByteSet.Of("A-Z0-9_");
    private static readonly ByteSet LineWords = ByteSet.Of("A-Za-z0-9_ -");
    private static readonly ByteSet BlockHeader = ByteSet.Of("+1-9-");
    private static readonly byte[][] ValueOptions = [.. ((string[])["-Value ", "--value ", "--value=", "--body ", "--body=", "--data ", "--secret ", "--text "]).Select(System.Text.Encoding.ASCII.GetBytes)];
    private static readonly ByteSet SentenceEnd = ByteSet.Of("\r\n.;:=\"");
    private static readonly ByteSet Emphasis = ByteSet.Of("*_");
    private static readonly ByteSet BeforeUrl = ByteSet.Of(" \t\r\n\"'<>");

    public static bool TryRead(ReadOnlySpan<byte> bytes, int nameStart, int nameEnd, FileSyntax syntax, out Assignment value)
    {
        value = default;
        var at = nameEnd;
        var quoted = Quote(bytes, PathStart(bytes, nameStart) - 1) is var quote && quote != 0 && at < bytes.Length && (bytes[at] == quote || (bytes[at] == '\\' && at + 1 < bytes.Length && bytes[at + 1] == quote));
        var isTag = nameStart > 0 && (bytes[nameStart - 1] == '<' || (bytes[nameStart - 1] == ':' && bytes[Math.Max(0, nameStart - 24)..nameStart].LastIndexOf((byte)'<') is >= 0 and var open && bytes[(Math.Max(0, nameStart - 24) + open)..nameStart].IndexOfAny((byte)' ', (byte)'"') < 0));
        var isFlag = nameStart > 1 && bytes[nameStart - 1] == '-';

        // What closes the name: a quote, the bracket of an index.
        at += Skip(bytes, at, 4, AfterName);
        at += syntax is FileSyntax.Documentation ? Skip(bytes, at, 2, Emphasis) : 0;
        var closed = at > nameEnd;
        var spaces = Skip(bytes, at, 24, Blank);
        at += spaces;
        if (at >= bytes.Length)
        {
            return false;
        }

        if (bytes[at] == ':' && nameStart > 1 && bytes[nameStart - 1] == '{' && bytes[nameStart - 2] == '$')
        {
            return ReadDefault(bytes, at + 1, out value);
        }

        switch (bytes[at])
        {
            case (byte)'{' when TryReadBlock(bytes, at, syntax, out value):
                return true;
            case (byte)'{' when syntax is FileSyntax.Code && spaces == 0 && IsQuote(bytes, at + 1):
                return ReadQuoted(bytes, at + 1, Joint.Assigned, out value);
            case (byte)'[' when syntax is FileSyntax.Code && !closed && TryReadArray(bytes, at, syntax, out value):
                return true;
            case (byte)'(' when syntax is FileSyntax.Code && !closed && TryReadReturned(bytes, at, out value):
                return true;
            case (byte)'=' or (byte)':' when syntax is FileSyntax.Code && (bytes[at] == '=' || Next(bytes, at + 1, '=')) && TryReadListed(bytes, nameStart, at + (Next(bytes, at + 1, '=') ? 2 : 1), out value):
                return true;
            case (byte)'=' when Next(bytes, at + 1, '='):
            case (byte)'!' when Next(bytes, at + 1, '='):
                return Read(bytes, at + 1 + Skip(bytes, at + 1, 2, EqualsSign), syntax, Joint.Compared, out value);
            case (byte)'=' when Next(bytes, at + 1, '>'):
                return Read(bytes, at + 2, syntax, Joint.Assigned, out value);
            case (byte)'=' when Next(bytes, at + 1, '~'):
                return false;
            case (byte)'=':
                // NAME=value inside a string: an environment, a command.
                var isInString = (at == nameEnd && nameStart > 0 && bytes[nameStart - 1] == '&') || at == nameEnd && (syntax is FileSyntax.Yaml ? quote != 0 : Upper.IsAll(bytes[nameStart..nameEnd]) && syntax is FileSyntax.Json or FileSyntax.Code or FileSyntax.Xml);
                return Read(bytes, at + 1, isInString ? FileSyntax.Text : syntax, Joint.Assigned, out value);
            case (byte)'?' when Next(bytes, at + 1, '?') && Next(bytes, at + 2, '='):
            case (byte)'|' when Next(bytes, at + 1, '|') && Next(bytes, at + 2, '='):
                return Read(bytes, at + 3, syntax, Joint.Assigned, out value);
            case (byte)'?' or (byte)'+' when Next(bytes, at + 1, '='):
                return Read(bytes, at + 2, syntax, Joint.Assigned, out value);
            case (byte)'?' when Next(bytes, at + 1, ':'):
                return ReadTyped(bytes, at + 2, syntax, out value);
            case (byte)':' when Next(bytes, at + 1, ':'):
                return Next(bytes, at + 2, '=') && Read(bytes, at + 3, syntax, Joint.Assigned, out value);
            case (byte)':' when Next(bytes, at + 1, '='):
                return Read(bytes, at + 2, syntax, Joint.Assigned, out value);
            case (byte)':':
                return ReadTyped(bytes, at + 1 + (syntax is FileSyntax.Documentation ? Skip(bytes, at + 1, 2, Emphasis) : 0), syntax, out value);
            case (byte)'.' when closed && IsTyped(bytes[at..]):
                return Read(bytes, at + bytes[at..].IndexOf((byte)'(') + 1, syntax, Joint.Assigned, out value, literalOnly: true);
            case (byte)'>' when quoted || isTag || closed:
                return ReadElement(bytes, at + 1, out value);
            case (byte)',' when quoted && (TryReadPair(bytes, at, out value) || TryReadOption(bytes, at, isFlag, out value)):
                return true;
            case (byte)',' when syntax is FileSyntax.Code && nameStart > 4 && bytes[nameStart - 1] == ':' && bytes[..(nameStart - 1)].EndsWith("set "u8):
                return Read(bytes, at + 1, syntax, Joint.Assigned, out value, literalOnly: true);
            case (byte)',' when quoted || closed:
            case (byte)'|' when Next(bytes, at + 1, '|'):
                return Read(bytes, at + 1 + Skip(bytes, at + 1, 1, Bar), syntax, quoted && (isFlag || IsDefinition(bytes, nameStart)) ? Joint.Assigned : Joint.Passed, out value, literalOnly: true);
            case (byte)'(' when !closed:
                return Read(bytes, at + 1, syntax, Joint.Passed, out value, literalOnly: true);
            case (byte)'<' when TryReadSibling(bytes, at, out value):
                return true;
            case (byte)'\'' or (byte)'"' or (byte)'`' when spaces > 0 && (quoted || !closed):
                return Read(bytes, at, syntax, bytes[..nameStart].EndsWith("#define "u8) ? Joint.Assigned : Joint.Spaced, out value, literalOnly: true);
            default:
                if ((quoted || isTag || IsNamed(bytes, nameStart)) && (TryReadPair(bytes, at, out value) || TryReadElementAfterAttributes(bytes, at, out value)))
                {
                    return true;
                }

                return spaces > 0 && !closed && (isFlag ? bytes[at] != '-' && Read(bytes, at, FileSyntax.Shell, syntax is FileSyntax.Shell ? Joint.Assigned : Joint.Spaced, out value) : ReadAfterWord(bytes, nameStart, at, syntax, out value));
        }
    }

    private static bool Read(ReadOnlySpan<byte> bytes, int at, FileSyntax syntax, Joint joint, out Assignment value, bool literalOnly = false)
    {
        value = default;
        at += Skip(bytes, at, 24, BeforeValue);
        if (syntax is FileSyntax.Code or FileSyntax.Json or FileSyntax.Text)
        {
            // A literal may stand on the next line.
            at += Skip(bytes, at, 80, Space) is var gap && at + gap < bytes.Length && bytes[at + gap] is (byte)'"' or (byte)'\'' ? gap : 0;
        }

        if (at >= bytes.Length)
        {
            return false;
        }

        var open = at;
        if (!IsQuote(bytes, open))
        {
            open = LiteralInside(bytes, at);
        }

        if (open >= 0)
        {
            return ReadQuoted(bytes, open, joint, out value);
        }

        if (literalOnly || joint == Joint.Compared)
        {
            return false;
        }

        return syntax is FileSyntax.Code or FileSyntax.Json or FileSyntax.Xml && !IsInUrl(bytes, at) ? false : ReadBare(bytes, at, syntax, joint, out value);
    }

    /// <summary>In an URL's query a value ends at the next parameter.</summary>
    private static bool IsInUrl(ReadOnlySpan<byte> bytes, int at)
    {
        var before = bytes[Math.Max(0, at - 400)..at];
        if (!before.Contains((byte)'?'))
        {
            return false;
        }

        var space = BeforeUrl.LastIndexIn(before);
        before = before[(space + 1)..];
        return before.IndexOf("://"u8) >= 0 && before.IndexOf((byte)'?') >= 0;
    }

    /// <summary>A path in quotes names a setting: <c>"db/password"</c>.</summary>
    public static bool IsQuotedPath(ReadOnlySpan<byte> bytes, int nameStart, int nameEnd) =>
        nameEnd < bytes.Length && PathStart(bytes, nameStart) is > 0 and var start && Quote(bytes, start - 1) is var quote && quote != 0 && bytes[nameEnd] == quote && bytes[start] != '/';

    private static bool IsLineStart(ReadOnlySpan<byte> bytes, int nameStart) => bytes[..nameStart].TrimEnd(" \t"u8) is [] or [.., (byte)'\n'];

    /// <summary>The directive begins with other words: <c>user ops insecure-password …</c>.</summary>
    private static bool FollowsWords(ReadOnlySpan<byte> bytes, int nameStart) =>
        bytes[Math.Max(0, nameStart - 80)..nameStart] is var before && before[(before.LastIndexOf((byte)'\n') + 1)..] is [not (byte)' ', ..] words && LineWords.IsAll(words);

    /// <summary>Where the path begins whose last part is the name: <c>Smtp:Password</c>, <c>smtp/password</c>.</summary>
    private static int PathStart(ReadOnlySpan<byte> bytes, int nameStart) => nameStart - PathBytes.Suffix(bytes[Math.Max(0, nameStart - 80)..nameStart]);

    private static bool IsQuote(ReadOnlySpan<byte> bytes, int at) =>
        at >= 0 && at < bytes.Length && (bytes[at] is (byte)'"' or (byte)'\'' or (byte)'`' || (bytes[at] == '\\' && at + 1 < bytes.Length && bytes[at + 1] is (byte)'"' or (byte)'\''));

    private static byte Quote(ReadOnlySpan<byte> bytes, int at) => at >= 0 && bytes[at] is (byte)'"' or (byte)'\'' or (byte)'`' ? bytes[at] : (byte)0;

    private static bool Next(ReadOnlySpan<byte> bytes, int at, char c) => at < bytes.Length && bytes[at] == c;

    private static int Skip(ReadOnlySpan<byte> bytes, int at, int most, ByteSet belongs)
    {
        var count = 0;
        while (count < most && at + count < bytes.Length && belongs.Contains(bytes[at + count]))
        {
            count++;
        }

        return count;
    }
}
