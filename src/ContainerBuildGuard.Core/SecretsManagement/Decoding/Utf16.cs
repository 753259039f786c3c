using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>UTF-16: whole files of it, and the strings in assemblies (the user string heap), resources and native images.</summary>
internal static class Utf16
{
    private const int ShortestString = 6;

    /// <summary>A byte order mark, or a zero in every other place from the start.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes, out bool isBigEndian)
    {
        isBigEndian = bytes is [0xFE, 0xFF, ..] or [0, not 0, 0, not 0, 0, not 0, ..];
        if (bytes.Length < 8)
        {
            return false;
        }

        if (bytes is [0xFF, 0xFE, not 0, ..] or [0xFE, 0xFF, ..])
        {
            return true;
        }

        var head = bytes[..Math.Min(bytes.Length & ~1, 64)];
        for (var i = 0; i < head.Length; i += 2)
        {
            var (high, low) = isBigEndian ? (head[i], head[i + 1]) : (head[i + 1], head[i]);
            if (low is < 9 or >= 0x7F || high != 0)
            {
                return false;
            }
        }

        return true;
    }

    public static byte[] ToUtf8(ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        var encoding = isBigEndian ? Encoding.BigEndianUnicode : Encoding.Unicode;
        return Encoding.Latin1.GetBytes(encoding.GetString(bytes[..(bytes.Length & ~1)]));
    }

    /// <summary>The strings of printable ASCII in UTF-16 (little endian, at any alignment) that are not very short, one a line.</summary>
    public static byte[] Strings(ReadOnlySpan<byte> bytes)
    {
        var result = new ArrayBufferWriter<byte>(1024);
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var i = 0;
        while (i + 34 <= bytes.Length)
        {
            // Candidates: a byte that is not zero before one that is, twice over.
            var zero = Vector256.Equals(Vector256.LoadUnsafe(ref start, (nuint)i), Vector256<byte>.Zero).ExtractMostSignificantBits();
            var pairs = ~zero & (zero >> 1);
            var candidates = pairs & (pairs >> 2) & (pairs >> 4);
            if (candidates == 0)
            {
                i += 26;
                continue;
            }

            var from = i + BitOperations.TrailingZeroCount(candidates);
            var length = Length(bytes[from..]);
            if (length >= ShortestString)
            {
                var target = result.GetSpan(length + 1);
                for (var c = 0; c < length; c++)
                {
                    target[c] = bytes[from + (2 * c)];
                }

                target[length] = (byte)'\n';
                result.Advance(length + 1);
            }

            i = from + Math.Max(1, 2 * length);
        }

        return result.WrittenSpan.ToArray();
    }

    private static int Length(ReadOnlySpan<byte> bytes)
    {
        var length = 0;
        while ((2 * length) + 1 < bytes.Length && bytes[(2 * length) + 1] == 0 && bytes[2 * length] is (>= 0x20 and < 0x7F) or 9 or 10 or 13)
        {
            length++;
        }

        return length;
    }
}
