using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Compares an entry's body with the bundle that carries it: the log must have taken this signature, by this key, over this content.</summary>
internal static class EntryBody
{
    private const int MaxBytes = 32 << 20;

    /// <summary>Null where they agree, or what does not.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="content">The bundle's content.</param>
    /// <param name="signer">Who signed by the bundle or the caller.</param>
    /// <param name="artifact">What is verified.</param>
    public static string? Check(LogEntry entry, BundleContent content, SignerMaterial signer, Artifact artifact)
    {
        try
        {
            using var document = ProtoMessage.Parse(entry.CanonicalizedBody, MaxBytes, "the log entry's body");
            var body = ProtoMessage.Root(document).Only("apiVersion", "kind", "spec");
            var (kind, version) = (body.Text("kind"), body.Text("apiVersion"));
            if (kind != entry.Kind || version != entry.KindVersion)
            {
                return $"the log entry is a {kind} {version}, the bundle says {entry.Kind} {entry.KindVersion}";
            }

            var spec = body.Required("spec");
            return (kind, version, content) switch
            {
                ("hashedrekord", "0.0.1", MessageSignature) => HashedRekord1(spec, content, signer, artifact),
                ("hashedrekord", "0.0.2", _) => HashedRekord2(spec.Required("hashedRekordV002"), content, signer, artifact),
                ("dsse", "0.0.1", DsseEnvelope envelope) => Dsse1(spec, envelope, signer),
                ("dsse", "0.0.2", DsseEnvelope envelope) => Dsse2(spec.Required("dsseV002"), envelope, signer),
                ("intoto", "0.0.2", DsseEnvelope envelope) => InToto2(spec.Required("content"), envelope, signer),
                _ => $"a log entry of the kind {kind} {version} does not belong to such a bundle",
            };
        }
        catch (SigstoreException e)
        {
            return e.Message;
        }
    }

    private static string? HashedRekord1(ProtoMessage spec, BundleContent content, SignerMaterial signer, Artifact artifact)
    {
        var hash = spec.Required("data").Required("hash");
        var signature = spec.Required("signature");
        return CheckHash(HashName(hash.Text("algorithm")), Hex(hash.Text("value")), name => artifact.Digest(name))
            ?? CheckSignature(signature.RequiredBytes("content"), content)
            ?? CheckPem(signature.Required("publicKey").RequiredBytes("content"), signer);
    }

    private static string? HashedRekord2(ProtoMessage entry, BundleContent content, SignerMaterial signer, Artifact artifact)
    {
        var data = entry.Required("data");
        var signature = entry.Required("signature");

        // An envelope is logged by the hash of what its signature covers.
        Func<HashAlgorithmName, byte[]?> digest = content is DsseEnvelope envelope
            ? name => CryptographicOperations.HashData(name, envelope.PreAuthenticationEncoding())
            : artifact.Digest;
        return CheckHash(HashName(data.EnumName("algorithm")), data.RequiredBytes("digest"), digest)
            ?? CheckSignature(signature.RequiredBytes("content"), content)
            ?? CheckVerifier(signature.Required("verifier"), signer);
    }

    private static string? Dsse1(ProtoMessage spec, DsseEnvelope envelope, SignerMaterial signer)
    {
        var hash = spec.Required("payloadHash");
        var signatures = spec.Messages("signatures");
        return signatures.Count != 1
            ? $"the log entry has {signatures.Count} signatures, the bundle one"
            : CheckHash(HashName(hash.Text("algorithm")), Hex(hash.Text("value")), name => CryptographicOperations.HashData(name, envelope.Payload))
                ?? CheckSignature(signatures[0].RequiredBytes("signature"), envelope)
                ?? CheckPem(signatures[0].RequiredBytes("verifier"), signer);
    }

