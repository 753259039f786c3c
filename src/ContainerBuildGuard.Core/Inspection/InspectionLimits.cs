using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>Bounds that hold whatever an image contains. Each has a key under <c>limits</c> in the policy.</summary>
public sealed record InspectionLimits
{
    public static InspectionLimits Default { get; } = new();

    /// <summary>Bounds of each layer's content.</summary>
    public LayerLimits Layer { get; init; } = LayerLimits.Default;

    /// <summary>Most layers of one image (<c>layers</c>).</summary>
    public int Layers { get; init; } = 500;

    /// <summary>Largest file handed over whole, in bytes (<c>whole-file-bytes</c>).</summary>
    public int WholeFileBytes { get; init; } = 64 << 20;

    /// <summary>Longest path, in characters (<c>path-characters</c>).</summary>
    public int PathCharacters { get; init; } = 4096;

    /// <summary>Bytes of a window, at most <see cref="TarReader.WindowBytes"/>.</summary>
    public int WindowBytes { get; init; } = TarReader.WindowBytes;

    /// <summary>Bytes of a window that repeat the end of the one before.</summary>
    public int OverlapBytes { get; init; } = 8 << 10;

    /// <summary>How many of a window's last bytes the next one begins with.</summary>
    public int OverlapOf(int windowBytes) => Math.Min(OverlapBytes, windowBytes / 2);
}
