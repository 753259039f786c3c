namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Words between a name and its value.</summary>
internal static partial class AssignmentReader
{
    /// <summary>Words between name and value: <c>As String =</c> in Visual Basic, <c>-Value</c> in PowerShell, <c>is</c> in prose.</summary>
    private static bool ReadAfterWord(ReadOnlySpan<byte> bytes, int nameStart, int at, FileSyntax syntax, out Assignment value)
    {
        value = default;
        var rest = bytes[at..Math.Min(bytes.Length, at + 60)];
        if (rest.StartsWith("As "u8))
        {
            var type = 3 + Skip(rest, 3, 24, TypeName);
            type += Skip(rest, type, 4, Blank);
            return type < rest.Length && rest[type] == '=' && Read(bytes, at + type + 1, FileSyntax.Code, Joint.Assigned, out value);
        }

        foreach (var option in ValueOptions)
        {
            if (rest.StartsWith(option))
            {
                return Read(bytes, at + option.Length, FileSyntax.Shell, Joint.Assigned, out value);
            }
        }

        if (syntax is FileSyntax.Code)
        {
            // A type stands between: param key string = '…'.
            var type = Skip(rest, 0, 24, TypeName);
            type += Skip(rest, type, 4, Blank);
            return type > 0 && type + 1 < rest.Length && rest[type] == '=' && rest[type + 1] is not ((byte)'=' or (byte)'>') && Read(bytes, at + type + 1, syntax, Joint.Assigned, out value);
        }

        if (syntax is FileSyntax.Shell && IsNamedBefore(bytes, nameStart))
        {
            return Read(bytes, at, syntax, Joint.Assigned, out value);
        }

        if (syntax is FileSyntax.Shell)
        {
            // config set name value: only what is long enough to be none of the words of a command.
            return ReadBare(bytes, at, syntax, Joint.Spaced, out value) && value.End - value.Start >= 20;
        }

        if (syntax is FileSyntax.Lines)
        {
            // requirepass value: a directive and one word.
            return (IsLineStart(bytes, nameStart) || FollowsWords(bytes, nameStart)) && ReadBare(bytes, at, syntax, Joint.Assigned, out value) && AfterWord.IndexIn(bytes[value.Start..value.End]) < 0;
        }

        if (syntax is not (FileSyntax.Text or FileSyntax.Documentation))
        {
            return false;
        }

        var said = Said(rest);
        var isSaid = said >= 0;
        at += Math.Max(said, 0);
        return at < bytes.Length && (IsQuote(bytes, at) ? ReadQuoted(bytes, at, Joint.Spaced, out value) : ReadBare(bytes, at, FileSyntax.Text, Joint.Spaced, out value)) && (isSaid || value.End - value.Start >= 20);
    }

    /// <summary>Behind <c>is</c>, which a few words may stand before: <c>for the VPN is</c>; −1 where the sentence says no value.</summary>
    private static int Said(ReadOnlySpan<byte> rest)
    {
        var sentence = SentenceEnd.IndexIn(rest) is >= 0 and var end ? rest[..end] : rest;
        var at = sentence.StartsWith("is "u8) ? 0 : sentence.StartsWith("for "u8) || sentence.StartsWith("of "u8) || sentence.StartsWith("to "u8) ? sentence.IndexOf(" is "u8) + 1 : -1;
        return at < 0 || (at == 0 && sentence[0] != 'i') ? -1 : at + 3 + Skip(rest, at + 3, 4, Blank);
    }

    /// <summary>After a colon a type may stand before the value: <c>password: string = "…"</c>.</summary>
    private static bool ReadTyped(ReadOnlySpan<byte> bytes, int at, FileSyntax syntax, out Assignment value)
    {
        var start = at + Skip(bytes, at, 24, Blank);
        if (syntax is FileSyntax.Json && start < bytes.Length && bytes[start] is (byte)'{' or (byte)'[')
        {
            start += bytes[start] == '[' ? 1 + Skip(bytes, start + 1, 80, Space) : 0;
            if (Next(bytes, start, '{'))
            {
                return TryReadPair(bytes, start + 1, out value) || TryReadObject(bytes, start + 1, out value);
            }
        }

        if (syntax is FileSyntax.Yaml && start < bytes.Length && bytes[start] is (byte)'>' or (byte)'|')
        {
            // A block: the value is the next line.
            start += 1 + Skip(bytes, start + 1, 3, BlockHeader);
            var line = start + Skip(bytes, start, 80, Space);
            value = default;
            return line > start && bytes[start..line].IndexOf((byte)'\n') >= 0 && line < bytes.Length && ReadBare(bytes, line, syntax, Joint.Assigned, out value);
        }

        var type = Skip(bytes, start, 32, TypeName);
        var equals = start + type + Skip(bytes, start + type, 4, Blank);
        if (syntax is FileSyntax.Code && type > 0 && equals + 1 < bytes.Length && bytes[equals] == '=' && bytes[equals + 1] is not ((byte)'=' or (byte)'>'))
        {
            return Read(bytes, equals + 1, syntax, Joint.Assigned, out value);
        }

        return Read(bytes, at, syntax, Joint.Assigned, out value);
    }
}
