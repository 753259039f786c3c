using System.Collections.Immutable;
using System.Text.Json;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>An OpenVEX document that came with an image and was verified by whoever passes it in.</summary>
/// <remarks><c>Subject</c>: the digest that it is about. <c>IsForEveryPlatform</c>: that is the image's root. <c>Signer</c>: who vouches for it.</remarks>
internal sealed record AttachedVexDocument(string Subject, bool IsForEveryPlatform, string Signer, JsonElement Document);

/// <summary>What is attached to an image; and why documents that are there do not count.</summary>
internal sealed record AttachedVexDocuments(ImmutableArray<AttachedVexDocument> Trusted, ImmutableArray<string> Refused)
{
    public static AttachedVexDocuments None { get; } = new([], []);
}
