using System.Formats.Asn1;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Small readings of DER structures that the BCL does not give out.</summary>
internal static class Der
{
    /// <summary>The algorithm of a SubjectPublicKeyInfo, and its curve where it is an elliptic curve's by name.</summary>
    /// <exception cref="AsnContentException">Not DER, or something follows it.</exception>
    public static (string Algorithm, string? Curve) AlgorithmOfKey(ReadOnlyMemory<byte> subjectPublicKeyInfo)
    {
        var reader = new AsnReader(subjectPublicKeyInfo, AsnEncodingRules.DER);
        var key = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var algorithm = key.ReadSequence();
        var name = algorithm.ReadObjectIdentifier();
        return (name, algorithm.HasData && algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier) ? algorithm.ReadObjectIdentifier() : null);
    }

    /// <summary>The SubjectPublicKeyInfo of a certificate, as it stands there: to make the platform's objects of it takes several times as long.</summary>
    /// <exception cref="AsnContentException">Not a certificate in DER.</exception>
    public static ReadOnlyMemory<byte> KeyOf(ReadOnlyMemory<byte> certificate)
    {
        var tbs = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        if (tbs.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
        {
            _ = tbs.ReadEncodedValue();
        }

        // Serial number, signature algorithm, issuer, validity and subject stand before it (RFC 5280, section 4.1).
        for (var i = 0; i < 5; i++)
        {
            _ = tbs.ReadEncodedValue();
        }

        return tbs.ReadEncodedValue();
    }

    /// <summary>The key bits of a SubjectPublicKeyInfo.</summary>
    public static byte[] KeyBits(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var key = new AsnReader(subjectPublicKeyInfo.ToArray(), AsnEncodingRules.DER).ReadSequence();
        _ = key.ReadSequence();
        return key.ReadBitString(out _);
    }

    /// <summary>Whether the bytes are strictly a DER sequence of two integers: some platforms' verifiers take looser encodings.</summary>
    public static bool IsEcdsaSignature(ReadOnlySpan<byte> signature)
    {
        try
        {
            if (AsnDecoder.TryReadEncodedValue(signature, AsnEncodingRules.DER, out var tag, out var offset, out var length, out var read)
                && tag == Asn1Tag.Sequence && read == signature.Length)
            {
                var body = signature.Slice(offset, length);
                _ = AsnDecoder.ReadIntegerBytes(body, AsnEncodingRules.DER, out var first);
                _ = AsnDecoder.ReadIntegerBytes(body[first..], AsnEncodingRules.DER, out var second);
                return first + second == body.Length;
            }
        }
        catch (AsnContentException)
        {
        }

        return false;
    }

    /// <summary>A whole UTF8String, as Fulcio's newer extensions hold; null where the bytes are something else.</summary>
    public static string? Utf8String(ReadOnlyMemory<byte> der)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            var text = reader.ReadCharacterString(UniversalTagNumber.UTF8String);
            return reader.HasData ? null : text;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
