using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace ContainerBuildGuard.Sigstore;

/// <summary>One kind of public key.</summary>
internal interface IPublicKey : IDisposable
{
    SignatureAlgorithm Algorithm { get; }

    bool VerifyData(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash);

    /// <summary>Null where the scheme needs the data itself.</summary>
    bool? VerifyDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, HashAlgorithmName hash);
}

internal sealed class EcdsaPublicKey(ECDsa key) : IPublicKey
{
    public SignatureAlgorithm Algorithm { get; } = new(SignatureScheme.Ecdsa, key.KeySize switch
    {
        384 => HashAlgorithmName.SHA384,
        521 => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    });

    public static (IPublicKey Key, int Size) Import(ReadOnlySpan<byte> der, string? curve)
    {
        if (curve is not ("1.2.840.10045.3.1.7" or "1.3.132.0.34" or "1.3.132.0.35"))
        {
            throw new SigstoreException(SigstoreError.Unsupported, "ECDSA keys must be on P-256, P-384 or P-521");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(der, out _);
            return (new EcdsaPublicKey(key), key.KeySize);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public bool VerifyData(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash) =>
        VerifyDigest(CryptographicOperations.HashData(hash, data), signature, hash) == true;

    public bool? VerifyDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        try
        {
            return Der.IsEcdsaSignature(signature) && key.VerifyHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public void Dispose() => key.Dispose();
}

internal sealed class RsaPublicKey(RSA key, bool pss) : IPublicKey
{
    private const int MinBits = 2048;
    private const int MaxBits = 8192;
    private readonly RSASignaturePadding _padding = pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;

    public SignatureAlgorithm Algorithm { get; } = new(pss ? SignatureScheme.RsaPss : SignatureScheme.RsaPkcs1, HashAlgorithmName.SHA256);

    public static (IPublicKey Key, int Size) Import(ReadOnlySpan<byte> der, bool pss)
    {
        var key = RSA.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(der, out var read);
            return read == der.Length && key.KeySize is >= MinBits and <= MaxBits
                ? (new RsaPublicKey(key, pss), key.KeySize)
                : throw new SigstoreException(SigstoreError.Unsupported, $"RSA keys must have {MinBits} to {MaxBits} bits");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    public bool VerifyData(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash) => key.VerifyData(data, signature, hash, _padding);

    public bool? VerifyDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, HashAlgorithmName hash) => key.VerifyHash(digest, signature, hash, _padding);

    public void Dispose() => key.Dispose();
}

/// <summary>Ed25519, which the BCL lacks.</summary>
internal sealed class Ed25519PublicKey(Ed25519.PublicPoint key, bool preHashed) : IPublicKey
{
    private const int SignatureBytes = 64;

    public SignatureAlgorithm Algorithm { get; } = new(preHashed ? SignatureScheme.Ed25519PreHashed : SignatureScheme.Ed25519, HashAlgorithmName.SHA512);

    public static (IPublicKey Key, int Size) Import(ReadOnlySpan<byte> der, bool preHashed)
    {
        var raw = Der.KeyBits(der);
        return raw.Length == Ed25519.PublicKeySize && Ed25519.ValidatePublicKeyFullExport(raw, 0) is { } point
            ? (new Ed25519PublicKey(point, preHashed), 256)
            : throw new SigstoreException(SigstoreError.Malformed, "the Ed25519 key is not a point of the curve");
    }

    public bool VerifyData(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        if (signature.Length != SignatureBytes)
        {
            return false;
        }

        return preHashed
            ? VerifyDigest(SHA512.HashData(data), signature, HashAlgorithmName.SHA512) == true
            : Ed25519.Verify(signature.ToArray(), 0, key, data.ToArray(), 0, data.Length);
    }

    public bool? VerifyDigest(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        // Only Ed25519ph signs a digest, and only one of SHA-512.
        if (hash != HashAlgorithmName.SHA512)
        {
            return null;
        }

        return signature.Length == SignatureBytes && Ed25519.VerifyPrehash(signature.ToArray(), 0, key, [], digest.ToArray(), 0);
    }

    public void Dispose()
    {
    }
}
