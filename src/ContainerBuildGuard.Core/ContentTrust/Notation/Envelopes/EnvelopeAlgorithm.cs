using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A signature algorithm (Notary Project signature specification, "Signature Algorithm Requirements"). The key alone decides which: a header that names another is refused.</summary>
/// <param name="Name">The name in JWS (RFC 7518, section 3.1).</param>
/// <param name="CoseId">The number in COSE (RFC 9053).</param>
/// <param name="Scheme">RSA-PSS or ECDSA.</param>
/// <param name="Hash">The hash.</param>
/// <param name="KeySize">The size in bits of the keys that sign so.</param>
/// <param name="Curve">The curve's object identifier; empty for RSA.</param>
internal sealed record EnvelopeAlgorithm(string Name, int CoseId, SignatureScheme Scheme, HashAlgorithmName Hash, int KeySize, string Curve)
{
    public static ImmutableArray<EnvelopeAlgorithm> All { get; } =
    [
        new("PS256", -37, SignatureScheme.RsaPss, HashAlgorithmName.SHA256, 2048, ""),
        new("PS384", -38, SignatureScheme.RsaPss, HashAlgorithmName.SHA384, 3072, ""),
        new("PS512", -39, SignatureScheme.RsaPss, HashAlgorithmName.SHA512, 4096, ""),
        new("ES256", -7, SignatureScheme.Ecdsa, HashAlgorithmName.SHA256, 256, "1.2.840.10045.3.1.7"),
        new("ES384", -35, SignatureScheme.Ecdsa, HashAlgorithmName.SHA384, 384, "1.3.132.0.34"),
        new("ES512", -36, SignatureScheme.Ecdsa, HashAlgorithmName.SHA512, 521, "1.3.132.0.35"),
    ];

    /// <summary>The algorithm of a certificate's key.</summary>
    /// <exception cref="NotationException">A kind or size of key that may not sign.</exception>
    public static EnvelopeAlgorithm Of(X509Certificate2 certificate)
    {
        try
        {
            using var rsa = certificate.GetRSAPublicKey();
            using var ecdsa = rsa is null ? certificate.GetECDsaPublicKey() : null;
            var curve = ecdsa?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value ?? "";
            return All.FirstOrDefault(a => rsa is not null ? a.Scheme == SignatureScheme.RsaPss && a.KeySize == rsa.KeySize : a.Scheme == SignatureScheme.Ecdsa && a.Curve == curve)
                ?? throw new NotationException($"the signing key is none of RSA with 2048, 3072 or 4096 bits and ECDSA on P-256, P-384 or P-521");
        }
        catch (CryptographicException e)
        {
            throw new NotationException("the signing certificate's key cannot be read", e);
        }
    }

    /// <summary>Whether the certificate's key made the signature; ECDSA's is R and S side by side.</summary>
    public bool Verify(X509Certificate2 certificate, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var rsa = certificate.GetRSAPublicKey();
        using var ecdsa = certificate.GetECDsaPublicKey();
        return Scheme == SignatureScheme.RsaPss
            ? rsa?.VerifyData(data, signature, Hash, RSASignaturePadding.Pss) == true
            : signature.Length == 2 * FieldBytes && ecdsa?.VerifyData(data, signature, Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) == true;
    }

    /// <summary>Signs as this algorithm does.</summary>
    /// <exception cref="KeyException">The key's holder refused, or signs otherwise.</exception>
    public async ValueTask<byte[]> SignAsync(ISigner signer, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await signer.SignAsync(data, new SignatureAlgorithm(Scheme, Hash), cancellationToken) is var signature && Scheme == SignatureScheme.Ecdsa ? SideBySide(signature) : signature;

    private int FieldBytes => (KeySize + 7) / 8;

    private byte[] SideBySide(byte[] der)
    {
        var sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var both = new byte[2 * FieldBytes];
        for (var i = 1; i <= 2; i++)
        {
            var number = sequence.ReadInteger().ToByteArray(isUnsigned: true, isBigEndian: true);
            (number.Length <= FieldBytes ? number : throw new KeyException($"The key's holder answers with a signature that is none of {Name}.")).CopyTo(both, (i * FieldBytes) - number.Length);
        }

        return both;
    }
}
