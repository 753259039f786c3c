using System.Collections.Immutable;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Reads bundles, and refuses what the format's version does not allow.</summary>
internal static class BundleReader
{
    private const int MaxEntries = 32;
    private const int MaxCertificates = 10;
    private const int MaxProofHashes = 63;

    public static Bundle Read(ReadOnlyMemory<byte> json)
    {
        using var document = ProtoMessage.Parse(json, Bundle.MaxBytes, "the bundle");
        var root = ProtoMessage.Root(document).Only("mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope");
        var version = Version(root.Text("mediaType"));
        var material = root.Required("verificationMaterial").Only("publicKey", "x509CertificateChain", "certificate", "tlogEntries", "timestampVerificationData");
        var (certificates, hint) = KeyMaterial(material, version);
        var entries = material.Messages("tlogEntries");
        var timestamps = material.Message("timestampVerificationData")?.Only("rfc3161Timestamps").Messages("rfc3161Timestamps") ?? [];
        if (entries.Count > MaxEntries || timestamps.Count > MaxEntries)
        {
            throw ProtoMessage.Malformed($"the bundle has {entries.Count} log entries and {timestamps.Count} timestamps, over the limit of {MaxEntries}");
        }

        return new Bundle
        {
            Version = version,
            Certificates = certificates,
            KeyHint = hint,
            LogEntries = [.. entries.Select(e => Entry(e, version))],
            Timestamps = [.. timestamps.Select(t => t.Only("signedTimestamp").RequiredBytes("signedTimestamp"))],
            Content = Content(root),
        };
    }

    /// <summary>An entry in the form that bundles and Rekor v2's answers share.</summary>
    public static LogEntry Entry(ProtoMessage entry)
    {
        entry.Only("logIndex", "logId", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof", "canonicalizedBody");
        var kind = entry.Required("kindVersion").Only("kind", "version");
        return new LogEntry
        {
            LogIndex = entry.Integer("logIndex"),
            LogId = entry.Required("logId").Only("keyId").RequiredBytes("keyId"),
            Kind = kind.RequiredText("kind"),
            KindVersion = kind.RequiredText("version"),
            IntegratedTime = entry.Integer("integratedTime"),
            SignedEntryTimestamp = entry.Message("inclusionPromise")?.Only("signedEntryTimestamp").RequiredBytes("signedEntryTimestamp"),
            InclusionProof = entry.Message("inclusionProof") is { } proof ? Proof(proof) : null,
            CanonicalizedBody = entry.RequiredBytes("canonicalizedBody"),
        };
    }

    private static BundleVersion Version(string? mediaType) => mediaType switch
    {
        "application/vnd.dev.sigstore.bundle+json;version=0.1" => BundleVersion.V01,
        "application/vnd.dev.sigstore.bundle+json;version=0.2" => BundleVersion.V02,
        "application/vnd.dev.sigstore.bundle+json;version=0.3" or Bundle.MediaType => BundleVersion.V03,
        null => throw ProtoMessage.Malformed("the bundle has no mediaType"),
        _ => throw new SigstoreException(SigstoreError.Unsupported, $"the bundle's media type '{mediaType}' is none of the versions 0.1, 0.2 and 0.3"),
    };

    private static (ImmutableArray<byte[]> Certificates, string? Hint) KeyMaterial(ProtoMessage material, BundleVersion version)
    {
        var (key, chain, certificate) = (material.Message("publicKey"), material.Message("x509CertificateChain"), material.Message("certificate"));
        if ((key is null ? 0 : 1) + (chain is null ? 0 : 1) + (certificate is null ? 0 : 1) != 1)
        {
            throw ProtoMessage.Malformed("verificationMaterial needs exactly one of publicKey, x509CertificateChain and certificate");
        }

        if (key is { } publicKey)
        {
            return ([], publicKey.Only("hint").Text("hint") ?? "");
        }

        if (certificate is { } single)
        {
            return version == BundleVersion.V03
                ? ([single.Only("rawBytes").RequiredBytes("rawBytes")], null)
                : throw ProtoMessage.Malformed("verificationMaterial.certificate needs a bundle of version 0.3");
        }

        var certificates = chain!.Value.Only("certificates").Messages("certificates");
        return certificates.Count is > 0 and <= MaxCertificates
            ? ([.. certificates.Select(c => c.Only("rawBytes").RequiredBytes("rawBytes"))], null)
            : throw ProtoMessage.Malformed($"verificationMaterial.x509CertificateChain has {certificates.Count} certificates: 1 to {MaxCertificates} are allowed");
    }

    private static LogEntry Entry(ProtoMessage message, BundleVersion version)
    {
        var entry = Entry(message);
        return (version, entry.InclusionProof, entry.SignedEntryTimestamp) switch
        {
            (BundleVersion.V01, null, null) => throw ProtoMessage.Malformed("a log entry has neither an inclusion promise nor a proof"),
            (not BundleVersion.V01, null, _) => throw ProtoMessage.Malformed("a log entry has no inclusion proof, which a bundle of version 0.2 or later needs"),
            (not BundleVersion.V01, { Checkpoint: null }, _) => throw ProtoMessage.Malformed("an inclusion proof has no checkpoint, which a bundle of version 0.2 or later needs"),
            _ => entry,
        };
    }

    private static InclusionProof Proof(ProtoMessage proof)
    {
        proof.Only("logIndex", "rootHash", "treeSize", "hashes", "checkpoint");
        var hashes = proof.BytesList("hashes");
        return hashes.Count <= MaxProofHashes
            ? new InclusionProof(proof.Integer("logIndex"), proof.Integer("treeSize"), proof.RequiredBytes("rootHash"), [.. hashes], proof.Message("checkpoint")?.Only("envelope").RequiredText("envelope"))
            : throw ProtoMessage.Malformed($"an inclusion proof has {hashes.Count} hashes, more than any tree needs");
    }

    private static BundleContent Content(ProtoMessage root)
    {
        if (root.Has("messageSignature") == root.Has("dsseEnvelope"))
        {
            throw ProtoMessage.Malformed("the bundle needs exactly one of messageSignature and dsseEnvelope");
        }

        if (root.Message("messageSignature") is { } message)
        {
            message.Only("messageDigest", "signature");
            return new MessageSignature(MessageDigest(message.Message("messageDigest")), message.RequiredBytes("signature"));
        }

        var envelope = root.Required("dsseEnvelope").Only("payload", "payloadType", "signatures");
        var signatures = envelope.Messages("signatures");
        if (signatures.Count != 1)
        {
            throw ProtoMessage.Malformed($"dsseEnvelope has {signatures.Count} signatures: a bundle has exactly one");
        }

        var signature = signatures[0].Only("sig", "keyid");
        return new DsseEnvelope(envelope.Bytes("payload") ?? [], envelope.RequiredText("payloadType"), signature.RequiredBytes("sig"), signature.Text("keyid") ?? "");
    }

    private static byte[]? MessageDigest(ProtoMessage? digest)
    {
        if (digest is not { } message)
        {
            return null;
        }

        message.Only("algorithm", "digest");
        return message.EnumName("algorithm") == "SHA2_256"
            ? message.RequiredBytes("digest")
            : throw new SigstoreException(SigstoreError.Unsupported, $"messageDigest.algorithm is '{message.EnumName("algorithm")}': SHA2_256 is what this client verifies");
    }
}
