using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>What an authority signed, its algorithm and its signature: the outer form of certificates (RFC 5280, section 4.1), revocation lists (5.1) and OCSP responses (RFC 6960, section 4.2.1).</summary>
/// <param name="ToBeSigned">What the signature covers (DER).</param>
/// <param name="Algorithm">The signature algorithm's object identifier.</param>
/// <param name="Signature">The signature.</param>
/// <param name="AlgorithmIdentifier">The algorithm identifier (DER); where the content repeats it, the two must be equal.</param>
public sealed record SignedBytes(ReadOnlyMemory<byte> ToBeSigned, string Algorithm, byte[] Signature, ReadOnlyMemory<byte> AlgorithmIdentifier)
{
    /// <summary>The parts of a certificate.</summary>
    /// <exception cref="AsnContentException">Not DER, or the two algorithms differ.</exception>
    public static SignedBytes Of(X509Certificate2 certificate)
    {
        var outer = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER);
        var sequence = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var signed = Read(sequence);
        sequence.ThrowIfNotEmpty();

        // The algorithm stands twice, and only the inner one is signed.
        var tbs = new AsnReader(signed.ToBeSigned, AsnEncodingRules.DER).ReadSequence();
        if (tbs.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
        {
            _ = tbs.ReadEncodedValue();
        }

        _ = tbs.ReadIntegerBytes();
        return tbs.ReadEncodedValue().Span.SequenceEqual(signed.AlgorithmIdentifier.Span)
            ? signed
            : throw new AsnContentException("The certificate names two signature algorithms.");
    }

    /// <summary>Reads content, algorithm and signature from the start of a sequence; what follows is the caller's.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static SignedBytes Read(AsnReader sequence)
    {
        var toBeSigned = sequence.ReadEncodedValue();
        var algorithm = sequence.ReadEncodedValue();
        var signature = sequence.ReadBitString(out var unused);
        return unused == 0
            ? new SignedBytes(toBeSigned, CmsAlgorithms.Read(new AsnReader(algorithm, AsnEncodingRules.DER).ReadSequence()), signature, algorithm)
            : throw new AsnContentException("The signature has unused bits.");
    }

    /// <summary>Whether this key signed. RSA in PKCS#1 and ECDSA, over SHA-256, SHA-384 or SHA-512; everything else, SHA-1 too, is not.</summary>
    public bool IsBy(VerificationKey key) =>
        CmsAlgorithms.SignatureHash(Algorithm) is { } hash
        && CmsAlgorithms.Scheme(Algorithm) == key.Algorithm.Scheme
        && key.Verify(ToBeSigned.Span, Signature, hash);

    /// <summary>Whether this certificate's key signed; RSA-PSS too, with equal hashes and a salt as long as the hash.</summary>
    /// <exception cref="SigstoreException">The certificate's key is of an unknown kind.</exception>
    public bool IsBy(X509Certificate2 certificate)
    {
        var hash = CmsAlgorithms.SignatureHash(Algorithm) ?? CmsAlgorithms.PssHash(AlgorithmIdentifier);
        if (hash is null)
        {
            return false;
        }

        using var key = VerificationKey.FromSubjectPublicKeyInfo(Der.KeyOf(certificate.RawDataMemory).Span, CmsAlgorithms.Scheme(Algorithm) is var scheme && scheme == SignatureScheme.RsaPss ? scheme : null);
        return key.Algorithm.Scheme == scheme && key.Verify(ToBeSigned.Span, Signature, hash.Value);
    }
}
