using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>
/// Indexes made of the OSV files that users name, kept in a folder of their own: making one anew takes longer than the rest of a check whose layers are known.
/// One belongs to its input files' paths, lengths and times. It helps and never hinders: where the folder cannot be used, an index lives as long as the run.
/// </summary>
public static class DerivedIndexes
{
    private const int Most = 4;

    /// <summary>Raised when the same files are read differently.</summary>
    private const int Readers = 2;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Deletes them all.</summary>
    /// <exception cref="IOException">One could not be deleted.</exception>
    public static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The index of <paramref name="path"/>, made where it is not there yet; null where the folder cannot be used.</summary>
    /// <exception cref="GuardException">CBG9010: nothing at the path, or it cannot be read.</exception>
    internal static AdvisoryIndex? Open(string folder, string path, CancellationToken cancellationToken)
    {
        if (!Prepare(folder))
        {
            return null;
        }

        try
        {
            var index = Path.Combine(folder, $"{Key(path)}{IndexFormat.Extension}");
            if (TryOpen(index) is { } known)
            {
                File.SetLastWriteTimeUtc(index, DateTime.UtcNow);
                return known;
            }

            AdvisoryBuilder.Build([(path, null)], index, TimeProvider.System, cancellationToken);
            foreach (var old in new DirectoryInfo(folder).EnumerateFiles($"*{IndexFormat.Extension}").OrderByDescending(f => f.LastWriteTimeUtc).Skip(Most))
            {
                old.Delete();
            }

            return AdvisoryIndex.Open(index);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether the folder is there and nobody else can put anything into it.</summary>
    private static bool Prepare(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
                return true;
            }

            Directory.CreateDirectory(folder, Owner);
            return (File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>One that was damaged on the disk is made anew, not reported.</summary>
    private static AdvisoryIndex? TryOpen(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        AdvisoryIndex? index = null;
        try
        {
            index = AdvisoryIndex.Open(path);
            index.CheckAll();
            return index;
        }
        catch (GuardException)
        {
            index?.Dispose();
            return null;
        }
    }

    private static string Key(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Readers} {IndexFormat.Version} {SbomParts.Version}\n")));
        foreach (var file in AdvisoryFiles.List(path).Select(f => new FileInfo(f)))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.FullName}\n{file.Length} {file.LastWriteTimeUtc.Ticks}\n")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
