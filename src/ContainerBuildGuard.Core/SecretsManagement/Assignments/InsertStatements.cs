namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Columns of an SQL INSERT that are named like a secret, and the literals that go into them.</summary>
internal static class InsertStatements
{
    private const int LongestList = 1000;
    private const int LongestRow = 4000;
    private const int MostRows = 50;
    private static readonly ByteSet Space = ByteSet.Of(" \t\r\n");
    private static readonly ByteSet ListBytes = ByteSet.Of("A-Za-z0-9_ ,.\"`[]\t\r\n");

    /// <summary>Adds the literals for the column from <paramref name="nameStart"/> to <paramref name="nameEnd"/>.</summary>
    public static void Find(ReadOnlySpan<byte> bytes, int nameStart, int nameEnd, List<(string Detector, Found Found)> found)
    {
        var from = Math.Max(0, nameStart - LongestList);
        var open = bytes[from..nameStart].LastIndexOf((byte)'(');
        var rest = bytes[nameEnd..Math.Min(bytes.Length, nameEnd + LongestList)];
        var close = rest.IndexOf((byte)')');
        if (open < 0 || close < 0 || !ListBytes.IsAll(bytes[(from + open + 1)..nameStart]) || !ListBytes.IsAll(rest[..close]))
        {
            return;
        }

        var column = bytes[(from + open)..nameStart].Count((byte)',');
        var at = nameEnd + close + 1;
        at += Space.Prefix(bytes[at..]);
        if (bytes.Length - at < 8 || !System.Text.Ascii.EqualsIgnoreCase(bytes.Slice(at, 6), "values"u8))
        {
            return;
        }

        at += 6;
        var kind = NameKinds.Of(bytes[nameStart..nameEnd]);
        for (var row = 0; row < MostRows; row++)
        {
            at += Space.Prefix(bytes[at..]);
            if (at >= bytes.Length || bytes[at] != '(')
            {
                return;
            }

            at = ReadRow(bytes, at + 1, column, out var value);
            if (value is { } place && Tables.Judge(bytes[place], kind) is { } detector)
            {
                found.Add((detector, new Found(place.Start.Value, place.End.Value)));
            }

            at += Space.Prefix(bytes[at..]);
            if (at >= bytes.Length || bytes[at] != ',')
            {
                return;
            }

            at++;
        }
    }

    /// <summary>Goes to the end of the row; <paramref name="value"/> is the literal of the column, where there is one.</summary>
    private static int ReadRow(ReadOnlySpan<byte> bytes, int at, int column, out Range? value)
    {
        value = null;
        var end = Math.Min(bytes.Length, at + LongestRow);
        for (var n = 0; at < end; at++)
        {
            switch (bytes[at])
            {
                case (byte)')':
                    return at + 1;
                case (byte)',':
                    n++;
                    break;
                case (byte)'\'':
                    var length = bytes[(at + 1)..end].IndexOf((byte)'\'');
                    if (length < 0)
                    {
                        return end;
                    }

                    value = n == column ? (at + 1)..(at + 1 + length) : value;
                    at += length + 1;
                    break;
            }
        }

        return end;
    }
}
