using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A public key that verifies: ECDSA on P-256, P-384 or P-521, RSA of 2048 bits or more, Ed25519. Safe for use by several threads.</summary>
public sealed class VerificationKey : IDisposable
{
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string Ed25519Oid = "1.3.101.112";
    private readonly IPublicKey _key;

    private VerificationKey(IPublicKey key, byte[] subjectPublicKeyInfo, int keySize)
    {
        (_key, SubjectPublicKeyInfo, KeySize) = (key, subjectPublicKeyInfo, keySize);
    }

    /// <summary>How signatures by this key are made.</summary>
    public SignatureAlgorithm Algorithm => _key.Algorithm;

    /// <summary>The key's size in bits.</summary>
    public int KeySize { get; }

    /// <summary>The key in DER.</summary>
    public byte[] SubjectPublicKeyInfo { get; }

    /// <summary>The key's identity for people and bundle hints: base64 of the SHA-256 of its SubjectPublicKeyInfo.</summary>
    public string KeyId => Convert.ToBase64String(SHA256.HashData(SubjectPublicKeyInfo));

    /// <summary>The key in PEM, with a line break at its end.</summary>
    public string Pem => PemEncoding.WriteString("PUBLIC KEY", SubjectPublicKeyInfo) + "\n";

    /// <summary>Reads a public key in PEM.</summary>
    /// <exception cref="KeyException">Not a public key of a supported kind.</exception>
    public static VerificationKey Parse(string pem, string source)
    {
        if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] is not ("PUBLIC KEY" or "RSA PUBLIC KEY"))
        {
            throw new KeyException($"'{source}' is not a public key in PEM (BEGIN PUBLIC KEY): name the .pub file.");
        }

        try
        {
            var der = Convert.FromBase64String(pem[fields.Base64Data]);
            return pem[fields.Label] == "RSA PUBLIC KEY" ? FromPkcs1(der) : FromSubjectPublicKeyInfo(der);
        }
        catch (SigstoreException e)
        {
            throw new KeyException($"The key '{source}' cannot be used: {e.Message}.", e);
        }
    }

    /// <summary>Reads a SubjectPublicKeyInfo in DER.</summary>
    /// <param name="der">The key.</param>
    /// <param name="scheme">The scheme where the key alone leaves a choice: RSA-PSS, Ed25519ph.</param>
    /// <exception cref="SigstoreException">Malformed, unsupported or too short.</exception>
    public static VerificationKey FromSubjectPublicKeyInfo(ReadOnlySpan<byte> der, SignatureScheme? scheme = null)
    {
        var bytes = der.ToArray();
        try
        {
            var (algorithm, curve) = Der.AlgorithmOfKey(bytes);
            var (key, size) = algorithm switch
            {
                EcPublicKey => EcdsaPublicKey.Import(bytes, curve),
                RsaEncryption => RsaPublicKey.Import(bytes, scheme == SignatureScheme.RsaPss),
                Ed25519Oid => Ed25519PublicKey.Import(bytes, scheme == SignatureScheme.Ed25519PreHashed),
                var other => throw new SigstoreException(SigstoreError.Unsupported, $"keys of the algorithm {other} are not supported: use ECDSA, RSA or Ed25519"),
            };
            if (scheme is { } wanted && key.Algorithm.Scheme != wanted)
            {
                throw new SigstoreException(SigstoreError.Malformed, $"the key is for {key.Algorithm.Scheme}, not for {wanted} as announced");
            }

            return new VerificationKey(key, bytes, size);
        }
        catch (Exception e) when (e is CryptographicException or System.Formats.Asn1.AsnContentException or PlatformNotSupportedException or ArgumentException)
        {
            throw new SigstoreException(SigstoreError.Malformed, "the public key is not valid SubjectPublicKeyInfo", e);
        }
    }

    /// <summary>Whether <paramref name="signature"/> is this key's over <paramref name="data"/>. A malformed signature is not.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => _key.VerifyData(data, signature, Algorithm.Hash);

    /// <summary>As <see cref="Verify(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> with another hash than the key's own, as older signers used SHA-256 for every key.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash) => _key.VerifyData(data, signature, hash);

    /// <summary>Whether <paramref name="signature"/> is this key's over data with the digest <paramref name="digest"/>; null where such a key cannot tell from a digest.</summary>
    public bool? VerifyDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, HashAlgorithmName hash) => _key.VerifyDigest(digest, signature, hash);

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();

    /// <summary>Reads an RSAPublicKey (PKCS#1) in DER.</summary>
    internal static VerificationKey FromPkcs1(ReadOnlySpan<byte> der, bool pss = false)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportRSAPublicKey(der, out _);
            return FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo(), pss ? SignatureScheme.RsaPss : SignatureScheme.RsaPkcs1);
        }
        catch (CryptographicException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, "the public key is not a valid RSAPublicKey", e);
        }
    }
}
