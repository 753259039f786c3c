using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Opens what a user names as advisories: an index as it is, anything else through an index that lives as long as the run.</summary>
public static class AdvisoryLoader
{
    /// <remarks><c>keep</c>: the folder for indexes that are made of other files; null keeps none beyond the run.</remarks>
    /// <exception cref="GuardException">CBG9010: nothing there, or it cannot be used.</exception>
    public static AdvisoryIndex Open(string path, CancellationToken cancellationToken, string? keep = null)
    {
        // Inside a folder that `update` keeps, the finished index is what counts.
        var index = Directory.Exists(path) && File.Exists(Path.Combine(path, AdvisoryLocations.IndexName)) ? Path.Combine(path, AdvisoryLocations.IndexName) : path;
        if (IsIndex(index))
        {
            return AdvisoryIndex.Open(index);
        }

        if (keep is not null && DerivedIndexes.Open(keep, path, cancellationToken) is { } kept)
        {
            return kept;
        }

        var folder = Directory.CreateTempSubdirectory("cbg-advisories-").FullName;
        try
        {
            var built = Path.Combine(folder, AdvisoryLocations.IndexName);
            AdvisoryBuilder.Build([(path, null)], built, TimeProvider.System, cancellationToken);
            return AdvisoryIndex.Open(built, deleteAfter: folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static bool IsIndex(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        // A damaged index still ends in its own extension, and is then reported as what it is.
        if (path.EndsWith(IndexFormat.Extension, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        Span<byte> start = stackalloc byte[8];
        using var file = File.OpenRead(path);
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(IndexFormat.Magic);
    }
}
