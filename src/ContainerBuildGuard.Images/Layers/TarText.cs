using System.Text;

namespace ContainerBuildGuard.Images;

/// <summary>Texts in tar headers.</summary>
internal static class TarText
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>UTF-8; a name that is not stays apart from others as Latin-1.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>A field that ends at its first zero byte.</summary>
    public static string OfField(ReadOnlySpan<byte> field) => Of(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);
}
