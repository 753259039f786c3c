using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A key, key file or password that cannot be used. The message says why and what to do, and holds no key material.</summary>
public sealed class KeyException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KeyException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>An ECDSA private key that signs (ECDSA with SHA-256, DER-encoded signatures, as the Sigstore ecosystem has it for P-256).</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;

    private SigningKey(ECDsa key) => _key = key;

    /// <summary>The public key, SubjectPublicKeyInfo in PEM.</summary>
    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem() + "\n";

    /// <summary>The key's identity for people and bundle hints: base64 of the SHA-256 of its SubjectPublicKeyInfo.</summary>
    public string KeyId => Convert.ToBase64String(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));

    /// <summary>A new P-256 key.</summary>
    public static SigningKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a private key in PEM: PKCS#8 plain or encrypted, or SEC 1.</summary>
    /// <exception cref="KeyException">Not such a key, or the password is missing or wrong.</exception>
    public static SigningKey Parse(string pem, string? password, string source)
    {
        var key = ECDsa.Create();
        try
        {
            if (pem.Contains("BEGIN ENCRYPTED SIGSTORE PRIVATE KEY", StringComparison.Ordinal) || pem.Contains("BEGIN ENCRYPTED COSIGN PRIVATE KEY", StringComparison.Ordinal))
            {
                throw new KeyException($"The key '{source}' is in cosign's own encrypted format, which is not supported yet: use a PKCS#8 PEM key, or make one with `cbg keys generate`.");
            }

            if (pem.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
            {
                key.ImportFromEncryptedPem(pem, password ?? throw new KeyException($"The key '{source}' is encrypted: set its password in CONTAINERBUILDGUARD_KEY_PASSWORD or COSIGN_PASSWORD."));
            }
            else
            {
                key.ImportFromPem(pem);
                _ = key.ExportParameters(includePrivateParameters: true);
            }

            return key.KeySize is 256 or 384 or 521 ? new SigningKey(key) : throw new KeyException($"The key '{source}' has {key.KeySize} bits: use ECDSA P-256, P-384 or P-521.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new KeyException($"The key '{source}' cannot be read: it is not an ECDSA private key in PEM, or its password is wrong.", e);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The private key as PKCS#8 PEM, encrypted (PBES2: PBKDF2-SHA256 with 600,000 rounds, AES-256-CBC) where there is a password.</summary>
    public string ExportPem(string? password) => (password is null
        ? _key.ExportPkcs8PrivateKeyPem()
        : _key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000))) + "\n";

    /// <summary>Signs <paramref name="data"/>.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();
}
