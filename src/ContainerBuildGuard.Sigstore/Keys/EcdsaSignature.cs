using System.Formats.Asn1;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The two ways that ECDSA signatures are written.</summary>
public static class EcdsaSignature
{
    /// <summary>Both numbers side by side, of equal length (IEEE P1363), as the DER sequence that Sigstore uses (RFC 3279, section 2.2.3).</summary>
    public static byte[] ToDer(ReadOnlySpan<byte> signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(signature[..(signature.Length / 2)].TrimStart((byte)0));
            writer.WriteIntegerUnsigned(signature[(signature.Length / 2)..].TrimStart((byte)0));
        }

        return writer.Encode();
    }
}
