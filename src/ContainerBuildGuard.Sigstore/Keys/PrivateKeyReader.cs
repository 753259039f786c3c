using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Reads private keys in the forms they are kept in.</summary>
internal static class PrivateKeyReader
{
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string Ed25519Oid = "1.3.101.112";

    public static SigningKey ReadPem(string pem, string? password, string source) => Guarded(source, () =>
    {
        if (!PemEncoding.TryFind(pem, out var fields))
        {
            throw new KeyException($"The key '{source}' is not in PEM (BEGIN … PRIVATE KEY).");
        }

        var der = new byte[fields.DecodedDataLength];
        try
        {
            _ = Convert.TryFromBase64Chars(pem.AsSpan()[fields.Base64Data], der, out _);
            switch (pem[fields.Label])
            {
                case "PRIVATE KEY":
                    return FromPkcs8(der);
                case "ENCRYPTED PRIVATE KEY":
                    return FromEncryptedPkcs8(der, Needed(password, source));
                case CosignKeyFile.Label or CosignKeyFile.OldLabel:
                    var pkcs8 = CosignKeyFile.Decrypt(der, Needed(password, source), source);
                    try
                    {
                        return FromPkcs8(pkcs8);
                    }
                    finally
                    {
                        CryptographicOperations.ZeroMemory(pkcs8);
                    }

                case "EC PRIVATE KEY":
                    return Ecdsa(key => key.ImportECPrivateKey(der, out _));
                case "RSA PRIVATE KEY":
                    return Rsa(key => key.ImportRSAPrivateKey(der, out _));
                default:
                    throw new KeyException($"The key '{source}' is a PEM of '{pem[fields.Label]}': name a private key.");
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    });

    public static SigningKey ReadPkcs12(ReadOnlyMemory<byte> pkcs12, string? password, string source) => Guarded(source, () =>
    {
        using var certificate = X509CertificateLoader.LoadPkcs12(pkcs12.Span, password, (OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet) | X509KeyStorageFlags.Exportable);
        return FromCertificate(certificate, source);
    });

    /// <summary>The private key that belongs to a certificate, which may stay inside a store or device.</summary>
    public static SigningKey FromCertificate(X509Certificate2 certificate, string source) => Guarded(source, () =>
        certificate.GetECDsaPrivateKey() is { } ecdsa ? new SigningKey(new EcdsaPrivateKey(ecdsa))
        : certificate.GetRSAPrivateKey() is { } rsa ? new SigningKey(new RsaPrivateKey(rsa))
        : throw new KeyException($"The certificate of '{source}' has no private key that signs: ECDSA and RSA are supported."));

    private static SigningKey FromPkcs8(byte[] der)
    {
        var info = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        _ = info.ReadInteger();
        return info.ReadSequence().ReadObjectIdentifier() switch
        {
            EcPublicKey => Ecdsa(key => key.ImportPkcs8PrivateKey(der, out _)),
            RsaEncryption => Rsa(key => key.ImportPkcs8PrivateKey(der, out _)),
            Ed25519Oid => new SigningKey(Ed25519PrivateKey.Import(der)),
            var other => throw new KeyException($"Keys of the algorithm {other} are not supported: use ECDSA, RSA or Ed25519."),
        };
    }

    /// <summary>The algorithm only shows once it is decrypted, so both are tried.</summary>
    private static SigningKey FromEncryptedPkcs8(byte[] der, string password)
    {
        try
        {
            return Ecdsa(key => key.ImportEncryptedPkcs8PrivateKey(password, der, out _));
        }
        catch (CryptographicException)
        {
            return Rsa(key => key.ImportEncryptedPkcs8PrivateKey(password, der, out _));
        }
    }

    private static SigningKey Ecdsa(Action<ECDsa> import)
    {
        var key = ECDsa.Create();
        try
        {
            import(key);
            return new SigningKey(new EcdsaPrivateKey(key));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static SigningKey Rsa(Action<RSA> import)
    {
        var key = RSA.Create();
        try
        {
            import(key);
            return new SigningKey(new RsaPrivateKey(key));
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static string Needed(string? password, string source) =>
        password ?? throw new KeyException($"The key '{source}' is encrypted: set its password in CONTAINERBUILDGUARD_KEY_PASSWORD or COSIGN_PASSWORD.");

    private static SigningKey Guarded(string source, Func<SigningKey> read)
    {
        try
        {
            return read();
        }
        catch (SigstoreException e)
        {
            throw new KeyException($"The key '{source}' cannot be used: {e.Message}.", e);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or AsnContentException or IOException or InvalidOperationException)
        {
            throw new KeyException($"The key '{source}' cannot be read: it is not a private key of a known form, or its password is wrong.", e);
        }
    }
}
