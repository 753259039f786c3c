using System.Buffers.Binary;
using System.Buffers.Text;
using System.Numerics;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>
/// Azure's identifiable keys carry a signature in the middle and end in a Marvin-32 checksum of what stands before, keyed by the service. A key
/// that passes was made by Azure, whatever it looks like; one that fails was not.
/// </summary>
internal static class AzureIdentifiableKey
{
    public static TokenCheck Seeded(params string[] seeds) => token => Check(token, seeds);

    private static TokenCheckResult Check(ReadOnlySpan<byte> token, string[] seeds)
    {
        Span<byte> text = stackalloc byte[token.Length + 3];
        token.CopyTo(text);
        text = text[..token.Length];
        text.Replace((byte)'-', (byte)'+');
        text.Replace((byte)'_', (byte)'/');
        Span<byte> decoded = stackalloc byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, decoded, out _, out var length) != System.Buffers.OperationStatus.Done || length < 24)
        {
            return TokenCheckResult.Invalid;
        }

        var expected = BinaryPrimitives.ReadUInt32LittleEndian(decoded[(length - 4)..length]);
        foreach (var seed in seeds)
        {
            if (Marvin32(decoded[..(length - 4)], BinaryPrimitives.ReadUInt64BigEndian(Encoding.ASCII.GetBytes(seed))) == expected)
            {
                return TokenCheckResult.Valid;
            }
        }

        return TokenCheckResult.Invalid;
    }

    internal static uint Marvin32(ReadOnlySpan<byte> data, ulong seed)
    {
        var (p0, p1) = ((uint)seed, (uint)(seed >> 32));
        for (; data.Length >= 4; data = data[4..])
        {
            p0 += BinaryPrimitives.ReadUInt32LittleEndian(data);
            Round(ref p0, ref p1);
        }

        Span<byte> tail = stackalloc byte[4];
        data.CopyTo(tail);
        tail[data.Length] = 0x80;
        p0 += BinaryPrimitives.ReadUInt32LittleEndian(tail);
        Round(ref p0, ref p1);
        Round(ref p0, ref p1);
        return p0 ^ p1;
    }

    private static void Round(ref uint p0, ref uint p1)
    {
        p1 ^= p0;
        p0 = BitOperations.RotateLeft(p0, 20) + p1;
        p1 = BitOperations.RotateLeft(p1, 9) ^ p0;
        p0 = BitOperations.RotateLeft(p0, 27) + p1;
        p1 = BitOperations.RotateLeft(p1, 19);
    }
}
