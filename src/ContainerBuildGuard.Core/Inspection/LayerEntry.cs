using System.Collections.Frozen;

namespace ContainerBuildGuard.Inspection;

/// <summary>What an entry is; the values are those of <see cref="ContainerBuildGuard.Images.TarKind"/>.</summary>
public enum EntryType
{
    File,
    Directory,
    SymbolicLink,
    HardLink,
    CharacterDevice,
    BlockDevice,
    Fifo,
}

/// <summary>One entry of a layer's tar, its path cleaned: no leading <c>/</c> or <c>./</c>, no <c>..</c>.</summary>
public sealed record LayerEntry
{
    public required string Path { get; init; }
    public required EntryType Type { get; init; }
    public required int LayerIndex { get; init; }

    /// <summary>Zero-based place among the layer's entries.</summary>
    internal int Ordinal { get; init; }

    /// <summary>Size in bytes of a file's content.</summary>
    public long Size { get; init; }

    /// <summary>Permission bits with setuid (04000), setgid (02000) and sticky (01000).</summary>
    public int Mode { get; init; }
    public int UserId { get; init; }
    public int GroupId { get; init; }
    public string? LinkTarget { get; init; }
    public DateTimeOffset Modified { get; init; }

    /// <summary>PAX extended attributes (<c>SCHILY.xattr.security.capability</c>…), where present.</summary>
    public FrozenDictionary<string, string> ExtendedAttributes { get; init; } = FrozenDictionary<string, string>.Empty;

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
