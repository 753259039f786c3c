using System.Collections.Immutable;

namespace ContainerBuildGuard.Images;

/// <summary>Points at content by digest (OCI image specification, "Content Descriptors").</summary>
public sealed record Descriptor
{
    /// <summary>The content's media type.</summary>
    public required string MediaType { get; init; }

    /// <summary>The content's digest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The content's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Set on manifests in an index that are for one platform.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Set where the content is an artifact.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Free key-value pairs.</summary>
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where non-distributable (foreign) content can be fetched; empty for ordinary content.</summary>
    public ImmutableArray<string> Urls { get; init; } = [];

    /// <summary>The descriptor of <paramref name="content"/>.</summary>
    public static Descriptor Of(string mediaType, ReadOnlySpan<byte> content) =>
        new() { MediaType = mediaType, Digest = Digest.Sha256(content), Size = content.Length };
}
