using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace ContainerBuildGuard.Sigstore;

/// <summary>One kind of private key.</summary>
internal interface IPrivateKey : IDisposable
{
    byte[] SubjectPublicKeyInfo();

    byte[] ExportPkcs8();

    byte[] Sign(ReadOnlySpan<byte> data, SignatureAlgorithm algorithm);
}

internal sealed class EcdsaPrivateKey(ECDsa key) : IPrivateKey
{
    public byte[] SubjectPublicKeyInfo() => key.ExportSubjectPublicKeyInfo();

    public byte[] ExportPkcs8() => key.ExportPkcs8PrivateKey();

    public byte[] Sign(ReadOnlySpan<byte> data, SignatureAlgorithm algorithm) => key.SignData(data, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence);

    public void Dispose() => key.Dispose();
}

internal sealed class RsaPrivateKey(RSA key) : IPrivateKey
{
    public byte[] SubjectPublicKeyInfo() => key.ExportSubjectPublicKeyInfo();

    public byte[] ExportPkcs8() => key.ExportPkcs8PrivateKey();

    public byte[] Sign(ReadOnlySpan<byte> data, SignatureAlgorithm algorithm) => key.SignData(data.ToArray(), algorithm.Hash, algorithm.Scheme == SignatureScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);

    public void Dispose() => key.Dispose();
}

/// <summary>Ed25519, which the BCL lacks.</summary>
internal sealed class Ed25519PrivateKey(Ed25519PrivateKeyParameters key) : IPrivateKey
{
    public byte[] SubjectPublicKeyInfo() => SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(key.GeneratePublicKey()).GetDerEncoded();

    public byte[] ExportPkcs8() => PrivateKeyInfoFactory.CreatePrivateKeyInfo(key).GetDerEncoded();

    public byte[] Sign(ReadOnlySpan<byte> data, SignatureAlgorithm algorithm)
    {
        var signature = new byte[Ed25519.SignatureSize];
        key.Sign(Ed25519.Algorithm.Ed25519, null, data.ToArray(), 0, data.Length, signature, 0);
        return signature;
    }

    /// <summary>The library keeps the key on the managed heap and offers no way to clear it.</summary>
    public void Dispose()
    {
    }

    public static Ed25519PrivateKey Import(byte[] pkcs8) =>
        PrivateKeyFactory.CreateKey(pkcs8) is Ed25519PrivateKeyParameters key ? new Ed25519PrivateKey(key) : throw new CryptographicException("Not an Ed25519 key.");
}
