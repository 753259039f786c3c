namespace ContainerBuildGuard.Inspection;

/// <summary>Paths of a layer, inside its root whatever they say.</summary>
internal static class EntryPath
{
    /// <summary>Without leading slash, empty or dot parts; <c>..</c> never leaves the root.</summary>
    public static string Clean(string path)
    {
        if (path.Length > 0 && path[0] != '/' && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("./", StringComparison.Ordinal) && path[^1] is not ('/' or '.'))
        {
            return path;
        }

        // What most builders write: "./usr/bin/" for a folder.
        if (path.StartsWith("./", StringComparison.Ordinal) && Simple(path.AsSpan(2)) is { } simple)
        {
            return simple;
        }

        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private static string? Simple(ReadOnlySpan<char> path)
    {
        path = path.TrimEnd('/');
        return path.Length > 0 && path[0] != '/' && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("./", StringComparison.Ordinal) && path[^1] != '.' ? path.ToString() : null;
    }
}