    private static string? Dsse2(ProtoMessage entry, DsseEnvelope envelope, SignerMaterial signer)
    {
        var hash = entry.Required("payloadHash");
        var signatures = entry.Messages("signatures");
        return signatures.Count != 1
            ? $"the log entry has {signatures.Count} signatures, the bundle one"
            : CheckHash(HashName(hash.EnumName("algorithm")), hash.RequiredBytes("digest"), name => CryptographicOperations.HashData(name, envelope.Payload))
                ?? CheckSignature(signatures[0].RequiredBytes("content"), envelope)
                ?? CheckVerifier(signatures[0].Required("verifier"), signer);
    }

    private static string? InToto2(ProtoMessage content, DsseEnvelope envelope, SignerMaterial signer)
    {
        var hash = content.Required("payloadHash");
        var logged = content.Required("envelope");
        var signatures = logged.Messages("signatures");
        if (signatures.Count != 1 || logged.Text("payloadType") != envelope.PayloadType)
        {
            return "the log entry's envelope is not the bundle's";
        }

        // This kind holds the signature in base64 twice over.
        return !Base64.TryDecode(Encoding.ASCII.GetString(signatures[0].RequiredBytes("sig")), out var signature)
            ? "the log entry's signature is not base64"
            : CheckHash(HashName(hash.Text("algorithm")), Hex(hash.Text("value")), name => CryptographicOperations.HashData(name, envelope.Payload))
                ?? CheckSignature(signature, envelope)
                ?? CheckPem(signatures[0].RequiredBytes("publicKey"), signer);
    }

    private static string? CheckHash(HashAlgorithmName name, byte[] logged, Func<HashAlgorithmName, byte[]?> actual) => actual(name) switch
    {
        null => $"the log entry holds a {name} digest, and of the artifact only its SHA-256 digest is known",
        var digest => digest.AsSpan().SequenceEqual(logged) ? null : "the log entry is about other content (its digest differs)",
    };

    private static string? CheckSignature(byte[] logged, BundleContent content) =>
        logged.AsSpan().SequenceEqual(content.Signature) ? null : "the log entry holds another signature than the bundle";

    private static string? CheckPem(byte[] pem, SignerMaterial signer)
    {
        var text = Encoding.ASCII.GetString(pem);
        return PemEncoding.TryFind(text, out var fields)
            ? signer.Check(text[fields.Label] == "CERTIFICATE", Convert.FromBase64String(text[fields.Base64Data]))
            : "the log entry's key is not PEM";
    }

    private static string? CheckVerifier(ProtoMessage verifier, SignerMaterial signer) => (verifier.Message("x509Certificate"), verifier.Message("publicKey")) switch
    {
        ({ } certificate, null) => signer.Check(isCertificate: true, certificate.RequiredBytes("rawBytes")),
        (null, { } key) => signer.Check(isCertificate: false, key.RequiredBytes("rawBytes")),
        _ => "the log entry needs exactly one of certificate and key",
    };

    private static HashAlgorithmName HashName(string? algorithm) => algorithm switch
    {
        "sha256" or "SHA2_256" => HashAlgorithmName.SHA256,
        "sha384" or "SHA2_384" => HashAlgorithmName.SHA384,
        "sha512" or "SHA2_512" => HashAlgorithmName.SHA512,
        _ => throw new SigstoreException(SigstoreError.Unsupported, $"the log entry's hash algorithm '{algorithm}' is not known"),
    };

    private static byte[] Hex(string? text)
    {
        try
        {
            return Convert.FromHexString(text ?? "");
        }
        catch (FormatException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, "the log entry's digest is not hexadecimal", e);
        }
    }
}

/// <summary>Who signed: the certificate's or the key's DER.</summary>
internal sealed record SignerMaterial(bool IsCertificate, byte[] Encoded)
{
    public string? Check(bool isCertificate, byte[] logged) =>
        isCertificate == IsCertificate && logged.AsSpan().SequenceEqual(Encoded) ? null : $"the log entry holds another {(isCertificate ? "certificate" : "key")} than the one that signed";
}
