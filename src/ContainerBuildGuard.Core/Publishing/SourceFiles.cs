using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Publishing;

/// <summary>Leads from a place in the image back to the project's own file, so that an error opens where it is fixed.</summary>
public static class SourceFiles
{
    /// <summary>
    /// The project's file that was published as <paramref name="location"/>'s path: the same relative path below the project, where such a file exists.
    /// Null for what came with the base image and for what the build generated.
    /// </summary>
    public static string? Find(string projectDirectory, Location location)
    {
        if (location is not { Origin: Origin.App, Path: { } path })
        {
            return null;
        }

        // The first folder is the container's working folder (/app by default); the rest is the publish folder's layout.
        var slash = path.IndexOf('/');
        if (slash < 0 || path.Contains("..", StringComparison.Ordinal))
        {
            return null;
        }

        var candidate = Path.Combine(projectDirectory, path[(slash + 1)..].Replace('/', Path.DirectorySeparatorChar));
        return File.Exists(candidate) ? candidate : null;
    }
}
