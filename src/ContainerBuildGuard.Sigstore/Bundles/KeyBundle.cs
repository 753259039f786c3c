using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Sigstore bundles v0.3 with a DSSE envelope, signed by a long-lived key. Bundles that rest on certificates or logs are refused: this client does not verify them yet.</summary>
public static class KeyBundle
{
    /// <summary>The media type of bundle v0.3.</summary>
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    private const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>Signs an in-toto statement (JSON) and returns the bundle's JSON.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> statement, SigningKey key) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["mediaType"] = MediaType,
        ["verificationMaterial"] = new JsonObject { ["publicKey"] = new JsonObject { ["hint"] = key.KeyId } },
        ["dsseEnvelope"] = new JsonObject
        {
            ["payload"] = Convert.ToBase64String(statement),
            ["payloadType"] = PayloadType,
            ["signatures"] = new JsonArray(new JsonObject { ["sig"] = Convert.ToBase64String(key.Sign(PreAuthenticationEncoding(statement))) }),
        },
    }.ToJsonString());

    /// <summary>The statement where <paramref name="key"/> signed it; else null and the reason.</summary>
    public static (byte[]? Statement, string Reason) Verify(ReadOnlyMemory<byte> bundle, VerificationKey key)
    {
        try
        {
            using var document = JsonDocument.Parse(bundle);
            var root = document.RootElement;
            if (root.GetProperty("mediaType").GetString() != MediaType)
            {
                return (null, "the bundle is not of version 0.3");
            }

            if (!root.GetProperty("verificationMaterial").TryGetProperty("publicKey", out _))
            {
                return (null, "the bundle rests on a certificate, which this version does not verify yet");
            }

            var envelope = root.GetProperty("dsseEnvelope");
            if (envelope.GetProperty("payloadType").GetString() != PayloadType)
            {
                return (null, "the bundle's payload is not an in-toto statement");
            }

            var statement = envelope.GetProperty("payload").GetBytesFromBase64();
            var signed = PreAuthenticationEncoding(statement);
            return envelope.GetProperty("signatures").EnumerateArray().Any(s => key.Verify(signed, s.GetProperty("sig").GetBytesFromBase64()))
                ? (statement, "")
                : (null, "the bundle is not signed by this key");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return (null, $"the bundle cannot be read ({e.Message.TrimEnd('.')})");
        }
    }

    /// <summary>What a DSSE signature covers (DSSE protocol, "PAE").</summary>
    private static byte[] PreAuthenticationEncoding(ReadOnlySpan<byte> payload) =>
        [.. Encoding.UTF8.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} "), .. payload];
}
