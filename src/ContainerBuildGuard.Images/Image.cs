using System.Collections.Immutable;

namespace ContainerBuildGuard.Images;

/// <summary>One image for one platform: its manifest and configuration as read, and the store that opens its layers.</summary>
public sealed record Image
{
    /// <summary>How the user named it.</summary>
    public required string Reference { get; init; }

    /// <summary>The manifest's descriptor.</summary>
    public required Descriptor Descriptor { get; init; }

    /// <summary>The manifest's exact bytes.</summary>
    public required ReadOnlyMemory<byte> ManifestBytes { get; init; }

    /// <summary>The manifest.</summary>
    public required ImageManifest Manifest { get; init; }

    /// <summary>The configuration.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>The configuration's exact bytes.</summary>
    public required ReadOnlyMemory<byte> ConfigBytes { get; init; }

    /// <summary>Opens layers.</summary>
    public required IBlobStore Blobs { get; init; }

    /// <summary>The manifest's digest.</summary>
    public Digest Digest => Descriptor.Digest;

    /// <summary>The platform: the configuration's, which is what runs.</summary>
    public Platform Platform => new(Config.Os, Config.Architecture, Config.Variant);
}

/// <summary>What a reference resolved to: an image or an index, and every image in it.</summary>
public sealed record ImageSet : IAsyncDisposable
{
    /// <summary>How the user named it.</summary>
    public required string Reference { get; init; }

    /// <summary>The root: a manifest, or an index where there are several platforms.</summary>
    public required Descriptor Root { get; init; }

    /// <summary>The exact bytes of every manifest and index by digest, inner ones before the index that lists them, the root last.</summary>
    public required ImmutableArray<(Descriptor Descriptor, ReadOnlyMemory<byte> Bytes)> Manifests { get; init; }

    /// <summary>The images, one a platform, in the index's order. Attestation manifests (platform unknown/unknown) and artifacts are not images.</summary>
    public required ImmutableArray<Image> Images { get; init; }

    /// <summary>What an index lists and an archive does not hold: an engine exports the platforms that it has pulled. Such a set can be read, not pushed.</summary>
    public ImmutableArray<Descriptor> Absent { get; init; } = [];

    /// <summary>Opens the content of every manifest of the set, those that are no images included; null where each image has a store of its own.</summary>
    public IBlobStore? Blobs { get; init; }

    /// <summary>What the transport holds open (an archive's file, a connection); disposed with the set.</summary>
    public IAsyncDisposable? Owner { get; init; }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Owner?.DisposeAsync() ?? ValueTask.CompletedTask;
}
