using System.Buffers.Text;
using System.Formats.Cbor;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>
/// An envelope of either kind, written here a second time from the specification's words and signed whatever it says: the headers are one list for both, so that each rule is broken in
/// both by the same line.
/// </summary>
internal sealed class ForgedEnvelope
{
    private static readonly Dictionary<string, int> Labels = new() { ["alg"] = 1, ["crit"] = 2, ["cty"] = 3 };
    private static readonly Dictionary<string, int> CoseAlgorithms = new() { ["PS256"] = -37, ["PS384"] = -38, ["PS512"] = -39, ["ES256"] = -7, ["ES384"] = -35, ["ES512"] = -36 };

    public ForgedEnvelope(IReadOnlyList<X509Certificate2> chain, byte[] payload, DateTimeOffset signingTime) => (Chain, Payload, Headers) = ([.. chain], payload, new()
    {
        ["alg"] = "ES256",
        ["cty"] = "application/vnd.cncf.notary.payload.v1+json",
        ["crit"] = (string[])["io.cncf.notary.signingScheme"],
        ["io.cncf.notary.signingScheme"] = "notary.x509",
        ["io.cncf.notary.signingTime"] = signingTime,
    });

    /// <summary>Texts, lists of texts, and times.</summary>
    public Dictionary<string, object> Headers { get; }

    public List<X509Certificate2> Chain { get; }

    public byte[] Payload { get; set; }

    public Func<byte[], byte[]>? Timestamp { get; set; }

    /// <summary>Changes the JWS before it is written.</summary>
    public Action<JsonObject>? ChangeJws { get; set; }

    public void Mark(string name) => Headers["crit"] = (string[])[.. (string[])Headers["crit"], name];

    public byte[] Write(string mediaType, X509Certificate2 signer) => mediaType == "application/cose" ? Cose(signer) : Jws(signer);

    private byte[] Jws(X509Certificate2 signer)
    {
        var headers = new JsonObject(Headers.Select(h => KeyValuePair.Create(h.Key, h.Value switch
        {
            string[] list => new JsonArray([.. list.Select(t => (JsonNode)t)]),
            DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            var text => (JsonNode?)(string)text,
        })));
        var (signed, payload) = (Base64Url.EncodeToString(Encoding.UTF8.GetBytes(headers.ToJsonString())), Base64Url.EncodeToString(Payload));
        var signature = Sign(signer, Encoding.ASCII.GetBytes($"{signed}.{payload}"));
        var unsigned = new JsonObject { ["x5c"] = new JsonArray([.. Chain.Select(c => (JsonNode)Convert.ToBase64String(c.RawData))]), ["io.cncf.notary.signingAgent"] = "forge/1" };
        if (Timestamp is not null)
        {
            unsigned["io.cncf.notary.timestampSignature"] = Convert.ToBase64String(Timestamp(signature));
        }

        var json = new JsonObject { ["payload"] = payload, ["protected"] = signed, ["header"] = unsigned, ["signature"] = Base64Url.EncodeToString(signature) };
        ChangeJws?.Invoke(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private byte[] Cose(X509Certificate2 signer)
    {
        var headers = Map(Headers.Select(h => (Labels.TryGetValue(h.Key, out var label) ? label : (object)h.Key, h.Key == "alg" ? CoseAlgorithms.GetValueOrDefault((string)h.Value, 0) : h.Value)));
        var toBeSigned = new CborWriter();
        toBeSigned.WriteStartArray(4);
        toBeSigned.WriteTextString("Signature1");
        toBeSigned.WriteByteString(headers);
        toBeSigned.WriteByteString([]);
        toBeSigned.WriteByteString(Payload);
        toBeSigned.WriteEndArray();
        var signature = Sign(signer, toBeSigned.Encode());
        var unsigned = new List<(object, object)> { (33, Chain.Select(c => c.RawData).ToArray()), ("io.cncf.notary.signingAgent", "forge/1") };
        if (Timestamp is not null)
        {
            unsigned.Add(("io.cncf.notary.timestampSignature", Timestamp(signature)));
        }

        var writer = new CborWriter();
        writer.WriteTag((CborTag)18);
        writer.WriteStartArray(4);
        writer.WriteByteString(headers);
        writer.WriteEncodedValue(Map(unsigned));
        writer.WriteByteString(Payload);
        writer.WriteByteString(signature);
        writer.WriteEndArray();
        return writer.Encode();
    }

    private static byte[] Map(IEnumerable<(object Label, object Value)> entries)
    {
        var writer = new CborWriter();
        writer.WriteStartMap(null);
        foreach (var (label, value) in entries)
        {
            WriteValue(writer, label);
            WriteValue(writer, value);
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    private static void WriteValue(CborWriter writer, object value)
    {
        switch (value)
        {
            case int number:
                writer.WriteInt32(number);
                break;
            case DateTimeOffset time:
                writer.WriteTag(CborTag.UnixTimeSeconds);
                writer.WriteInt64(time.ToUnixTimeSeconds());
                break;
            case byte[] bytes:
                writer.WriteByteString(bytes);
                break;
            case string text:
                writer.WriteTextString(text);
                break;
            default:
                var items = ((Array)value).Cast<object>().ToList();
                writer.WriteStartArray(items.Count);
                items.ForEach(i => WriteValue(writer, i));
                writer.WriteEndArray();
                break;
        }
    }

    private static byte[] Sign(X509Certificate2 signer, byte[] data)
    {
        using var rsa = signer.GetRSAPrivateKey();
        if (rsa is not null)
        {
            return rsa.SignData(data, rsa.KeySize switch { 2048 => HashAlgorithmName.SHA256, 3072 => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 }, RSASignaturePadding.Pss);
        }

        using var ecdsa = signer.GetECDsaPrivateKey()!;
        return ecdsa.SignData(data, ecdsa.KeySize switch { 384 => HashAlgorithmName.SHA384, 521 => HashAlgorithmName.SHA512, _ => HashAlgorithmName.SHA256 });
    }
}
