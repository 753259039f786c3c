using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>How the collector looks at a host: this machine, or a folder that holds another's files. Read-only; nothing is executed.</summary>
public interface IHostProbe
{
    bool IsLinux { get; }

    /// <summary>The folder that stands for the machine's root; empty for the machine this runs on. A folder has no processes, no kernel and no environment.</summary>
    string Root { get; }

    /// <summary>The user's home directory; empty where there is none.</summary>
    string HomeDirectory { get; }

    /// <summary>Where the build runs.</summary>
    string WorkingDirectory { get; }

    ImmutableArray<string> EnvironmentVariableNames { get; }

    string? EnvironmentVariable(string name);

    /// <summary>Type, mode and owner of what <paramref name="path"/> leads to, links followed.</summary>
    Probed<HostFile> Stat(string path);

    /// <summary>The text of a regular file of at most <paramref name="maxBytes"/>.</summary>
    Probed<string> ReadText(string path, int maxBytes = 4 << 20);

    /// <summary>The bytes of a regular file of at most <paramref name="maxBytes"/>.</summary>
    Probed<ReadOnlyMemory<byte>> ReadBytes(string path, int maxBytes);

    /// <summary>The names in a directory, ordinally sorted.</summary>
    Probed<ImmutableArray<string>> List(string path);

    /// <summary>What a symbolic link says.</summary>
    Probed<string> ReadLink(string path);

    Probed<ImmutableArray<HostProcess>> Processes();

    /// <summary>The answer of a service on a Unix socket to an HTTP GET.</summary>
    Probed<string> AskService(string socket, string pathAndQuery);
}

/// <summary>A file's type and permission bits (as <c>st_mode</c>), owner, device, and time of its last change.</summary>
public sealed record HostFile(int Mode, uint Uid, uint Gid, ulong Device = 0, DateTimeOffset Modified = default)
{
    private const int TypeMask = 0xF000;

    [JsonIgnore]
    public bool IsRegular => (Mode & TypeMask) == 0x8000;

    [JsonIgnore]
    public bool IsSocket => (Mode & TypeMask) == 0xC000;

    [JsonIgnore]
    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>The twelve permission bits.</summary>
    [JsonIgnore]
    public int Permissions => Mode & 0xFFF;

    /// <summary>Permissions in octal, as chmod takes them.</summary>
    [JsonIgnore]
    public string Octal => "0" + Convert.ToString(Permissions, 8).PadLeft(3, '0');

    /// <summary>True when no bit outside <paramref name="most"/> is set. A comparison of numbers would let 0266 pass for 0644.</summary>
    public bool IsWithin(int most) => (Permissions & ~most) == 0;

    /// <summary>Whether others than the owner and root may write. A sticky folder lets others add but not replace.</summary>
    [JsonIgnore]
    public bool OthersMayReplace => (Permissions & 0x2) != 0 ? !(IsDirectory && (Permissions & 0x200) != 0) : (Permissions & 0x10) != 0 && Gid != 0;
}

public sealed record HostProcess(int Pid, uint Uid, ImmutableArray<string> Arguments)
{
    /// <summary>The program's file name.</summary>
    public string Name => Arguments is [var first, ..] ? first[(first.LastIndexOf('/') + 1)..] : "";
}

/// <summary>Something asked of the host: there, absent, or not to be read. The three never stand for one another.</summary>
public readonly record struct Probed<T>
{
    [JsonConstructor]
    public Probed(bool found, T value = default!, string? problem = null) => (Found, Value, Problem) = (found, value, problem);

    public bool Found { get; }

    /// <summary>Left out of a document where it says nothing: an unset array cannot be written.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public T Value { get; }

    /// <summary>Why it could not be read; null when it was found or is absent.</summary>
    public string? Problem { get; }

    public static implicit operator Probed<T>(T value) => new(true, value, null);

    internal static Probed<T> Absent { get; } = new(false, default!, null);

    internal static Probed<T> Unreadable(string problem) => new(false, default!, problem);

    /// <summary>The same with another value; absent stays absent and unreadable unreadable.</summary>
    internal Probed<TOther> Select<TOther>(Func<T, TOther> map) =>
        Found ? map(Value) : Problem is { } problem ? Probed<TOther>.Unreadable(problem) : Probed<TOther>.Absent;
}
