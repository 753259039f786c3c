using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>What a signature is about: the descriptor of an artifact (Notary Project signature specification, "Payload").</summary>
internal static class NotationPayload
{
    public static byte[] Write(Descriptor artifact) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["targetArtifact"] = new JsonObject { ["mediaType"] = artifact.MediaType, ["digest"] = artifact.Digest.ToString(), ["size"] = artifact.Size },
    }.ToJsonString(JwsEnvelope.Plain));

    /// <summary>Null where the payload is about this artifact, by media type, digest and size; else why not.</summary>
    public static string? Check(ReadOnlyMemory<byte> payload, Descriptor artifact)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var target = document.RootElement.GetProperty("targetArtifact");
            var (type, digest, size) = (target.GetProperty("mediaType").GetString(), target.GetProperty("digest").GetString(), target.GetProperty("size").GetInt64());
            return digest != artifact.Digest.ToString() ? $"the signature is for another artifact ({digest})"
                : type != artifact.MediaType ? $"the signature is for the digest as '{type}', not as '{artifact.MediaType}'"
                : size != artifact.Size ? $"the signature is for {size} bytes, and the artifact has {artifact.Size}"
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return "the signature's payload names no artifact";
        }
    }
}
