namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The shortest way from a project to each of its libraries.</summary>
internal static class DependencyPaths
{
    /// <summary>Longer than any real chain; each library keeps its whole path, so that a made-up chain of thousands would cost their square.</summary>
    private const int MostSteps = 100;

    /// <summary>Breadth first from the project; by name, since the version asked for and the one resolved may differ.</summary>
    public static Dictionary<string, string[]> Of(AppDependencies dependencies)
    {
        var byName = dependencies.Libraries.GroupBy(l => l.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase);
        var paths = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase);
        var queue = new Queue<AppLibrary>();
        // The project that nothing else needs is the app; where all are needed by each other, the first.
        var projects = dependencies.Libraries.Where(l => l.Type == "project").ToList();
        var needed = dependencies.Libraries.SelectMany(l => l.Dependencies).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if ((projects.Find(p => !needed.Contains(p.Name)) ?? projects.FirstOrDefault()) is { } root)
        {
            paths[root.Name] = [root.Name];
            queue.Enqueue(root);
        }

        while (queue.TryDequeue(out var current))
        {
            if (paths[current.Name].Length > MostSteps)
            {
                continue;
            }

            foreach (var name in current.Dependencies)
            {
                if (byName.TryGetValue(name, out var next) && paths.TryAdd(next.Name, [.. paths[current.Name], $"{next.Name}/{next.Version}"]))
                {
                    queue.Enqueue(next);
                }
            }
        }

        return paths;
    }
}
