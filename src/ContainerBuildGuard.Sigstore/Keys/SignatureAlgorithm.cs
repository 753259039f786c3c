using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The families of signatures in Sigstore.</summary>
public enum SignatureScheme
{
    /// <summary>ECDSA with DER-encoded signatures.</summary>
    Ecdsa,

    /// <summary>RSASSA-PKCS1-v1_5.</summary>
    RsaPkcs1,

    /// <summary>RSASSA-PSS, salt as long as the hash.</summary>
    RsaPss,

    /// <summary>Ed25519 over the message (RFC 8032).</summary>
    Ed25519,

    /// <summary>Ed25519ph over the message's SHA-512 (RFC 8032).</summary>
    Ed25519PreHashed,
}

/// <summary>How a key signs.</summary>
/// <param name="Scheme">The family.</param>
/// <param name="Hash">The hash; for <see cref="SignatureScheme.Ed25519"/> the one inside the scheme.</param>
public sealed record SignatureAlgorithm(SignatureScheme Scheme, HashAlgorithmName Hash)
{
    /// <summary>The name that protobuf-specs gives to this algorithm with a key of <paramref name="keySize"/> bits (<c>PublicKeyDetails</c>).</summary>
    public string KeyDetails(int keySize) => (Scheme, keySize) switch
    {
        (SignatureScheme.Ecdsa, _) => $"PKIX_ECDSA_P{keySize}_SHA_{Hash.Name![3..]}",
        (SignatureScheme.RsaPkcs1, _) => $"PKIX_RSA_PKCS1V15_{keySize}_SHA256",
        (SignatureScheme.RsaPss, _) => $"PKIX_RSA_PSS_{keySize}_SHA256",
        (SignatureScheme.Ed25519PreHashed, _) => "PKIX_ED25519_PH",
        _ => "PKIX_ED25519",
    };

    /// <summary>Refuses a key that cannot sign so: of another kind, but for RSA keys, which sign in both ways.</summary>
    /// <exception cref="KeyException">It cannot.</exception>
    internal SignatureAlgorithm For(VerificationKey key) =>
        Scheme == key.Algorithm.Scheme || (Scheme == SignatureScheme.RsaPss && key.Algorithm.Scheme == SignatureScheme.RsaPkcs1)
            ? this
            : throw new KeyException($"The key is for {key.Algorithm.Scheme} and cannot sign as {Scheme}.");

    /// <summary>The scheme that a <c>PublicKeyDetails</c> name asks for; null where the key alone decides.</summary>
    internal static SignatureScheme? SchemeOf(string? keyDetails) => keyDetails switch
    {
        null => null,
        "PKIX_ED25519_PH" => SignatureScheme.Ed25519PreHashed,
        "PKIX_ED25519" => SignatureScheme.Ed25519,
        _ when keyDetails.Contains("_RSA_PSS", StringComparison.Ordinal) => SignatureScheme.RsaPss,
        _ when keyDetails.Contains("_RSA_PKCS1V", StringComparison.Ordinal) => SignatureScheme.RsaPkcs1,
        _ when keyDetails.Contains("_ECDSA_", StringComparison.Ordinal) => SignatureScheme.Ecdsa,
        _ => throw new SigstoreException(SigstoreError.Unsupported, $"the key algorithm '{keyDetails}' is not one that this client verifies"),
    };
}
