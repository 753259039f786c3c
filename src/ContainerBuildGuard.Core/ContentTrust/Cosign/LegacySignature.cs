using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Cosign;

/// <summary>
/// The form of cosign 1 and 2: a layer under the tag <c>sha256-….sig</c> (or <c>.att</c>) with everything else in its annotations (cosign, "Signature Specification").
/// It is read into a bundle and written from one, so that both forms are verified by the same steps.
/// </summary>
internal static class LegacySignature
{
    public const string Signature = "dev.cosignproject.cosign/signature";
    public const string EnvelopeMediaType = "application/vnd.dsse.envelope.v1+json";
    private const string Certificate = "dev.sigstore.cosign/certificate";
    private const string LogBundle = "dev.sigstore.cosign/bundle";
    private const string Timestamp = "dev.sigstore.cosign/rfc3161timestamp";

    public static Dictionary<string, string> Annotations(Bundle bundle)
    {
        var annotations = new Dictionary<string, string> { [Signature] = bundle.Content is MessageSignature ? Convert.ToBase64String(bundle.Content.Signature) : "" };
        if (!bundle.Certificates.IsEmpty)
        {
            annotations[Certificate] = PemEncoding.WriteString("CERTIFICATE", bundle.Certificates[0]) + "\n";
        }

        if (bundle.LogEntries.FirstOrDefault(e => e.SignedEntryTimestamp is not null) is { } entry)
        {
            annotations[LogBundle] = new JsonObject
            {
                ["SignedEntryTimestamp"] = Convert.ToBase64String(entry.SignedEntryTimestamp!),
                ["Payload"] = new JsonObject
                {
                    ["body"] = Convert.ToBase64String(entry.CanonicalizedBody),
                    ["integratedTime"] = entry.IntegratedTime,
                    ["logIndex"] = entry.LogIndex,
                    ["logID"] = Convert.ToHexStringLower(entry.LogId),
                },
            }.ToJsonString();
        }

        if (!bundle.Timestamps.IsEmpty)
        {
            annotations[Timestamp] = new JsonObject { ["SignedRFC3161Timestamp"] = Convert.ToBase64String(bundle.Timestamps[0]) }.ToJsonString();
        }

        return annotations;
    }

    /// <summary>An envelope as a layer holds it.</summary>
    public static byte[] Envelope(DsseEnvelope envelope) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["payloadType"] = envelope.PayloadType,
        ["payload"] = Convert.ToBase64String(envelope.Payload),
        ["signatures"] = new JsonArray(new JsonObject { ["keyid"] = envelope.KeyId, ["sig"] = Convert.ToBase64String(envelope.Signature) }),
    }.ToJsonString());

    /// <summary>Reads a layer and its annotations.</summary>
    public static StoredSignature Read(byte[] blob, Descriptor layer, Digest image)
    {
        try
        {
            var simple = layer.MediaType == SimpleSigning.MediaType;
            BundleContent content = simple
                ? new MessageSignature(null, Decode(layer.Annotations.GetValueOrDefault(Signature) ?? ""))
                : ReadEnvelope(blob);
            var certificate = layer.Annotations.GetValueOrDefault(Certificate) is { Length: > 0 } pem ? ReadPem(pem) : null;
            var bundle = new Bundle
            {
                Version = BundleVersion.V01,
                Certificates = certificate is null ? [] : [certificate],
                KeyHint = certificate is null ? "" : null,
                LogEntries = layer.Annotations.GetValueOrDefault(LogBundle) is { Length: > 0 } log ? [ReadEntry(log)] : [],
                Timestamps = layer.Annotations.GetValueOrDefault(Timestamp) is { Length: > 0 } stamp ? [ReadTimestamp(stamp)] : [],
                Content = content,
            };
            return simple
                ? new StoredSignature("legacy", bundle, "", Artifact.OfContent(blob), SimpleSigning.SignedDigest(blob) ?? "")
                : new StoredSignature("legacy", bundle, "", Artifact.OfSha256(Convert.FromHexString(image.Hex)), null);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            return new StoredSignature("legacy", null, "the signature under the image's tag cannot be read", Artifact.OfContent(blob), "");
        }
    }

    private static DsseEnvelope ReadEnvelope(byte[] blob)
    {
        using var document = JsonDocument.Parse(blob, new JsonDocumentOptions { AllowDuplicateProperties = false });
        var root = document.RootElement;
        var signatures = root.GetProperty("signatures");
        return signatures.GetArrayLength() == 1
            ? new DsseEnvelope(Decode(Text(root, "payload")), Text(root, "payloadType"), Decode(Text(signatures[0], "sig")), signatures[0].TryGetProperty("keyid", out var id) ? id.GetString() ?? "" : "")
            : throw new FormatException("An envelope has exactly one signature.");
    }

    private static LogEntry ReadEntry(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        var payload = document.RootElement.GetProperty("Payload");
        var body = Decode(Text(payload, "body"));
        using var entry = JsonDocument.Parse(body);
        return new LogEntry
        {
            LogIndex = payload.GetProperty("logIndex").GetInt64(),
            LogId = Convert.FromHexString(Text(payload, "logID")),
            Kind = Text(entry.RootElement, "kind"),
            KindVersion = Text(entry.RootElement, "apiVersion"),
            IntegratedTime = payload.GetProperty("integratedTime").GetInt64(),
            SignedEntryTimestamp = Decode(Text(document.RootElement, "SignedEntryTimestamp")),
            CanonicalizedBody = body,
        };
    }

    private static byte[] ReadTimestamp(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Decode(Text(document.RootElement, "SignedRFC3161Timestamp"));
    }

    private static byte[] ReadPem(string pem) =>
        PemEncoding.TryFind(pem, out var fields) && pem[fields.Label] == "CERTIFICATE" ? Convert.FromBase64String(pem[fields.Base64Data]) : throw new FormatException("The certificate is not PEM.");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name} is null."));

    private static byte[] Decode(string text) => Convert.FromBase64String(text);
}
