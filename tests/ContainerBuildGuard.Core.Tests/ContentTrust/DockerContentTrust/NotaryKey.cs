using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Sigstore.Tuf;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Org.BouncyCastle.Security;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>A key of Notary metadata with its private half, of every kind that there is.</summary>
internal sealed class NotaryKey
{
    private readonly Func<byte[], byte[]> _sign;

    private NotaryKey(string type, string method, byte[] value, Func<byte[], byte[]> sign)
    {
        (Method, _sign) = (method, sign);
        Json = new JsonObject { ["keytype"] = type, ["keyval"] = new JsonObject { ["private"] = null, ["public"] = Convert.ToBase64String(value) } };
        Id = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Encode(Json)));
    }

    public JsonObject Json { get; }

    public string Id { get; }

    public string Method { get; }

    /// <summary>The private half, where it is ECDSA.</summary>
    public ECDsa? Private { get; private init; }

    /// <param name="certificateFor">The name in the certificate that carries the key; null for a bare key.</param>
    /// <param name="curve">The curve; P-256 by default.</param>
    /// <param name="key">A key that is there already.</param>
    /// <param name="notAfter">The certificate's end.</param>
    /// <param name="notBefore">Its beginning, where it is its own issuer.</param>
    /// <param name="issuer">Who issues the certificate; itself by default.</param>
    public static NotaryKey Ecdsa(string? certificateFor = null, ECCurve? curve = null, ECDsa? key = null, DateTimeOffset? notAfter = null, X509Certificate2? issuer = null, DateTimeOffset? notBefore = null)
    {
        var ecdsa = key ?? ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        var value = certificateFor is null ? ecdsa.ExportSubjectPublicKeyInfo() : Certificate(new CertificateRequest(Named(certificateFor), ecdsa, HashAlgorithmName.SHA256), notAfter, issuer, notBefore);
        return new NotaryKey(certificateFor is null ? "ecdsa" : "ecdsa-x509", "ecdsa", value, d => ecdsa.SignData(d, HashAlgorithmName.SHA256)) { Private = ecdsa };
    }

    public static NotaryKey Rsa(string? certificateFor = null)
    {
        var rsa = RSA.Create(2048);
        var value = certificateFor is null ? rsa.ExportSubjectPublicKeyInfo() : Certificate(new CertificateRequest(Named(certificateFor), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), null, null, null);
        return new NotaryKey(certificateFor is null ? "rsa" : "rsa-x509", "rsapss", value, d => rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));
    }

    public static NotaryKey Ed25519Key()
    {
        var key = new Ed25519PrivateKeyParameters(new SecureRandom());
        return new NotaryKey("ed25519", "eddsa", key.GeneratePublicKey().GetEncoded(), d =>
        {
            var signature = new byte[Ed25519.SignatureSize];
            key.Sign(Ed25519.Algorithm.Ed25519, null, d, 0, d.Length, signature, 0);
            return signature;
        });
    }

    public static NotaryKey Of(string kind, string repository) => kind switch
    {
        "ecdsa" => Ecdsa(),
        "ecdsa-384" => Ecdsa(curve: ECCurve.NamedCurves.nistP384),
        "ecdsa-x509" => Ecdsa(repository),
        "rsa" => Rsa(),
        "rsa-x509" => Rsa(repository),
        _ => Ed25519Key(),
    };

    public JsonObject Sign(byte[] data) => new() { ["keyid"] = Id, ["method"] = Method, ["sig"] = Convert.ToBase64String(_sign(data)) };

    private static X500DistinguishedName Named(string name)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(name);
        return builder.Build();
    }

    private static byte[] Certificate(CertificateRequest request, DateTimeOffset? notAfter, X509Certificate2? issuer, DateTimeOffset? notBefore)
    {
        var now = DateTimeOffset.UtcNow;
        using var certificate = issuer is null ? request.CreateSelfSigned(notBefore ?? now.AddYears(-1), notAfter ?? now.AddDays(20)) : request.Create(issuer, now.AddHours(-1), notAfter ?? now.AddDays(20), RandomNumberGenerator.GetBytes(8));
        return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n");
    }
}
