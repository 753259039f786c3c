namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Reads the files that a run names and those that they name in turn.</summary>
internal static class ManifestFiles
{
    /// <summary>The file's text; null with a reason where it cannot be read.</summary>
    public static SourceText? TryRead(string path, string shownAs, out string reason)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                reason = "there is no such file";
                return null;
            }

            // Pipes and devices have no length; opening one could wait for ever.
            if (file.Length > YamlReader.MostCharacters * 2L)
            {
                reason = $"it has {file.Length} bytes, over the limit of {YamlReader.MostCharacters * 2L}; split it";
                return null;
            }

            reason = "";
            return new SourceText(shownAs, file.Length == 0 ? "" : File.ReadAllText(path)) { IsFile = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            reason = $"it cannot be read ({e.Message.TrimEnd('.')})";
            return null;
        }
    }

    /// <summary>What lies in a folder, links among it; null with a reason where it cannot be listed.</summary>
    public static IReadOnlyList<FileSystemInfo>? TryList(DirectoryInfo folder, out string reason)
    {
        try
        {
            reason = "";
            return [.. folder.EnumerateFileSystemInfos()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = $"it cannot be listed ({e.Message.TrimEnd('.')})";
            return null;
        }
    }

    /// <summary>The full path of what a path stands for in the end; its own where it is no link, or one that leads nowhere.</summary>
    public static string Real(FileSystemInfo entry)
    {
        try
        {
            return entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? entry.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return entry.FullName;
        }
    }
}
