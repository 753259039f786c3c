using System.Buffers.Binary;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>
/// The older personal access token of Azure DevOps: 32 bytes in base32, four of which are a CRC-32 of the other 28, strewn among them and mixed with a constant.
/// Nothing announces it, and the checksum alone tells it from any other 52 letters.
/// </summary>
internal static class AzureDevOpsToken
{
    public const string Id = "azure-devops-legacy-token";
    public const int Length = 52;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const uint User = 0xE0B9692D;
    private const uint Application = 0x1019F92E;
    private static readonly ByteSet Base32 = ByteSet.Of("a-z2-7");

    /// <summary>Where the bytes of the checksum stand, the lowest first.</summary>
    private static ReadOnlySpan<byte> Places => [22, 8, 7, 2];

    public static bool IsIssued(ReadOnlySpan<byte> text)
    {
        if (text.Length != Length || !Base32.IsAll(text))
        {
            return false;
        }

        var bytes = Decode(text);
        Span<byte> checksum = [bytes[Places[0]], bytes[Places[1]], bytes[Places[2]], bytes[Places[3]]];
        return (BinaryPrimitives.ReadUInt32LittleEndian(checksum) ^ Checksum(bytes)) is User or Application;
    }

    /// <summary>Writes the checksum of a user's token into 32 bytes and returns them in base32: for tests.</summary>
    internal static string Make(byte[] bytes)
    {
        Span<byte> checksum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, Checksum(bytes) ^ User);
        for (var i = 0; i < checksum.Length; i++)
        {
            bytes[Places[i]] = checksum[i];
        }

        return string.Create(Length, bytes, static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                var (place, shift) = Math.DivRem(i * 5, 8);
                var pair = (from[place] << 8) | (place + 1 < from.Length ? from[place + 1] : 0);
                text[i] = Alphabet[(pair >> (11 - shift)) & 31];
            }
        });
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        Span<byte> rest = stackalloc byte[28];
        var count = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (Places.IndexOf((byte)i) < 0)
            {
                rest[count++] = bytes[i];
            }
        }

        return Crc32Tokens.Compute(rest);
    }

    private static byte[] Decode(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[32];
        var (bits, held, written) = (0, 0, 0);
        foreach (var letter in text)
        {
            (bits, held) = (((bits << 5) | Alphabet.IndexOf((char)letter, StringComparison.Ordinal)) & 0xFFF, held + 5);
            if (held >= 8 && written < bytes.Length)
            {
                held -= 8;
                bytes[written++] = (byte)(bits >> held);
            }
        }

        return bytes;
    }
}
