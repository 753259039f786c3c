using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>Signed metadata before its signatures are checked.</summary>
/// <param name="Body">The signed part.</param>
/// <param name="Signed">What signatures cover.</param>
/// <param name="Signatures">The signatures; those that are empty or not hexadecimal are left out.</param>
internal sealed record TufEnvelope(JsonElement Body, byte[] Signed, ImmutableArray<(string KeyId, byte[] Signature)> Signatures)
{
    private const int MaxSignatures = 256;

    /// <summary>The version; it only counts once the signatures are checked.</summary>
    public long Version => Integer(Body, "version");

    public DateTimeOffset Expires => DateTimeOffset.TryParseExact(Text(Body, "expires"), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        ? time
        : throw Malformed("expires is not a time");

    /// <exception cref="TufException">Malformed, or of another type.</exception>
    public static TufEnvelope Parse(ReadOnlyMemory<byte> json, string type)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            var body = Member(root, "signed", JsonValueKind.Object).Clone();
            if (Text(body, "_type") != type)
            {
                throw Malformed($"its type is not {type}");
            }

            if (!Text(body, "spec_version").StartsWith("1.", StringComparison.Ordinal))
            {
                throw Malformed("its specification is not version 1");
            }

            var signatures = Member(root, "signatures", JsonValueKind.Array);
            return signatures.GetArrayLength() <= MaxSignatures
                ? new TufEnvelope(body, CanonicalJson.Encode(body), [.. signatures.EnumerateArray().Select(Signature).Where(s => s.Signature.Length > 0)])
                : throw new TufException(TufError.Limit, $"the {type} metadata has more than {MaxSignatures} signatures");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TufException(TufError.Malformed, $"the {type} metadata is not valid JSON", e);
        }
        catch (TufException e) when (e.Error == TufError.Malformed)
        {
            throw new TufException(TufError.Malformed, $"the {type} metadata cannot be read: {e.Message}", e);
        }
    }

    public static TufException Malformed(string what) => new(TufError.Malformed, what);

    public static JsonElement Member(JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : throw Malformed($"{name} is missing or is no {kind}");

    public static string Text(JsonElement element, string name) => Member(element, name, JsonValueKind.String).GetString()!;

    public static IEnumerable<string> Texts(JsonElement element, string name) =>
        Member(element, name, JsonValueKind.Array).EnumerateArray().Select(t => t.ValueKind == JsonValueKind.String ? t.GetString()! : throw Malformed($"{name} holds something else than texts"));

    public static long Integer(JsonElement element, string name) =>
        Member(element, name, JsonValueKind.Number).TryGetInt64(out var number) && number >= 0 ? number : throw Malformed($"{name} is not an integer of 0 or more");

    private static (string KeyId, byte[] Signature) Signature(JsonElement signature)
    {
        var hex = Text(signature, "sig");

        // A holder who has not signed yet leaves an empty text.
        return (Text(signature, "keyid"), hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : []);
    }
}
