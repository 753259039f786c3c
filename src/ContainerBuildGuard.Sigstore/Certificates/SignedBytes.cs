using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A certificate's signature and what it covers (RFC 5280, section 4.1).</summary>
internal sealed record SignedBytes(ReadOnlyMemory<byte> ToBeSigned, string Algorithm, byte[] Signature)
{
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static SignedBytes Of(X509Certificate2 certificate)
    {
        var reader = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER);
        var sequence = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var toBeSigned = sequence.ReadEncodedValue();
        var outer = sequence.ReadEncodedValue();
        var signature = sequence.ReadBitString(out var unused);
        sequence.ThrowIfNotEmpty();

        // The algorithm stands twice, and only the inner one is signed.
        var tbs = new AsnReader(toBeSigned, AsnEncodingRules.DER).ReadSequence();
        if (tbs.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
        {
            _ = tbs.ReadEncodedValue();
        }

        _ = tbs.ReadIntegerBytes();
        return unused == 0 && tbs.ReadEncodedValue().Span.SequenceEqual(outer.Span)
            ? new SignedBytes(toBeSigned, CmsAlgorithms.Read(new AsnReader(outer, AsnEncodingRules.DER).ReadSequence()), signature)
            : throw new AsnContentException("The certificate names two signature algorithms.");
    }

    /// <summary>Whether this key signed.</summary>
    public bool IsBy(VerificationKey key) =>
        CmsAlgorithms.SignatureHash(Algorithm) is { } hash
        && CmsAlgorithms.Scheme(Algorithm) == key.Algorithm.Scheme
        && key.Verify(ToBeSigned.Span, Signature, hash);
}
