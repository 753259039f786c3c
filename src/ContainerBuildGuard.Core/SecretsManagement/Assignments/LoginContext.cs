namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What stands around a password where it is one to log in with: the user, the host.</summary>
internal static class LoginContext
{
    private const int Reach = 200;
    private static readonly ByteSet NameRest = ByteSet.Of("A-Za-z0-9_");
    private static readonly ByteSet Joint = ByteSet.Of("\"'`]) \t");
    private static readonly ByteSet End = ByteSet.Of("\"'`\r\n,;}>");
    private static readonly byte[][] Beginnings = [.. ((string[])["user", "User", "USER", "login", "Login", "LOGIN", "host", "Host", "HOST", "email", "Email", "uid", "UID", "server", "Server", "database", "Database"]).Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>A login stands in the lines before.</summary>
    public static bool NamesUser(ReadOnlySpan<byte> bytes, int nameStart)
    {
        var before = bytes[Math.Max(0, nameStart - 80)..nameStart];
        return before.IndexOf("login:"u8) >= 0 || before.IndexOf("user:"u8) >= 0 || before.IndexOf("username:"u8) >= 0 || before.IndexOf("User:"u8) >= 0;
    }

    /// <summary>A user, a host or an address is set to a literal beside the name, so that the value is what its owner logs in with.</summary>
    public static bool SetsUserBeside(ReadOnlySpan<byte> bytes, int nameStart, int valueEnd) =>
        Sets(bytes[Math.Max(0, nameStart - Reach)..nameStart]) || Sets(bytes[Math.Min(bytes.Length, valueEnd)..Math.Min(bytes.Length, valueEnd + Reach)]);

    private static bool Sets(ReadOnlySpan<byte> around)
    {
        foreach (var beginning in Beginnings)
        {
            for (var at = 0; around[at..].IndexOf(beginning) is >= 0 and var found;)
            {
                at += found + beginning.Length;
                var rest = around[at..];
                rest = rest[NameRest.Prefix(rest)..];
                rest = rest[Joint.Prefix(rest)..];
                if (rest.Length > 2 && rest[0] is (byte)'=' or (byte)':' && rest[1] is not ((byte)'=' or (byte)'>' or (byte)':') && IsLiteral(rest[1..].TrimStart(" \t"u8)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Neither empty, nor a reference, nor a word as a translation writes it.</summary>
    private static bool IsLiteral(ReadOnlySpan<byte> value)
    {
        value = value.TrimStart("\"'`"u8);
        value = value[..(End.IndexIn(value) is >= 0 and var end ? end : value.Length)].Trim(" "u8);
        return value.Length > 1 && value.IndexOf((byte)' ') < 0 && value.IndexOf((byte)'(') < 0 && !Placeholders.IsReference(value) && !ChosenWords.IsCapitalisedWord(value) && !ChosenWords.NamesSomething(value);
    }
}
