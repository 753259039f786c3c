using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary><c>cbg:allow-secret CBG4nnn reason</c> in the line of a secret or the line above: what somebody looked at and accepts.</summary>
internal static class InlineAllowance
{
    private const int Reach = 1000;
    private static ReadOnlySpan<byte> Mark => "cbg:allow-secret "u8;

    /// <summary>The reason, where there is an allowance of rule <paramref name="code"/> for what stands at <paramref name="position"/>.</summary>
    public static string? Of(ReadOnlySpan<byte> bytes, int position, string code)
    {
        var start = Math.Max(0, position - Reach);
        var above = bytes[start..position].LastIndexOf((byte)'\n');
        above = above > 0 ? bytes[start..(start + above)].LastIndexOf((byte)'\n') : -1;
        start = above < 0 ? start : start + above + 1;
        var rest = bytes[position..Math.Min(bytes.Length, position + Reach)];
        var end = position + (rest.IndexOf((byte)'\n') is >= 0 and var line ? line : rest.Length);
        var text = bytes[start..end];
        while (text.IndexOf(Mark) is >= 0 and var mark)
        {
            text = text[(mark + Mark.Length)..];
            var words = text[..(text.IndexOf((byte)'\n') is >= 0 and var lineEnd ? lineEnd : text.Length)];
            var reason = Encoding.UTF8.GetString(words).Trim();
            if (reason.StartsWith(code, StringComparison.Ordinal) && reason[code.Length..].Trim(' ', '\t', '\r', '*', '/', '-', '>', '#', '"', ',') is { Length: > 2 } why)
            {
                return why.Length > 200 ? why[..200] : why;
            }
        }

        return null;
    }
}
