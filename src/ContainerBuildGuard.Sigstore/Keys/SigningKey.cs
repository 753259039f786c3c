using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A private key in this process: ECDSA on P-256, P-384 or P-521, RSA of 2048 bits or more, Ed25519.</summary>
public sealed class SigningKey : ISigner
{
    private readonly IPrivateKey _key;

    internal SigningKey(IPrivateKey key) => (_key, PublicKey) = (key, VerificationKey.FromSubjectPublicKeyInfo(key.SubjectPublicKeyInfo()));

    /// <inheritdoc />
    public VerificationKey PublicKey { get; }

    /// <summary>A new P-256 key.</summary>
    public static SigningKey Generate() => new(new EcdsaPrivateKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    /// <summary>Reads a private key in PEM: cosign's encrypted form, PKCS#8 plain or encrypted, SEC 1, PKCS#1.</summary>
    /// <param name="pem">The key.</param>
    /// <param name="password">Its password; null where there is none.</param>
    /// <param name="source">How to name it in messages.</param>
    /// <exception cref="KeyException">Not such a key, or the password is missing or wrong.</exception>
    public static SigningKey Parse(string pem, string? password, string source) => PrivateKeyReader.ReadPem(pem, password, source);

    /// <summary>Reads the first private key of a PKCS#12 file, and its certificate.</summary>
    /// <exception cref="KeyException">Not such a file, or the password is missing or wrong.</exception>
    public static SigningKey ParsePkcs12(ReadOnlyMemory<byte> pkcs12, string? password, string source) => PrivateKeyReader.ReadPkcs12(pkcs12, password, source);

    /// <summary>The private key of a certificate, wherever the platform keeps it.</summary>
    /// <exception cref="KeyException">It has none that signs.</exception>
    public static SigningKey FromCertificate(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate, string source) => PrivateKeyReader.FromCertificate(certificate, source);

    /// <summary>The private key in PEM: cosign's encrypted form where there is a password, else PKCS#8.</summary>
    public string ExportPem(string? password)
    {
        var pkcs8 = _key.ExportPkcs8();
        try
        {
            return (password is null ? PemEncoding.WriteString("PRIVATE KEY", pkcs8) : CosignKeyFile.Write(pkcs8, password)) + "\n";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <summary>Signs the data; see <see cref="ISigner.SignAsync(ReadOnlyMemory{byte}, CancellationToken)"/>.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => _key.Sign(data, PublicKey.Algorithm);

    /// <summary>Signs the data in another way than the key's usual one: RSA-PSS, another hash.</summary>
    /// <exception cref="KeyException">The key cannot sign so.</exception>
    public byte[] Sign(ReadOnlySpan<byte> data, SignatureAlgorithm algorithm) => _key.Sign(data, algorithm.For(PublicKey));

    /// <inheritdoc />
    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => ValueTask.FromResult(Sign(data.Span));

    /// <inheritdoc />
    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, SignatureAlgorithm algorithm, CancellationToken cancellationToken) => ValueTask.FromResult(Sign(data.Span, algorithm));

    /// <inheritdoc />
    public void Dispose()
    {
        _key.Dispose();
        PublicKey.Dispose();
    }
}
