using System.Collections.Immutable;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>How the checks look at a host. Read-only; nothing is executed.</summary>
public interface IHostProbe
{
    bool IsLinux { get; }

    /// <summary>The user's home directory; empty where there is none.</summary>
    string HomeDirectory { get; }

    string? EnvironmentVariable(string name);

    /// <summary>Type, mode and owner of what <paramref name="path"/> leads to, links followed.</summary>
    Probed<HostFile> Stat(string path);

    /// <summary>The text of a regular file of at most 4 MiB.</summary>
    Probed<string> ReadText(string path);

    /// <summary>The names in a directory, ordinally sorted.</summary>
    Probed<ImmutableArray<string>> List(string path);

    Probed<ImmutableArray<HostProcess>> Processes();
}

/// <summary>A file's type and permission bits (as <c>st_mode</c>) and owner.</summary>
public sealed record HostFile(int Mode, uint Uid, uint Gid)
{
    private const int TypeMask = 0xF000;

    public bool IsRegular => (Mode & TypeMask) == 0x8000;
    public bool IsSocket => (Mode & TypeMask) == 0xC000;
    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>The twelve permission bits.</summary>
    public int Permissions => Mode & 0xFFF;

    /// <summary>Permissions in octal, as chmod takes them.</summary>
    public string Octal => "0" + Convert.ToString(Permissions, 8).PadLeft(3, '0');

    /// <summary>True when no bit outside <paramref name="most"/> is set. A comparison of numbers would let 0266 pass for 0644.</summary>
    public bool IsWithin(int most) => (Permissions & ~most) == 0;
}

public sealed record HostProcess(int Pid, uint Uid, ImmutableArray<string> Arguments)
{
    /// <summary>The program's file name.</summary>
    public string Name => Arguments is [var first, ..] ? first[(first.LastIndexOf('/') + 1)..] : "";
}

/// <summary>Something asked of the host: there, absent, or not to be read. The three never stand for one another.</summary>
public readonly record struct Probed<T>
{
    private Probed(bool found, T? value, string? problem) => (Found, Value, Problem) = (found, value!, problem);

    public bool Found { get; }
    public T Value { get; }

    /// <summary>Why it could not be read; null when it was found or is absent.</summary>
    public string? Problem { get; }

    public static implicit operator Probed<T>(T value) => new(true, value, null);

    internal static Probed<T> Absent { get; } = new(false, default, null);

    internal static Probed<T> Unreadable(string problem) => new(false, default, problem);
}
