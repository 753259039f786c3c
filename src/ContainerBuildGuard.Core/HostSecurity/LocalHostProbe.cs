using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>The machine this runs on.</summary>
public sealed class LocalHostProbe(string? workingDirectory = null) : IHostProbe
{
    private const int StepBytes = 4 << 10;
    private const int MaxNames = 20_000;
    private const int CurrentDirectory = -100;
    private const uint BasicStats = 0x7FF;
    private const int NoEntry = 2;
    private const int NotADirectory = 20;

    public bool IsLinux => OperatingSystem.IsLinux();

    public string HomeDirectory => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    public string Root => "";

    public string WorkingDirectory { get; } = workingDirectory ?? Environment.CurrentDirectory;

    public ImmutableArray<string> EnvironmentVariableNames => [.. Environment.GetEnvironmentVariables().Keys.Cast<string>().Order(StringComparer.Ordinal)];

    public string? EnvironmentVariable(string name) => Environment.GetEnvironmentVariable(name);

    public Probed<HostFile> Stat(string path)
    {
        // statx, because its layout is the same on every architecture and .NET has no call that gives an owner.
        var buffer = new byte[256];
        if (NativeMethods.Statx(CurrentDirectory, Encoding.UTF8.GetBytes(path + '\0'), 0, BasicStats, buffer) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is NoEntry or NotADirectory
                ? Probed<HostFile>.Absent
                : Probed<HostFile>.Unreadable($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return new HostFile(
            BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(28)),
            BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(20)),
            BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(24)),
            ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(136)) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(140)),
            DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(112)), 0, 253402300799)));
    }

    public Probed<string> ReadText(string path, int maxBytes = 4 << 20) => ReadBytes(path, maxBytes).Select(bytes => Encoding.UTF8.GetString(bytes.Span).TrimStart('\uFEFF'));

    public Probed<ReadOnlyMemory<byte>> ReadBytes(string path, int maxBytes)
    {
        var file = Stat(path);
        if (!file.Found)
        {
            return file.Select(_ => ReadOnlyMemory<byte>.Empty);
        }

        if (!file.Value.IsRegular)
        {
            // Opening a named pipe would wait for a writer for ever.
            return Probed<ReadOnlyMemory<byte>>.Unreadable($"{path} is not a regular file");
        }

        return Guarded<ReadOnlyMemory<byte>>(path, () =>
        {
            // In small steps: /proc/sys refuses to serve a read of megabytes.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            using var content = new MemoryStream();
            var buffer = new byte[StepBytes];
            while (stream.Read(buffer) is > 0 and var count)
            {
                content.Write(buffer, 0, count);
                if (content.Length > maxBytes)
                {
                    return Probed<ReadOnlyMemory<byte>>.Unreadable($"{path} is larger than {maxBytes >> 20} MiB");
                }
            }

            return (ReadOnlyMemory<byte>)content.GetBuffer().AsMemory(0, (int)content.Length);
        });
    }

    public Probed<ImmutableArray<string>> List(string path) => Guarded<ImmutableArray<string>>(path, () =>
        Directory.EnumerateFileSystemEntries(path).Take(MaxNames).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal).ToImmutableArray());

    public Probed<string> ReadLink(string path) => Guarded(path, () => new FileInfo(path).LinkTarget is { } target ? target : Probed<string>.Absent);

    public Probed<string> AskService(string socket, string pathAndQuery) => UnixSocketHttp.Get(socket, pathAndQuery);

    public Probed<ImmutableArray<HostProcess>> Processes()
    {
        var entries = List("/proc");
        if (!entries.Found)
        {
            return Probed<ImmutableArray<HostProcess>>.Unreadable(entries.Problem ?? "/proc is not mounted");
        }

        if (!entries.Value.Contains("1"))
        {
            return Probed<ImmutableArray<HostProcess>>.Unreadable("/proc hides the processes of other users (hidepid); run as root");
        }

        var processes = ImmutableArray.CreateBuilder<HostProcess>();
        foreach (var entry in entries.Value)
        {
            // A process that has ended meanwhile reads as absent and is left out.
            if (int.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Stat($"/proc/{entry}") is { Found: true, Value: var owner }
                && ReadText($"/proc/{entry}/cmdline") is { Found: true, Value.Length: > 0 } line)
            {
                processes.Add(new HostProcess(pid, owner.Uid, [.. line.Value.TrimEnd('\0').Split('\0')]));
            }
        }

        return processes.ToImmutable();
    }

    private static Probed<T> Guarded<T>(string path, Func<Probed<T>> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Probed<T>.Absent;
        }
        catch (UnauthorizedAccessException)
        {
            return Probed<T>.Unreadable($"{path}: permission denied; run as root to check it");
        }
        catch (IOException exception)
        {
            return Probed<T>.Unreadable($"{path}: {exception.Message.TrimEnd('.')}");
        }
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int Statx(int directory, byte[] path, int flags, uint mask, byte[] buffer);
    }
}
