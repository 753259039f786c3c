using System.Collections.Immutable;

namespace ContainerBuildGuard.Images;

/// <summary>A manifest of one image (OCI image manifest; Docker image manifest V2 schema 2). The bytes it was read from stay with <see cref="Image"/>.</summary>
public sealed record ImageManifest
{
    /// <summary>The manifest's own media type.</summary>
    public required string MediaType { get; init; }

    /// <summary>The image configuration.</summary>
    public required Descriptor Config { get; init; }

    /// <summary>The layers, lowest first.</summary>
    public required ImmutableArray<Descriptor> Layers { get; init; }

    /// <summary>What this manifest refers to (OCI 1.1 referrers), where it is about another manifest.</summary>
    public Descriptor? Subject { get; init; }

    /// <summary>The artifact type, where this is an artifact and not an image.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Free key-value pairs.</summary>
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>A list of manifests, usually one a platform (OCI image index; Docker manifest list).</summary>
public sealed record ImageIndex
{
    /// <summary>The index's own media type.</summary>
    public required string MediaType { get; init; }

    /// <summary>The manifests, in order.</summary>
    public required ImmutableArray<Descriptor> Manifests { get; init; }

    /// <summary>Free key-value pairs.</summary>
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
