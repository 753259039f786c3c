using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.Cosign;

/// <summary>The in-toto statement that stands for an image signature in a bundle.</summary>
internal static class SigningStatement
{
    public const string PredicateType = "https://sigstore.dev/cosign/sign/v1";

    private const string StatementType = "https://in-toto.io/Statement/v1";

    public static byte[] Of(Digest digest) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["_type"] = StatementType,
        ["subject"] = new JsonArray(new JsonObject { ["name"] = "", ["digest"] = new JsonObject { [digest.Algorithm] = digest.Hex } }),
        ["predicateType"] = PredicateType,
        ["predicate"] = new JsonObject(),
    }.ToJsonString());

    /// <summary>Whether the statement is an image signature of <paramref name="digest"/>.</summary>
    public static bool IsFor(ReadOnlyMemory<byte> statement, Digest digest)
    {
        try
        {
            using var document = JsonDocument.Parse(statement);
            var root = document.RootElement;
            return root.GetProperty("_type").GetString() == StatementType
                && root.GetProperty("predicateType").GetString() == PredicateType
                && root.GetProperty("subject").EnumerateArray().Any(s => s.GetProperty("digest").TryGetProperty(digest.Algorithm, out var hex) && hex.GetString() == digest.Hex);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }
}
