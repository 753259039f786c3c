using System.Buffers;
using System.Buffers.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Private keys in PEM armour: every DER kind, OpenSSH, OpenPGP. The armour alone is none: the body must decode to a key.</summary>
internal static class PemMatcher
{
    private const int LongestBody = 16 << 10;
    private const int LeastBody = 64;

    // Bits a character: keys in base64 have more than five, fillers hardly any.
    private const double LeastEntropy = 3.8;

    public static bool Match(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var label = bytes[(hit + keywordLength)..Math.Min(bytes.Length, hit + keywordLength + 64)];
        var dashes = label.IndexOf("-----"u8);
        if (dashes < 0 || label[..dashes].IndexOf("PRIVATE KEY"u8) < 0)
        {
            return false;
        }

        label = label[..dashes];
        var start = hit + keywordLength + dashes + 5;
        if (bytes[start..Math.Min(bytes.Length, start + 400)] is var next && (next.Length < LeastBody || next.IndexOf("-----"u8) is >= 0 and < LeastBody))
        {
            return false;
        }

        var (body, end, isEncrypted) = ReadBody(bytes[start..Math.Min(bytes.Length, start + LongestBody)]);
        if (body.Length < LeastBody || Randomness.Entropy(body) < LeastEntropy)
        {
            return false;
        }

        isEncrypted |= label.IndexOf("ENCRYPTED"u8) >= 0;
        var isKey = IsKey(label, body, ref isEncrypted);
        if (!isKey && file.IsBinary)
        {
            return false;
        }

        found = new Found(hit, start + end, isEncrypted ? Severity.Medium : null, isEncrypted ? "it is encrypted" : null) { Doubtful = !isKey };
        return true;
    }

    /// <summary>The base64 between the markers, without line ends, quotes, escapes, concatenation and headers.</summary>
    private static (byte[] Body, int End, bool IsEncrypted) ReadBody(ReadOnlySpan<byte> text)
    {
        var body = new ArrayBufferWriter<byte>(2048);
        var isEncrypted = false;
        var i = 0;
        while (i < text.Length)
        {
            var run = ByteSet.Base64.Prefix(text[i..]);
            if (run > 0 && i + run < text.Length && text[i + run] is (byte)':' or (byte)'-' && body.WrittenCount < 32)
            {
                // A header: Proc-Type: 4,ENCRYPTED and the like.
                var line = text[i..].IndexOfAny((byte)'\n', (byte)'\\');
                if (line < 0)
                {
                    break;
                }

                isEncrypted |= text.Slice(i, line).IndexOf("ENCRYPTED"u8) >= 0;
                body.ResetWrittenCount();
                i += line;
                continue;
            }

            body.Write(text.Slice(i, run));
            i += run;
            if (i >= text.Length || text[i] == '-')
            {
                break;
            }

            if (text[i] == '\\')
            {
                i += 2;
            }
            else if (text[i] is (byte)'\n' or (byte)'\r' or (byte)' ' or (byte)'\t' or (byte)'=' or (byte)'"' or (byte)'\'' or (byte)',' or (byte)'|' or (byte)'.' or (byte)'&' or (byte)'#' or (byte)';' or (byte)'_' or (byte)'*' or (byte)'%')
            {
                i++;
            }
            else
            {
                break;
            }
        }

        return (body.WrittenSpan.ToArray(), Math.Min(i, text.Length), isEncrypted);
    }

    private static bool IsKey(ReadOnlySpan<byte> label, byte[] body, ref bool isEncrypted)
    {
        var length = body.Length & ~3;
        Span<byte> decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(length)];
        if (Base64.DecodeFromUtf8(body.AsSpan(0, length), decoded, out _, out var count, isFinalBlock: false) is not (OperationStatus.Done or OperationStatus.NeedMoreData) || count < 24)
        {
            return false;
        }

        decoded = decoded[..count];
        if (label.IndexOf("OPENSSH"u8) >= 0)
        {
            // After the magic a length, then the cipher's name.
            isEncrypted |= decoded.Length > 24 && !decoded[19..].StartsWith("none"u8);
            return decoded.StartsWith("openssh-key-v1\0"u8);
        }

        if (label.IndexOf("PGP"u8) >= 0)
        {
            // A packet header: old format 100101xx, new format 11000101: secret key.
            return (decoded[0] & 0xFC) == 0x94 || decoded[0] == 0xC5;
        }

        // An encrypted traditional key is not DER; any other is one sequence that fills the body.
        return isEncrypted || (decoded[0] == 0x30 && DerLength(decoded) is var total && total > 24 && total <= count + 3 && total >= count - 3);
    }

    private static int DerLength(ReadOnlySpan<byte> der) => der[1] switch
    {
        < 0x80 => der[1] + 2,
        0x81 => der[2] + 3,
        0x82 => ((der[2] << 8) | der[3]) + 4,
        _ => 0,
    };

    /// <summary>A PEM key that was itself encoded in base64, as Kubernetes secrets and build variables hold it.</summary>
    public static bool MatchEncoded(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var text = bytes[hit..Math.Min(bytes.Length, hit + LongestBody)];
        var run = ByteSet.Base64.Prefix(text) & ~3;
        Span<byte> decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(run)];
        if (Base64.DecodeFromUtf8(text[..run], decoded, out _, out var count, isFinalBlock: false) == OperationStatus.InvalidData
            || !decoded[..count].StartsWith("-----BEGIN "u8) || !Match(decoded[..count], 0, "-----BEGIN "u8.Length, file, out var inner))
        {
            return false;
        }

        found = inner with { Start = hit, End = hit + run };
        return true;
    }
}
