namespace ContainerBuildGuard.Images.Archives;

/// <summary>Names of images in archives, which programs write short (<c>1.0</c>, <c>app:1.0</c>) or in full (<c>docker.io/library/app:1.0</c>).</summary>
internal static class ArchiveNames
{
    /// <summary>Whether one of <paramref name="names"/> is <paramref name="wanted"/>, as written or as the same reference in full.</summary>
    public static bool Match(IEnumerable<string> names, string wanted)
    {
        var full = InFull(wanted);
        return names.Any(n => n == wanted || (full is not null && InFull(n) == full));
    }

    /// <summary>The names for a message, <c>@N</c> where there is none.</summary>
    public static string List(IEnumerable<string> names)
    {
        var distinct = names.Distinct(StringComparer.Ordinal).ToList();
        return distinct.Count switch
        {
            0 => "images without a name, which @0, @1 and so on mean",
            <= 10 => string.Join(", ", distinct),
            _ => $"{string.Join(", ", distinct.Take(10))} and {distinct.Count - 10} more",
        };
    }

    private static string? InFull(string name)
    {
        try
        {
            return ImageReference.Parse(name).ToString();
        }
        catch (ImageException)
        {
            return null;
        }
    }
}
