namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Columns that are named like a secret: CSV, tables of Markdown, the rows of an INSERT.</summary>
internal static class Tables
{
    private const int LongestHeader = 1024;
    private const int LongestRow = 4096;
    private const int MostRows = 50;
    private static readonly ByteSet HeaderCell = ByteSet.Of("A-Za-z0-9_ .\"'`-");
    private static readonly ByteSet Rule = ByteSet.Of("|:- \t");
    private static readonly ByteSet Around = ByteSet.Of(" \t\"'`*");

    /// <summary>Adds the values below the name from <paramref name="nameStart"/> to <paramref name="nameEnd"/>, where it heads a column. Returns what need not be looked at again: the rows that were read, or a line that heads nothing.</summary>
    public static Range Find(ReadOnlySpan<byte> bytes, int nameStart, int nameEnd, List<(string Detector, Found Found)> found)
    {
        if (!MayBeCell(bytes, nameEnd) || NameKinds.Of(bytes[nameStart..nameEnd]) is var kind && kind == NameKind.Other)
        {
            return default;
        }

        var header = LineAround(bytes, nameStart, LongestHeader, out var next);
        if (header.End.Value - header.Start.Value > LongestHeader)
        {
            // Nor is any other name on this line a heading.
            return header;
        }

        var separator = Separator(bytes[header], nameStart - header.Start.Value, nameEnd - header.Start.Value);
        if (separator == 0)
        {
            return default;
        }

        if (!IsHeader(bytes[header], separator))
        {
            return header;
        }

        var (columns, column) = (bytes[header].Count(separator), bytes[header.Start.Value..nameStart].Count(separator));
        var rows = next;
        for (var row = 0; row < MostRows && next < bytes.Length; row++)
        {
            var line = LineAround(bytes, next, LongestRow, out var following);
            if (Rule.IsAll(bytes[line]))
            {
                next = following;
                continue;
            }

            if (bytes[line].Count(separator) != columns)
            {
                break;
            }

            next = following;
            if (Cell(bytes, line, separator, column) is { } cell && Judge(bytes[cell], kind) is { } detector)
            {
                found.Add((detector, new Found(cell.Start.Value, cell.End.Value)));
            }
        }

        return rows..Math.Max(rows, next);
    }

    /// <summary>Which detector a value under a heading of <paramref name="kind"/> belongs to; null where it is no secret.</summary>
    public static string? Judge(ReadOnlySpan<byte> text, NameKind kind) => kind switch
    {
        NameKind.Password when text.ContainsAnyInRange((byte)'0', (byte)'9') && SecretValues.IsPassword(text, isCertain: false, isQuoted: true) => AssignmentScanner.NamedPassword,
        NameKind.Secret when SecretValues.IsGenerated(text, 12, acceptsGuid: true) => AssignmentScanner.NamedSecret,
        NameKind.Weak when SecretValues.IsGenerated(text, 20, acceptsGuid: false) => AssignmentScanner.NamedSecret,
        _ => null,
    };

    private static bool MayBeCell(ReadOnlySpan<byte> bytes, int end)
    {
        end += Math.Max(0, bytes[end..Math.Min(bytes.Length, end + 4)].IndexOfAnyExcept(" \"'`"u8));
        return end < bytes.Length && bytes[end] is (byte)',' or (byte)';' or (byte)'\t' or (byte)'|' or (byte)'\r' or (byte)'\n';
    }

    private static byte Separator(ReadOnlySpan<byte> line, int nameStart, int nameEnd)
    {
        var after = line[nameEnd..].TrimStart(" \"'`"u8);
        var before = line[..nameStart].TrimEnd(" \"'`"u8);
        var separator = !after.IsEmpty ? after[0] : !before.IsEmpty ? before[^1] : (byte)0;
        return separator is (byte)',' or (byte)';' or (byte)'\t' or (byte)'|' ? separator : (byte)0;
    }

    /// <summary>Names and nothing else between the separators; parameters of a call have parentheses, a list in a sentence ends in a full stop.</summary>
    private static bool IsHeader(ReadOnlySpan<byte> line, byte separator)
    {
        foreach (var range in line.Split(separator))
        {
            if (line[range].Length > 40 || !HeaderCell.IsAll(line[range]))
            {
                return false;
            }
        }

        return line[^1] is not ((byte)'.' or (byte)',');
    }

    private static Range? Cell(ReadOnlySpan<byte> bytes, Range line, byte separator, int column)
    {
        var (start, length) = line.GetOffsetAndLength(bytes.Length);
        var text = bytes.Slice(start, length);
        var n = 0;
        foreach (var range in text.Split(separator))
        {
            if (n++ == column)
            {
                var (from, cell) = range.GetOffsetAndLength(length);
                var inner = text.Slice(from, cell);
                var lead = Around.Prefix(inner);
                var size = inner[lead..].Length - Around.Suffix(inner[lead..]);
                return size > 0 ? (start + from + lead)..(start + from + lead + size) : null;
            }
        }

        return null;
    }

    private static Range LineAround(ReadOnlySpan<byte> bytes, int at, int longest, out int next)
    {
        var from = Math.Max(0, at - longest);
        var start = bytes[from..at].LastIndexOf((byte)'\n') is >= 0 and var before ? from + before + 1 : from;
        var rest = bytes[at..Math.Min(bytes.Length, at + longest)];
        var end = rest.IndexOf((byte)'\n') is >= 0 and var after ? at + after : at + rest.Length;
        next = end + 1;
        return start..(end > start && bytes[end - 1] == '\r' ? end - 1 : end);
    }
}
