using System.Buffers.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Base64 with one spelling for each content: no white space, no bits left over, padding whole or absent. The BCL's decoders are more lenient.</summary>
internal static class Base64
{
    public static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = [];
        var body = text.AsSpan().TrimEnd('=');
        if ((text.Length != body.Length && text.Length % 4 != 0) || text.Length - body.Length > 2 || body.Length % 4 == 1)
        {
            return false;
        }

        var url = body.ContainsAny('-', '_');
        if (url && body.ContainsAny('+', '/'))
        {
            return false;
        }

        foreach (var c in body)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '-' or '_'))
            {
                return false;
            }
        }

        var standard = url ? body.ToString().Replace('-', '+').Replace('_', '/') : body.ToString();
        bytes = Convert.FromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='));

        // The last character of a short group carries two or four bits that decoding drops.
        return standard.Length % 4 == 0 || Convert.ToBase64String(bytes).AsSpan().TrimEnd('=').SequenceEqual(standard);
    }

    /// <summary>Base64url without padding (RFC 7515, section 2).</summary>
    public static string Url(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
