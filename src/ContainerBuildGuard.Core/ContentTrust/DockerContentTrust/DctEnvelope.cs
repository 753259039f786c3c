using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.Sigstore.Tuf;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Signed metadata before its signatures are checked.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="Body">The signed part.</param>
/// <param name="Signed">What signatures cover.</param>
/// <param name="Signatures">The signatures.</param>
internal sealed record DctEnvelope(byte[] Bytes, JsonElement Body, byte[] Signed, ImmutableArray<(string KeyId, string Method, byte[] Signature)> Signatures)
{
    private const int MaxSignatures = 256;

    /// <summary>The version; it only counts once the signatures are checked.</summary>
    public long Version => Body.Integer("version");

    public DateTimeOffset Expires => Body.Member("expires", JsonValueKind.String).TryGetDateTimeOffset(out var time) ? time : throw DctException.Malformed("expires is not a time");

    /// <param name="json">The file.</param>
    /// <param name="type">Root, Timestamp, Snapshot or Targets.</param>
    /// <exception cref="DctException">Malformed, or of another type.</exception>
    public static DctEnvelope Parse(byte[] json, string type)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var body = document.RootElement.Member("signed", JsonValueKind.Object).Clone();
            if (body.Text("_type") != type)
            {
                throw DctException.Malformed("it is of another type");
            }

            var signatures = document.RootElement.Member("signatures", JsonValueKind.Array);
            return signatures.GetArrayLength() <= MaxSignatures
                ? new DctEnvelope(json, body, CanonicalJson.Encode(body), [.. signatures.EnumerateArray().Select(s => (s.Text("keyid"), s.Text("method"), DctJson.Base64(s.Text("sig"), "a signature")))])
                : throw new DctException(DctError.Limit, $"it has more than {MaxSignatures} signatures");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or TufException)
        {
            throw new DctException(DctError.Malformed, $"the {type.ToLowerInvariant()} metadata is not valid JSON", e);
        }
        catch (DctException e) when (e.Error == DctError.Malformed)
        {
            throw new DctException(DctError.Malformed, $"the {type.ToLowerInvariant()} metadata cannot be read: {e.Message}", e);
        }
    }
}
