using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Cosign;

/// <summary>The in-toto statement that stands for an image signature in a bundle (cosign 3).</summary>
internal static class SigningStatement
{
    public const string PredicateType = "https://sigstore.dev/cosign/sign/v1";

    /// <summary>The subject has no name: it is the digest that is signed, wherever the image is kept.</summary>
    public static byte[] Of(Digest digest) => InTotoStatement.Write(digest.Algorithm, digest.Hex, PredicateType, new JsonObject());
}
