using System.Buffers.Text;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>The value of an HTTP <c>Authorization</c> header: a scheme, then the credential.</summary>
internal static class Authorization
{
    private static readonly ByteSet Credential = ByteSet.Of("A-Za-z0-9+/=_.~:-");
    private static readonly ByteSet Between = ByteSet.Of("\"' :=\\,()");

    public static bool Names(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "authorization"u8) || Ascii.EqualsIgnoreCase(name, "bearer"u8);

    /// <summary>A word that stands before a credential in one value: <c>Bearer …</c>.</summary>
    public static bool IsScheme(ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(word, "bearer"u8) || Ascii.EqualsIgnoreCase(word, "token"u8) || Ascii.EqualsIgnoreCase(word, "basic"u8) || Ascii.EqualsIgnoreCase(word, "apikey"u8);

    public static bool TryMatch(ReadOnlySpan<byte> bytes, int nameStart, int nameEnd, out Found found)
    {
        found = default;
        if (!Names(bytes[nameStart..nameEnd]))
        {
            return false;
        }

        var isBearer = bytes[nameStart] is (byte)'b' or (byte)'B';
        var at = isBearer ? nameStart : nameEnd + Between.Prefix(bytes[nameEnd..Math.Min(bytes.Length, nameEnd + 16)]);
        var rest = bytes[at..Math.Min(bytes.Length, at + 1100)];
        var scheme = rest.IndexOf((byte)' ');
        if (scheme is < 4 or > 8)
        {
            return false;
        }

        var start = at + scheme + 1;
        var value = rest[(scheme + 1)..];
        value = value[..Credential.Prefix(value)];
        found = new Found(start, start + value.Length);
        return Ascii.EqualsIgnoreCase(rest[..scheme], "basic"u8) ? IsBasic(value)
            : (Ascii.EqualsIgnoreCase(rest[..scheme], "bearer"u8) || Ascii.EqualsIgnoreCase(rest[..scheme], "token"u8) || Ascii.EqualsIgnoreCase(rest[..scheme], "apikey"u8) || rest.StartsWith("SSWS"u8) || Ascii.EqualsIgnoreCase(rest[..scheme], "key"u8))
                && SecretValues.IsGenerated(value, 16, acceptsGuid: true);
    }

    /// <summary>Base64 of a user and a password that is no placeholder.</summary>
    public static bool IsBasic(ReadOnlySpan<byte> value)
    {
        if (value.Length is < 8 or > 1024 || value.Length % 4 != 0 || !Base64.IsValid(value) || KnownPublicValues.Contain(value))
        {
            return false;
        }

        Span<byte> decoded = stackalloc byte[Base64.GetMaxDecodedFromUtf8Length(value.Length)];
        if (Base64.DecodeFromUtf8(value, decoded, out _, out var length) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        var login = decoded[..length];
        var colon = login.IndexOf((byte)':');
        return colon >= 0 && length - colon > 3 && !login.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E) && !Placeholders.IsPlaceholder(login[(colon + 1)..]);
    }
}
