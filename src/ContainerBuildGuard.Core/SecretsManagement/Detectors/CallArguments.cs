namespace ContainerBuildGuard.SecretsManagement;

/// <summary>The arguments of a call by their place, as far as they are nothing but a literal.</summary>
internal static class CallArguments
{
    private const int LongestCall = 500;
    private static readonly ByteSet Space = ByteSet.Of(" \t\r\n");
    private static readonly ByteSet LiteralPrefix = ByteSet.Of("@$bruBRU");

    /// <summary>Reads from behind the opening parenthesis; an argument that is no literal gets an empty range. Returns how many there are.</summary>
    public static int Read(ReadOnlySpan<byte> bytes, int start, Span<Range> literals)
    {
        var end = Math.Min(bytes.Length, start + LongestCall);
        var (depth, argument, first) = (0, 0, start);
        literals.Clear();
        for (var at = start; at < end; at++)
        {
            switch (bytes[at])
            {
                case (byte)'"' or (byte)'\'':
                    var close = Close(bytes[..end], at);
                    if (close < 0)
                    {
                        return 0;
                    }

                    if (depth == 0 && IsBegin(bytes[first..at]) && IsEnd(bytes[(close + 1)..end]))
                    {
                        literals[argument] = (at + 1)..close;
                    }

                    at = close;
                    break;
                case (byte)'(' or (byte)'[' or (byte)'{':
                    depth++;
                    break;
                case (byte)')' or (byte)']' or (byte)'}' when depth-- == 0:
                case (byte)';' when depth == 0:
                    return argument + 1;
                case (byte)',' when depth == 0:
                    first = at + 1;
                    if (++argument == literals.Length)
                    {
                        return argument;
                    }

                    break;
            }
        }

        return 0;
    }

    private static int Close(ReadOnlySpan<byte> bytes, int open)
    {
        for (var at = open + 1; at < bytes.Length && bytes[at] is not ((byte)'\n' or (byte)'\r'); at++)
        {
            if (bytes[at] == '\\')
            {
                at++;
            }
            else if (bytes[at] == bytes[open])
            {
                return at;
            }
        }

        return -1;
    }

    private static bool IsBegin(ReadOnlySpan<byte> before) => before[Space.Prefix(before)..] is var rest && (rest.Length < 3 && LiteralPrefix.IsAll(rest));

    private static bool IsEnd(ReadOnlySpan<byte> after) => after[Space.Prefix(after)..] is [(byte)',' or (byte)')' or (byte)']', ..];
}
