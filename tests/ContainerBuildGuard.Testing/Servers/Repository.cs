namespace ContainerBuildGuard.Testing.Servers;

/// <summary>Where the sources are, found upward from this process.</summary>
public static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory) ?? Find(Environment.CurrentDirectory)
        ?? throw new InvalidOperationException("Run this from inside the repository.");

    private static string? Find(string folder)
    {
        for (var current = folder; current is not null; current = Path.GetDirectoryName(current))
        {
            if (File.Exists(Path.Combine(current, "ContainerBuildGuard.sln")))
            {
                return current;
            }
        }

        return null;
    }
}
