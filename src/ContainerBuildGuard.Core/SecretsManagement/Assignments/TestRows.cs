namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Values that a test's attributes hand to a parameter that is named like a password: <c>[TestCase("user", "…")] void Logs_in(string user, string password)</c>.</summary>
internal static class TestRows
{
    private const int Reach = 1500;
    private const int MostParameters = 8;
    private static readonly ByteSet Header = ByteSet.Of("A-Za-z0-9_<>?, \t\r\n[]=");
    private static readonly byte[][] Rows = [.. ((string[])["TestCase(", "InlineData(", "DataRow(", "Arguments("]).Select(System.Text.Encoding.ASCII.GetBytes)];
    private static readonly string[] Users = ["user", "username", "login", "email", "mail", "account"];

    /// <summary>Adds the literals for the parameter from <paramref name="nameStart"/> to <paramref name="nameEnd"/>. Only beside a user: without one the rows try out a policy for passwords.</summary>
    public static void Find(ReadOnlySpan<byte> bytes, int nameStart, int nameEnd, List<(string Detector, Found Found)> found)
    {
        if (nameEnd >= bytes.Length || nameStart == 0 || bytes[nameEnd] is not ((byte)',' or (byte)')') || bytes[nameStart - 1] != ' ')
        {
            return;
        }

        var from = Math.Max(0, nameStart - 300);
        var open = bytes[from..nameStart].LastIndexOf((byte)'(');
        if (open < 0 || !Header.IsAll(bytes[(from + open + 1)..nameStart]) || NameKinds.Of(bytes[nameStart..nameEnd]) is not NameKind.Password)
        {
            return;
        }

        open += from;
        var place = bytes[open..nameStart].Count((byte)',');
        var others = bytes[open..nameStart];
        if (place is 0 or >= MostParameters || !SecretNames.Split(others).Exists(Users.Contains))
        {
            return;
        }

        from = Math.Max(0, open - Reach);
        var attributes = bytes[from..open];
        attributes = attributes[(attributes.LastIndexOfAny("};"u8) + 1)..];
        Span<Range> literals = stackalloc Range[MostParameters];
        foreach (var row in Rows)
        {
            for (var at = 0; attributes[at..].IndexOf(row) is >= 0 and var next;)
            {
                at += next + row.Length;
                var start = open - attributes.Length + at;
                if (CallArguments.Read(bytes, start, literals) > place && Tables.Judge(bytes[literals[place]], NameKind.Password) is { } detector)
                {
                    found.Add((detector, new Found(literals[place].Start.Value, literals[place].End.Value)));
                }
            }
        }
    }
}
