using System.Numerics;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Checks tokens that end in a CRC-32 of what stands before, as GitHub, npm and others write them.</summary>
internal static class Crc32Tokens
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary><c>ghp_</c> or <c>npm_</c>, thirty characters, the CRC-32 of the thirty in six digits of base 62.</summary>
    public static TokenCheckResult Prefixed(ReadOnlySpan<byte> token)
    {
        var body = token[(token.IndexOf((byte)'_') + 1)..];
        return body.Length == 36 && Matches(Compute(body[..30]), body[30..]) ? TokenCheckResult.Valid : TokenCheckResult.Invalid;
    }

    /// <summary>The six digits of base 62 that close a token over <paramref name="body"/>.</summary>
    public static string Digits(ReadOnlySpan<byte> body)
    {
        Span<char> digits = stackalloc char[6];
        var value = Compute(body);
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            (value, var digit) = Math.DivRem(value, 62u);
            digits[i] = Base62[(int)digit];
        }

        return new string(digits);
    }

    /// <summary>The CRC-32 of zip and Ethernet (polynomial 0xEDB88320, reflected).</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
            }
        }

        return ~crc;
    }

    private static bool Matches(uint crc, ReadOnlySpan<byte> digits)
    {
        BigInteger value = 0;
        foreach (var digit in digits)
        {
            var place = Base62.IndexOf((char)digit, StringComparison.Ordinal);
            if (place < 0)
            {
                return false;
            }

            value = (value * 62) + place;
        }

        return value == crc;
    }
}
