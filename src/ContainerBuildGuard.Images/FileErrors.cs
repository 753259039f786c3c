namespace ContainerBuildGuard.Images;

/// <summary>Turns what the file system refuses into <see cref="ImageError.Io"/>.</summary>
internal static class FileErrors
{
    public static T Guard<T>(Func<T> action, string path)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused(e, path);
        }
    }

    public static async Task<T> GuardAsync<T>(Func<Task<T>> action, string path)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused(e, path);
        }
    }

    private static ImageException Refused(Exception e, string path) =>
        e is FileNotFoundException or DirectoryNotFoundException
            ? new(ImageError.NotFound, $"There is no '{path}': check the path.", e)
            : new(ImageError.Io, $"'{path}' cannot be read or written ({e.Message.TrimEnd('.')}): check its permissions and the space on its disk.", e);
}
