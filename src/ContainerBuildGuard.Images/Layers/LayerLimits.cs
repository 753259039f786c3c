namespace ContainerBuildGuard.Images;

/// <summary>Bounds of a layer's content. A breach is an <see cref="ImageError.LimitExceeded"/> that names the limit.</summary>
public sealed record LayerLimits
{
    /// <summary>The defaults.</summary>
    public static LayerLimits Default { get; } = new();

    /// <summary>Most uncompressed bytes of one layer (<c>layer-bytes</c>).</summary>
    public long Bytes { get; init; } = 64L << 30;

    /// <summary>Most uncompressed bytes for each compressed one (<c>layer-ratio</c>), counted once <see cref="RatioFrom"/> is passed.</summary>
    public int Ratio { get; init; } = 200;

    /// <summary>Uncompressed bytes from which on the ratio counts: a small layer of zeros compresses well and is no bomb.</summary>
    public long RatioFrom { get; init; } = 256L << 20;

    /// <summary>Most entries of one layer, extension headers included (<c>layer-entries</c>).</summary>
    public long Entries { get; init; } = 2_000_000;

    /// <summary>Most bytes of one extended header or long name (<c>header-bytes</c>).</summary>
    public int HeaderBytes { get; init; } = 1 << 20;

    internal static ImageException Exceeded(string what, long limit, string key) =>
        new(ImageError.LimitExceeded, $"{what}, over the limit of {limit}: build the image without it, or raise the limit '{key}' in the policy.");
}
