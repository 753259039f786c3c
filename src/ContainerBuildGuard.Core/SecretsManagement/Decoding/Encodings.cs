using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Readable text inside text: runs of base64 and hexadecimal, and escapes of URLs, JSON and XML.</summary>
internal static class Encodings
{
    private const int ShortestRun = 40;
    private const int LongestRun = 64 << 10;
    private static readonly ByteSet Base64Run = ByteSet.Of("A-Za-z0-9+/_-");
    private static readonly ByteSet Hex = ByteSet.Of("0-9A-Fa-f");

    /// <summary>Every long run of base64 or hexadecimal: where it begins, and how long it is.</summary>
    public static IEnumerable<(int Start, int Length)> Runs(ReadOnlyMemory<byte> bytes)
    {
        // A run of forty holds one of every fortieth byte.
        for (var at = ShortestRun - 1; at < bytes.Length; at += ShortestRun)
        {
            if (!Base64Run.Contains(bytes.Span[at]))
            {
                continue;
            }

            var start = at - Base64Run.Suffix(bytes.Span[Math.Max(0, at - ShortestRun)..at]);
            var length = Base64Run.Prefix(bytes.Span.Slice(start, Math.Min(LongestRun, bytes.Length - start)));
            if (length >= ShortestRun)
            {
                yield return (start, length);
            }

            at = Math.Max(at, start + length);
        }
    }

    /// <summary>The text with its escapes resolved, line by line as before; null where there are none.</summary>
    public static byte[]? Unescape(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("\\u00"u8) < 0 && text.IndexOf("&amp;"u8) < 0 && text.IndexOf("&quot;"u8) < 0 && text.IndexOf("&#"u8) < 0 && text.IndexOf("%3A"u8) < 0 && text.IndexOf("%3D"u8) < 0 && text.IndexOf("%2B"u8) < 0 && text.IndexOf("%40"u8) < 0 && text.IndexOf("%3a"u8) < 0 && text.IndexOf("%3d"u8) < 0)
        {
            return null;
        }

        var result = new byte[text.Length];
        var (read, written) = (0, 0);
        while (read < text.Length)
        {
            var rest = text[read..];
            var (value, length) = rest[0] switch
            {
                (byte)'\\' when rest.StartsWith("\\u00"u8) && rest.Length >= 6 && IsHex(rest.Slice(4, 2), out var code) => (code, 6),
                (byte)'%' when rest.Length >= 3 && IsHex(rest.Slice(1, 2), out var code) => (code, 3),
                (byte)'&' when rest.StartsWith("&amp;"u8) => ((byte)'&', 5),
                (byte)'&' when rest.StartsWith("&quot;"u8) => ((byte)'"', 6),
                (byte)'&' when rest.StartsWith("&apos;"u8) => ((byte)'\'', 6),
                (byte)'&' when rest.StartsWith("&lt;"u8) => ((byte)'<', 4),
                (byte)'&' when rest.StartsWith("&gt;"u8) => ((byte)'>', 4),
                (byte)'&' when rest.StartsWith("&#x"u8) && rest.Length >= 6 && rest[5] == ';' && IsHex(rest.Slice(3, 2), out var code) => (code, 6),
                _ => (rest[0], 1),
            };

            // A line end that was escaped stays escaped, so that lines keep their numbers.
            result[written++] = length > 1 && value < 0x20 ? (byte)' ' : value;
            read += length;
        }

        return result[..written];
    }

    /// <summary>What a run says, where it decodes to readable text.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> run)
    {
        if (Hex.IsAll(run) && run.Length % 2 == 0)
        {
            var fromHex = Convert.FromHexString(System.Text.Encoding.ASCII.GetString(run));
            return IsReadable(fromHex) ? fromHex : null;
        }

        var text = new byte[run.Length];
        run.CopyTo(text);
        text.AsSpan().Replace((byte)'-', (byte)'+');
        text.AsSpan().Replace((byte)'_', (byte)'/');
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length + 3)];
        var whole = text.Length & ~3;
        if (Base64.DecodeFromUtf8(text.AsSpan(0, whole), decoded, out _, out var count, isFinalBlock: false) == OperationStatus.InvalidData)
        {
            return null;
        }

        // The last two or three characters of a run whose padding stands outside of it.
        if (text.Length - whole >= 2)
        {
            Span<byte> last = [(byte)'A', (byte)'A', (byte)'=', (byte)'='];
            text.AsSpan(whole).CopyTo(last);
            last[(text.Length - whole)..].Fill((byte)'=');
            if (Base64.DecodeFromUtf8(last, decoded.AsSpan(count), out _, out var more) == OperationStatus.Done)
            {
                count += more;
            }
        }

        return IsReadable(decoded.AsSpan(0, count)) ? decoded[..count] : null;
    }

    private static bool IsReadable(ReadOnlySpan<byte> text)
    {
        var odd = 0;
        foreach (var b in text)
        {
            odd += b is (>= 0x20 and < 0x7F) or 9 or 10 or 13 ? 0 : 1;
        }

        return text.Length >= 8 && odd * 50 <= text.Length;
    }

    private static bool IsHex(ReadOnlySpan<byte> digits, out byte value) =>
        byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value < 0x7F;
}
