using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Sigstore;
using ContainerBuildGuard.Sigstore.Tuf;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>A public key of Notary metadata.</summary>
/// <param name="Id">Its identity: the SHA-256 of its canonical JSON.</param>
/// <param name="Kind">ecdsa, rsa or ed25519.</param>
/// <param name="Key">The key.</param>
/// <param name="Certificates">The certificate that carries it, then those of its issuers; empty for a bare key.</param>
internal sealed record DctKey(string Id, string Kind, VerificationKey Key, ImmutableArray<X509Certificate2> Certificates)
{
    /// <summary>An Ed25519 SubjectPublicKeyInfo up to the key itself (RFC 8410, section 4).</summary>
    private static readonly byte[] Ed25519Prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>The identity of the bare key, under which its private half is stored: one key in several certificates has one.</summary>
    public string CanonicalId { get; } = Certificates.IsEmpty ? Id : IdOf(Kind, Convert.ToBase64String(Key.SubjectPublicKeyInfo));

    /// <summary>How the key's signatures are named.</summary>
    public string Method => MethodOf(Kind);

    public static string MethodOf(string kind) => kind switch { "rsa" => "rsapss", "ed25519" => "eddsa", _ => "ecdsa" };

    /// <summary>The identity of a key by its type and its value as metadata writes them.</summary>
    public static string IdOf(string type, string value)
    {
        var json = new JsonObject { ["keytype"] = type, ["keyval"] = new JsonObject { ["private"] = null, ["public"] = value } };
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Encode(json)));
    }

    /// <summary>Reads a key; null for a kind that is not verified, which then counts for nothing.</summary>
    /// <exception cref="DctException">The key is not what its identity says, or is none of its kind.</exception>
    public static DctKey? Read(string id, JsonElement json)
    {
        var type = json.Text("keytype");
        var value = json.Member("keyval", JsonValueKind.Object).Text("public");
        if (IdOf(type, value) != id)
        {
            throw DctException.Malformed($"the key {Short(id)} is not the one that its identity names");
        }

        var bytes = DctJson.Base64(value, $"the key {Short(id)}");
        try
        {
            return type switch
            {
                "ecdsa" => new DctKey(id, type, VerificationKey.FromSubjectPublicKeyInfo(bytes, SignatureScheme.Ecdsa), []),
                "rsa" => new DctKey(id, type, VerificationKey.FromSubjectPublicKeyInfo(bytes, SignatureScheme.RsaPss), []),
                "ed25519" => new DctKey(id, type, VerificationKey.FromSubjectPublicKeyInfo([.. Ed25519Prefix, .. bytes], SignatureScheme.Ed25519), []),
                "ecdsa-x509" => OfCertificates(id, "ecdsa", SignatureScheme.Ecdsa, bytes),
                "rsa-x509" => OfCertificates(id, "rsa", SignatureScheme.RsaPss, bytes),
                _ => null,
            };
        }
        catch (Exception e) when (e is SigstoreException or CryptographicException)
        {
            throw new DctException(DctError.Malformed, $"the key {Short(id)} is no {type} key that can be used ({e.Message.TrimEnd('.')})", e);
        }
    }

    public bool Verify(ReadOnlySpan<byte> data, string method, ReadOnlySpan<byte> signature) =>
        method == Method && (Kind == "ecdsa" ? Der(signature) is { } der && Key.Verify(data, der, HashAlgorithmName.SHA256) : Key.Verify(data, signature));

    /// <summary>The beginning of an identity, for people.</summary>
    public static string Short(string id) => id.Length > 12 ? id[..12] : id;

    private static DctKey OfCertificates(string id, string kind, SignatureScheme scheme, byte[] pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(Encoding.UTF8.GetString(pem));
        return certificates.Count > 0
            ? new DctKey(id, kind, VerificationKey.FromSubjectPublicKeyInfo(certificates[0].PublicKey.ExportSubjectPublicKeyInfo(), scheme), [.. certificates])
            : throw new CryptographicException("it holds no certificate");
    }

    /// <summary>Notary writes ECDSA signatures as two numbers of the curve's size; null where it is not that.</summary>
    private byte[]? Der(ReadOnlySpan<byte> signature)
    {
        var half = (Key.KeySize + 7) / 8;
        if (signature.Length != half * 2)
        {
            return null;
        }

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(new BigInteger(signature[..half], isUnsigned: true, isBigEndian: true));
            writer.WriteInteger(new BigInteger(signature[half..], isUnsigned: true, isBigEndian: true));
        }

        return writer.Encode();
    }
}
