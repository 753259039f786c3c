namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Where a token may begin and end inside other text.</summary>
internal static class Boundary
{
    private static readonly ByteSet WordOrUnderscore = ByteSet.Of("A-Za-z0-9_");
    private static readonly ByteSet Hex = ByteSet.Of("0-9A-Fa-f");

    /// <summary>No word character stands before; the letter of an escape (<c>\n</c>, <c>%3D</c>, <c>\u0022</c>) is none.</summary>
    public static bool IsStart(ReadOnlySpan<byte> bytes, int start)
    {
        if (start == 0 || !WordOrUnderscore.Contains(bytes[start - 1]) || !WordOrUnderscore.Contains(bytes[start]))
        {
            return true;
        }

        return (start >= 2 && bytes[start - 2] == '\\' && bytes[start - 1] is (byte)'n' or (byte)'r' or (byte)'t')
            || (start >= 3 && bytes[start - 3] == '%' && Hex.Contains(bytes[start - 2]) && Hex.Contains(bytes[start - 1]))
            || (start >= 6 && bytes[start - 6] == '\\' && bytes[start - 5] == 'u');
    }

    /// <summary>Neither a word character nor another character of the token's last class follows.</summary>
    public static bool IsEnd(ReadOnlySpan<byte> bytes, int end, ByteSet? last) =>
        end >= bytes.Length || !(WordOrUnderscore.Contains(bytes[end]) || (last is not null && last.Contains(bytes[end]) && bytes[end] != '.'));
}
