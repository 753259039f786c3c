using System.Buffers.Binary;

namespace ContainerBuildGuard.Images;

/// <summary>Numbers in tar headers: octal digits, or GNU's base-256.</summary>
internal static class TarNumber
{
    /// <exception cref="InvalidDataException">No number, or one past 64 bits.</exception>
    public static long Parse(ReadOnlySpan<byte> field) => (field[0] & 0x80) != 0 ? Base256(field) : Octal(field);

    /// <summary>Two's complement, most significant byte first; the first byte's top bit is the mark and the next one the sign.</summary>
    private static long Base256(ReadOnlySpan<byte> field)
    {
        Span<byte> wide = stackalloc byte[16];
        var negative = (field[0] & 0x40) != 0;
        wide.Fill(negative ? (byte)0xFF : (byte)0);
        field.CopyTo(wide[(16 - field.Length)..]);
        wide[16 - field.Length] = negative ? field[0] : (byte)(field[0] & 0x7F);
        var value = BinaryPrimitives.ReadInt128BigEndian(wide);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : throw new InvalidDataException("a number in a header is too large");
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        var digits = field.Trim(" \0"u8);
        long number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                throw new InvalidDataException("a number in a header is not octal");
            }

            number = (number << 3) | (long)(digit - '0');
        }

        return number;
    }
}
