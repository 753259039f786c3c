namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>Trusted metadata and targets in a folder, so that the next update starts from them and none is needed offline.</summary>
/// <param name="folder">The folder; made when something is written.</param>
public sealed class TufCache(string folder)
{
    /// <summary>The file's bytes; null where there is none, or it cannot be read.</summary>
    public byte[]? Read(string name)
    {
        try
        {
            return File.Exists(PathOf(name)) ? File.ReadAllBytes(PathOf(name)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>When the last update from the repository ended well; null where there was none.</summary>
    public DateTimeOffset? LastUpdate => File.Exists(PathOf("timestamp.json")) ? File.GetLastWriteTimeUtc(PathOf("timestamp.json")) : null;

    /// <summary>Writes a file whole or not at all. A folder that cannot be written costs the next run an update, and this one nothing.</summary>
    internal void Write(string name, ReadOnlySpan<byte> content)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var beside = $"{PathOf(name)}.{Environment.ProcessId}.{Guid.NewGuid():N}.part";
            File.WriteAllBytes(beside, content);
            File.Move(beside, PathOf(name), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    internal void Delete(string name)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private string PathOf(string name) => Path.Combine(folder, name.Replace("..", "%2E%2E", StringComparison.Ordinal));
}
