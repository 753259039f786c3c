namespace ContainerBuildGuard.Images;

/// <summary>How much of an image's metadata is read. Each limit keeps a hostile image from taking memory or time; passing one is <see cref="ImageError.LimitExceeded"/> and names the limit.</summary>
public sealed record ImageLimits
{
    /// <summary>The defaults.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>Most bytes of a manifest or index: 4 MiB, which the distribution specification asks registries to take at least.</summary>
    public int ManifestBytes { get; init; } = 4 << 20;

    /// <summary>Most bytes of an image's configuration: 16 MiB.</summary>
    public int ConfigBytes { get; init; } = 16 << 20;

    /// <summary>Most layers of an image: 1,000 (engines stop at 128).</summary>
    public int Layers { get; init; } = 1000;

    /// <summary>Most manifests and indexes that one reference leads to: 256.</summary>
    public int Manifests { get; init; } = 256;

    /// <summary>Most indexes inside one another: 4.</summary>
    public int IndexDepth { get; init; } = 4;

    /// <summary>Most entries of an image archive: 100,000.</summary>
    public int ArchiveEntries { get; init; } = 100_000;

    /// <summary>Most bytes of an image archive once inflated, or as an engine exports it: 64 GiB.</summary>
    public long ArchiveBytes { get; init; } = 64L << 30;
}
