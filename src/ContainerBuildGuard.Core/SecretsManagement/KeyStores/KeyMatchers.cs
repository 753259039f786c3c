using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Private keys in other clothes than PEM.</summary>
internal static class KeyMatchers
{
    private const int Reach = 6000;
    private const string Bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static readonly ByteSet Base64Any = ByteSet.Of("A-Za-z0-9+/_-");

    /// <summary>PuTTY's format: the private lines must be there.</summary>
    public static bool Putty(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        var text = bytes[hit..Math.Min(bytes.Length, hit + Reach)];
        var lines = text.IndexOf("Private-Lines:"u8);
        var isEncrypted = text.IndexOf("Encryption: none"u8) < 0;
        found = new Found(hit, hit + Math.Max(lines, 0), isEncrypted ? Severity.Medium : null, isEncrypted ? "it is encrypted" : null);
        return lines > 0 && text.Length - lines > 60;
    }

    /// <summary>A JSON Web Key with its private part.</summary>
    public static bool JsonWebKey(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = Math.Max(0, hit - Reach);
        start = bytes[start..hit].LastIndexOf((byte)'{') is >= 0 and var open ? start + open : hit;
        var end = bytes[hit..Math.Min(bytes.Length, hit + Reach)].IndexOf((byte)'}') is >= 0 and var close ? hit + close : Math.Min(bytes.Length, hit + Reach);
        var key = bytes[start..end];
        var member = key.IndexOf("\"oct\""u8) >= 0 ? key.IndexOf("\"k\""u8) : key.IndexOf("\"d\""u8);
        if (member < 0)
        {
            return false;
        }

        var value = key[(member + 3)..];
        var quote = value.IndexOf((byte)'"');
        if (quote is < 0 or > 8)
        {
            return false;
        }

        value = value[(quote + 1)..];
        var length = Base64Any.Prefix(value);
        found = new Found(start + member + 3 + quote + 1, start + member + 3 + quote + 1 + length);
        return length >= 20 && !Placeholders.IsFiller(value[..length]) && Randomness.Entropy(value[..length]) > 3;
    }

    /// <summary>.NET's XML form of an RSA key with its private exponent.</summary>
    public static bool RsaXml(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var text = bytes[hit..Math.Min(bytes.Length, hit + Reach)];
        var exponent = text.IndexOf("<D>"u8);
        if (exponent < 0 || (text.IndexOf("</RSAKeyValue>"u8) is >= 0 and var close && close < exponent))
        {
            return false;
        }

        var value = text[(exponent + 3)..];
        var length = ByteSet.Base64.Prefix(value);
        found = new Found(hit, hit + exponent + 3 + length);
        return length >= 40;
    }

    /// <summary>An element <c>&lt;value&gt;</c> with base64 inside <c>&lt;masterKey&gt;</c>; an encrypted key ring has none.</summary>
    public static bool DataProtection(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var text = bytes[hit..Math.Min(bytes.Length, hit + 1500)];
        var value = text.IndexOf("<value>"u8);
        if (value < 0)
        {
            return false;
        }

        var length = ByteSet.Base64.Prefix(text[(value + 7)..]);
        found = new Found(hit + value + 7, hit + value + 7 + length);
        return length >= 40;
    }

    /// <summary>The checksum of an age identity (BIP-173).</summary>
    public static TokenCheckResult AgeIdentity(ReadOnlySpan<byte> token)
    {
        var text = Encoding.ASCII.GetString(token).ToLowerInvariant();
        var separator = text.LastIndexOf('1');
        var sum = 1u;
        foreach (var c in text[..separator])
        {
            sum = Step(sum, (uint)c >> 5);
        }

        sum = Step(sum, 0);
        foreach (var c in text[..separator])
        {
            sum = Step(sum, (uint)c & 31);
        }

        foreach (var c in text[(separator + 1)..])
        {
            var value = Bech32.IndexOf(c, StringComparison.Ordinal);
            if (value < 0)
            {
                return TokenCheckResult.Invalid;
            }

            sum = Step(sum, (uint)value);
        }

        return sum == 1 ? TokenCheckResult.Valid : TokenCheckResult.Invalid;
    }

    private static uint Step(uint sum, uint value)
    {
        ReadOnlySpan<uint> generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
        var top = sum >> 25;
        sum = ((sum & 0x1ffffff) << 5) ^ value;
        for (var i = 0; i < generator.Length; i++)
        {
            sum ^= ((top >> i) & 1) != 0 ? generator[i] : 0;
        }

        return sum;
    }
}
