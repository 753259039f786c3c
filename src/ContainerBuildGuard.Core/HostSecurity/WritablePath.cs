using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>Whether someone else than root (and an allowed user) can put another file in a path's place: the file itself, or any folder above it.</summary>
internal static class WritablePath
{
    /// <summary>The first part that others may replace and why; null where none is. A part that is unknown is added to <paramref name="problems"/>.</summary>
    public static string? By(HostFacts facts, string path, ICollection<string> problems, uint allowed = 0)
    {
        for (var at = path.TrimEnd('/'); at.Length > 1 && at.StartsWith('/'); at = at[..at.LastIndexOf('/')])
        {
            var file = facts.Stat(at);
            if (file.Problem is { } problem)
            {
                problems.Add(problem);
            }
            else if (file.Found && file.Value.OthersMayReplace)
            {
                return $"{at} has mode {file.Value.Octal}";
            }
            else if (file.Found && file.Value.Uid != 0 && file.Value.Uid != allowed)
            {
                return $"{at} belongs to uid {file.Value.Uid}";
            }
        }

        return null;
    }
}
