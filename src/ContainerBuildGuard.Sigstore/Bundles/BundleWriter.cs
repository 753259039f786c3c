using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Writes bundles of version 0.3 in protobuf's JSON mapping.</summary>
internal static class BundleWriter
{
    // Base64 contains '+', which the default encoder would escape: valid, and not what other clients write.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Bundle bundle)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("mediaType", Bundle.MediaType);
            json.WriteStartObject("verificationMaterial");
            WriteKeyMaterial(json, bundle);
            if (!bundle.LogEntries.IsEmpty)
            {
                json.WriteStartArray("tlogEntries");
                foreach (var entry in bundle.LogEntries)
                {
                    WriteEntry(json, entry);
                }

                json.WriteEndArray();
            }

            WriteTimestamps(json, bundle);
            json.WriteEndObject();
            WriteContent(json, bundle.Content);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteKeyMaterial(Utf8JsonWriter json, Bundle bundle)
    {
        if (bundle.KeyHint is { } hint)
        {
            json.WriteStartObject("publicKey");
            json.WriteString("hint", hint);
        }
        else
        {
            json.WriteStartObject("certificate");
            json.WriteBase64String("rawBytes", bundle.Certificates[0]);
        }

        json.WriteEndObject();
    }

    private static void WriteTimestamps(Utf8JsonWriter json, Bundle bundle)
    {
        if (bundle.Timestamps.IsEmpty)
        {
            return;
        }

        json.WriteStartObject("timestampVerificationData");
        json.WriteStartArray("rfc3161Timestamps");
        foreach (var timestamp in bundle.Timestamps)
        {
            json.WriteStartObject();
            json.WriteBase64String("signedTimestamp", timestamp);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, LogEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("logIndex", Number(entry.LogIndex));
        json.WriteStartObject("logId");
        json.WriteBase64String("keyId", entry.LogId);
        json.WriteEndObject();
        json.WriteStartObject("kindVersion");
        json.WriteString("kind", entry.Kind);
        json.WriteString("version", entry.KindVersion);
        json.WriteEndObject();
        if (entry.IntegratedTime != 0)
        {
            json.WriteString("integratedTime", Number(entry.IntegratedTime));
        }

        if (entry.SignedEntryTimestamp is { } promise)
        {
            json.WriteStartObject("inclusionPromise");
            json.WriteBase64String("signedEntryTimestamp", promise);
            json.WriteEndObject();
        }

        if (entry.InclusionProof is { } proof)
        {
            WriteProof(json, proof);
        }

        json.WriteBase64String("canonicalizedBody", entry.CanonicalizedBody);
        json.WriteEndObject();
    }

    private static void WriteProof(Utf8JsonWriter json, InclusionProof proof)
    {
        json.WriteStartObject("inclusionProof");
        json.WriteString("logIndex", Number(proof.LogIndex));
        json.WriteBase64String("rootHash", proof.RootHash);
        json.WriteString("treeSize", Number(proof.TreeSize));
        json.WriteStartArray("hashes");
        foreach (var hash in proof.Hashes)
        {
            json.WriteBase64StringValue(hash);
        }

        json.WriteEndArray();
        if (proof.Checkpoint is { } checkpoint)
        {
            json.WriteStartObject("checkpoint");
            json.WriteString("envelope", checkpoint);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter json, BundleContent content)
    {
        switch (content)
        {
            case MessageSignature message:
                json.WriteStartObject("messageSignature");
                if (message.Digest is { } digest)
                {
                    json.WriteStartObject("messageDigest");
                    json.WriteString("algorithm", "SHA2_256");
                    json.WriteBase64String("digest", digest);
                    json.WriteEndObject();
                }

                json.WriteBase64String("signature", message.Signature);
                json.WriteEndObject();
                break;
            case DsseEnvelope envelope:
                json.WriteStartObject("dsseEnvelope");
                json.WriteBase64String("payload", envelope.Payload);
                json.WriteString("payloadType", envelope.PayloadType);
                json.WriteStartArray("signatures");
                json.WriteStartObject();
                json.WriteBase64String("sig", envelope.Signature);
                if (envelope.KeyId.Length > 0)
                {
                    json.WriteString("keyid", envelope.KeyId);
                }

                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            default:
                throw new ArgumentException($"A bundle cannot hold {content.GetType().Name}.", nameof(content));
        }
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
