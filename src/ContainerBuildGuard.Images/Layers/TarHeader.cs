using System.Collections.Frozen;

namespace ContainerBuildGuard.Images;

/// <summary>What a tar entry is.</summary>
public enum TarKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>Another name of a file that came before.</summary>
    HardLink,

    /// <summary>A character device.</summary>
    CharacterDevice,

    /// <summary>A block device.</summary>
    BlockDevice,

    /// <summary>A named pipe.</summary>
    Fifo,

    /// <summary>A type that this reader does not know; its content is skipped.</summary>
    Unknown,
}

/// <summary>The header of a tar entry, extensions applied.</summary>
public sealed class TarHeader
{
    /// <summary>The name as written.</summary>
    public required string Name { get; init; }

    /// <summary>What the entry is.</summary>
    public required TarKind Kind { get; init; }

    /// <summary>The type flag as written.</summary>
    public required char TypeFlag { get; init; }

    /// <summary>Bytes of content in the archive: for a sparse file, what is stored.</summary>
    public long Size { get; init; }

    /// <summary>Bytes of the file once it is unpacked; differs from <see cref="Size"/> for sparse files only.</summary>
    public long LogicalSize { get; init; }

    /// <summary>True for a sparse file: what is stored is its data without the holes, in PAX 1.0 with the map before it.</summary>
    public bool IsSparse { get; init; }

    /// <summary>Permission bits with setuid, setgid and sticky.</summary>
    public int Mode { get; init; }

    /// <summary>The owner's id; ids past 2,147,483,647 are that number.</summary>
    public int UserId { get; init; }

    /// <summary>The group's id; ids past 2,147,483,647 are that number.</summary>
    public int GroupId { get; init; }

    /// <summary>The target of a link, as written; empty for everything else.</summary>
    public string LinkName { get; init; } = "";

    /// <summary>The time of the last change; clamped to what .NET can hold.</summary>
    public DateTimeOffset Modified { get; init; }

    /// <summary>Extended attributes by PAX name (<c>SCHILY.xattr.…</c>), bytes as Latin-1.</summary>
    public FrozenDictionary<string, string> ExtendedAttributes { get; init; } = FrozenDictionary<string, string>.Empty;
}
