using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Puts signatures into transparency logs: Rekor v1 (<c>openapi.yaml</c>) and Rekor v2 (<c>rekor_service.proto</c>).</summary>
internal static class RekorClient
{
    /// <summary>The entry as bundles carry it.</summary>
    public static Task<LogEntry> AddAsync(HttpClient http, SigstoreService log, BundleContent content, byte[] artifactSha256, SigningCredential credential, CancellationToken cancellationToken) =>
        log.MajorApiVersion >= 2 ? AddToTiledLogAsync(http, log.Url, content, artifactSha256, credential, cancellationToken) : AddToLogAsync(http, log.Url, content, artifactSha256, credential, cancellationToken);

    private static async Task<LogEntry> AddToLogAsync(HttpClient http, Uri log, BundleContent content, byte[] artifactSha256, SigningCredential credential, CancellationToken cancellationToken)
    {
        var verifier = Convert.ToBase64String(Encoding.ASCII.GetBytes(credential.Certificate is { } certificate ? PemEncoding.WriteString("CERTIFICATE", certificate) + "\n" : credential.Signer.PublicKey.Pem));
        var body = Encoding.UTF8.GetBytes(Proposal(content, artifactSha256, verifier).ToJsonString());
        var name = $"The transparency log {log.Host}";
        var (status, answer, location) = await ServiceCall.SendAsync(
            http,
            name,
            () => new HttpRequestMessage(HttpMethod.Post, ServiceUrl.Below(log, "api/v1/log/entries")) { Content = ServiceUrl.Json(body) },
            s => s is HttpStatusCode.Created or HttpStatusCode.Conflict,
            cancellationToken).ConfigureAwait(false);
        if (status == HttpStatusCode.Conflict)
        {
            // It has the very same entry already, and says where.
            var existing = location is null ? null : new Uri(log, location);
            if (existing is null || existing.Authority != log.Authority)
            {
                throw new SigstoreException(SigstoreError.Malformed, $"{name} has the entry already and does not say where");
            }

            (_, answer, _) = await ServiceCall.SendAsync(http, name, () => new HttpRequestMessage(HttpMethod.Get, existing), s => s == HttpStatusCode.OK, cancellationToken).ConfigureAwait(false);
        }

        return ReadEntry(answer, content);
    }

    private static JsonObject Proposal(BundleContent content, byte[] artifactSha256, string verifier) => content is DsseEnvelope envelope
        ? new JsonObject
        {
            ["apiVersion"] = "0.0.1",
            ["kind"] = "dsse",
            ["spec"] = new JsonObject { ["proposedContent"] = new JsonObject { ["envelope"] = Envelope(envelope).ToJsonString(), ["verifiers"] = new JsonArray(verifier) } },
        }
        : new JsonObject
        {
            ["apiVersion"] = "0.0.1",
            ["kind"] = "hashedrekord",
            ["spec"] = new JsonObject
            {
                ["data"] = new JsonObject { ["hash"] = new JsonObject { ["algorithm"] = "sha256", ["value"] = Convert.ToHexStringLower(artifactSha256) } },
                ["signature"] = new JsonObject { ["content"] = Convert.ToBase64String(content.Signature), ["publicKey"] = new JsonObject { ["content"] = verifier } },
            },
        };

    /// <summary>One member, named by the entry's own identity; hexadecimal where bundles have base64.</summary>
    private static LogEntry ReadEntry(byte[] answer, BundleContent content)
    {
        using var document = ProtoMessage.Parse(answer, 8 << 20, "the transparency log's answer");
        var entry = ProtoMessage.Root(document).Single();
        var verification = entry.Required("verification");
        var proof = verification.Required("inclusionProof");
        try
        {
            return new LogEntry
            {
                LogIndex = entry.Integer("logIndex"),
                LogId = Convert.FromHexString(entry.RequiredText("logID")),
                Kind = content is DsseEnvelope ? "dsse" : "hashedrekord",
                KindVersion = "0.0.1",
                IntegratedTime = entry.Integer("integratedTime"),
                SignedEntryTimestamp = verification.RequiredBytes("signedEntryTimestamp"),
                CanonicalizedBody = entry.RequiredBytes("body"),
                InclusionProof = new InclusionProof(
                    proof.Integer("logIndex"),
                    proof.Integer("treeSize"),
                    Convert.FromHexString(proof.RequiredText("rootHash")),
                    [.. proof.TextList("hashes").Select(Convert.FromHexString)],
                    proof.RequiredText("checkpoint")),
            };
        }
        catch (FormatException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, "the transparency log answers with something else than hexadecimal", e);
        }
    }

    private static async Task<LogEntry> AddToTiledLogAsync(HttpClient http, Uri log, BundleContent content, byte[] artifactSha256, SigningCredential credential, CancellationToken cancellationToken)
    {
        var key = credential.Signer.PublicKey;
        var verifier = new JsonObject
        {
            [credential.Certificate is null ? "publicKey" : "x509Certificate"] = new JsonObject { ["rawBytes"] = Convert.ToBase64String(credential.Certificate ?? key.SubjectPublicKeyInfo) },
            ["keyDetails"] = key.Algorithm.KeyDetails(key.KeySize),
        };
        var request = content is DsseEnvelope envelope
            ? new JsonObject { ["dsseRequestV002"] = new JsonObject { ["envelope"] = Envelope(envelope), ["verifiers"] = new JsonArray(verifier) } }
            : new JsonObject { ["hashedRekordRequestV002"] = new JsonObject { ["digest"] = Convert.ToBase64String(artifactSha256), ["signature"] = new JsonObject { ["content"] = Convert.ToBase64String(content.Signature), ["verifier"] = verifier } } };
        var body = Encoding.UTF8.GetBytes(request.ToJsonString());
        var (_, answer, _) = await ServiceCall.SendAsync(
            http,
            $"The transparency log {log.Host}",
            () => new HttpRequestMessage(HttpMethod.Post, ServiceUrl.Below(log, "api/v2/log/entries")) { Content = ServiceUrl.Json(body) },
            s => s is HttpStatusCode.OK or HttpStatusCode.Created,
            cancellationToken).ConfigureAwait(false);
        using var document = ProtoMessage.Parse(answer, 8 << 20, "the transparency log's answer");
        return BundleReader.Entry(ProtoMessage.Root(document));
    }

    private static JsonObject Envelope(DsseEnvelope envelope) => new()
    {
        ["payload"] = Convert.ToBase64String(envelope.Payload),
        ["payloadType"] = envelope.PayloadType,
        ["signatures"] = new JsonArray(new JsonObject { ["sig"] = Convert.ToBase64String(envelope.Signature), ["keyid"] = envelope.KeyId }),
    };
}
