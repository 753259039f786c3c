namespace ContainerBuildGuard.Images;

/// <summary>Puts a finished archive where the user wants it, whole or not at all.</summary>
public static class ArchiveDelivery
{
    /// <summary>
    /// Copies <paramref name="source"/> to <paramref name="destination"/>: a file, or a folder (one that exists, or a path that ends in a separator),
    /// in which the archive is named <c>repository.tar.gz</c> as the SDK names it. Written beside and renamed. Returns the full path.
    /// </summary>
    public static async Task<string> CopyAsync(string source, string destination, string repository, CancellationToken cancellationToken)
    {
        var path = Directory.Exists(destination) || Path.EndsInDirectorySeparator(destination)
            ? Path.Combine(destination, $"{repository}.tar.gz")
            : destination;
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = $"{path}.{Path.GetRandomFileName()}.part";
        try
        {
            await using (var from = File.OpenRead(source))
            await using (var to = new FileStream(beside, FileMode.CreateNew, FileAccess.Write))
            {
                await from.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
            }

            File.Move(beside, path, overwrite: true);
            return path;
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
