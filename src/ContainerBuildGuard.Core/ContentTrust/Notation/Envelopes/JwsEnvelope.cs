using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>The JWS envelope: flattened JSON (RFC 7515, section 7.2.2; Notary Project, "JWS Signature Envelope").</summary>
internal static class JwsEnvelope
{
    public const string MediaType = "application/jose+json";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>JSON for programs: no escapes that HTML would need.</summary>
    public static JsonSerializerOptions Plain { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="NotationException">Not such an envelope.</exception>
    public static NotationEnvelope Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, Strict);
            var root = document.RootElement;
            if (root.EnumerateObject().FirstOrDefault(m => m.Name is not ("payload" or "protected" or "header" or "signature")) is { Value.ValueKind: not JsonValueKind.Undefined } other)
            {
                throw new NotationException($"the envelope has a member '{other.Name}', which a flattened JWS does not");
            }

            var (payload, headers, signature) = (Text(root, "payload"), Text(root, "protected"), Text(root, "signature"));
            using var signed = JsonDocument.Parse(Decode(headers), Strict);
            var unsigned = root.GetProperty("header");
            if (unsigned.EnumerateObject().FirstOrDefault(m => signed.RootElement.TryGetProperty(m.Name, out _)) is { Value.ValueKind: not JsonValueKind.Undefined } twice)
            {
                throw new NotationException($"the header '{twice.Name}' is there signed and unsigned");
            }

            return new NotationEnvelope
            {
                Headers = ReadHeaders(signed.RootElement),
                Payload = Decode(payload),
                ToBeSigned = Encoding.ASCII.GetBytes($"{headers}.{payload}"),
                Signature = Decode(signature),
                Chain = NotationEnvelope.ReadChain([.. unsigned.GetProperty("x5c").EnumerateArray().Select(c => FromBase64(c.GetString()!))]),
                Timestamp = unsigned.TryGetProperty(ProtectedHeaders.TimestampSignature, out var timestamp) ? FromBase64(timestamp.GetString()!) : null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new NotationException("the envelope is not a JWS in flattened JSON with payload, protected, header and signature", e);
        }
    }

    /// <summary>The protected header, as it is signed.</summary>
    public static string WriteHeaders(ProtectedHeaders headers)
    {
        var json = new JsonObject
        {
            ["alg"] = headers.Algorithm!.Name,
            ["cty"] = headers.ContentType,
            ["crit"] = new JsonArray([.. headers.Critical.Select(c => (JsonNode)c)]),
            [ProtectedHeaders.Scheme] = headers.SigningScheme,
        };
        foreach (var (name, time) in headers.Times())
        {
            json[name] = time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
        }

        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString(Plain)));
    }

    public static byte[] ToBeSigned(string headers, byte[] payload) => Encoding.ASCII.GetBytes($"{headers}.{Base64Url.EncodeToString(payload)}");

    public static byte[] Write(string headers, byte[] payload, byte[] signature, IEnumerable<byte[]> chain, byte[]? timestamp, string agent)
    {
        var unsigned = new JsonObject { ["x5c"] = new JsonArray([.. chain.Select(c => (JsonNode)Convert.ToBase64String(c))]), [ProtectedHeaders.Agent] = agent };
        if (timestamp is not null)
        {
            unsigned[ProtectedHeaders.TimestampSignature] = Convert.ToBase64String(timestamp);
        }

        var json = new JsonObject { ["payload"] = Base64Url.EncodeToString(payload), ["protected"] = headers, ["header"] = unsigned, ["signature"] = Base64Url.EncodeToString(signature) };
        return Encoding.UTF8.GetBytes(json.ToJsonString(Plain));
    }

    private static ProtectedHeaders ReadHeaders(JsonElement json) => new()
    {
        Names = [.. json.EnumerateObject().Select(m => m.Name)],
        Algorithm = json.TryGetProperty("alg", out var name) && name.GetString() is { } text ? EnvelopeAlgorithm.All.FirstOrDefault(a => a.Name == text) : null,
        ContentType = json.TryGetProperty("cty", out var type) ? type.GetString() : null,
        Critical = json.TryGetProperty("crit", out var critical) ? [.. critical.EnumerateArray().Select(c => c.GetString()!)] : [],
        SigningScheme = json.TryGetProperty(ProtectedHeaders.Scheme, out var scheme) ? scheme.GetString() : null,
        SigningTime = Time(json, ProtectedHeaders.Time),
        AuthenticSigningTime = Time(json, ProtectedHeaders.AuthenticTime),
        Expiry = Time(json, ProtectedHeaders.ExpiryTime),
    };

    private static DateTimeOffset? Time(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            return null;
        }

        // RFC 3339 with whole seconds, or a fraction that counts for nothing.
        return value.GetString() is { Length: >= 20 and <= 35 } text && text[10] == 'T' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : throw new NotationException($"'{name}' is not a time (RFC 3339)");
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");

    /// <summary>Base64url without padding, in the one spelling that each content has.</summary>
    private static byte[] Decode(string text)
    {
        var bytes = Base64Url.DecodeFromChars(text);
        return Base64Url.EncodeToString(bytes) == text ? bytes : throw new FormatException("The base64url text has another spelling than its content.");
    }

    private static byte[] FromBase64(string text)
    {
        var bytes = Convert.FromBase64String(text);
        return Convert.ToBase64String(bytes) == text ? bytes : throw new FormatException("The base64 text has another spelling than its content.");
    }
}
