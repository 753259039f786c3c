using ContainerBuildGuard.Lifecycle;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>How long the makers of Docker Engine, containerd and runc mend a release.</summary>
internal static class EngineReleases
{
    /// <summary>The release lines that runc's policy (RELEASES.md) promises fixes for begin here; it names no days.</summary>
    private static readonly Version OldestRunc = new(1, 2);

    /// <summary>
    /// The last day of a release's support: the latest day there is for a line that is newer than all that have an end; null where nobody published one, which is unknown and not supported.
    /// </summary>
    public static DateOnly? EndOf(string product, string version)
    {
        var plain = version.TrimStart('v');
        if (EndOfLifeTable.Default.Find(product, plain) is { } release)
        {
            return release.End;
        }

        var known = EndOfLifeTable.Default.Releases.Where(r => r.Product == product).Select(r => (Line: Line(r.Release), r.End)).OrderBy(r => r.Line).ToList();
        return known.Count == 0 || Line(plain) is not { } line ? null : line > known[^1].Line ? DateOnly.MaxValue : line < known[0].Line ? known[0].End : null;
    }

    /// <summary>Null where the component is not judged or its version is not readable.</summary>
    public static bool? IsOld(string component, string version, DateOnly today) => component switch
    {
        "containerd" => EndOf(component, version) is { } end ? end < today : null,
        "runc" => Line(version.TrimStart('v')) is { } line ? line < OldestRunc : null,
        _ => null,
    };

    /// <summary>A version with the mark of a distribution, which may go on mending what its makers do not: <c>20.10.24+dfsg1</c>, <c>1.7.24~ds1</c>, <c>28.2.2-0ubuntu1</c>.</summary>
    public static bool IsPackaged(string version) => version.Contains("+d", StringComparison.Ordinal) || version.Contains("~d", StringComparison.Ordinal) || version.Contains("ubuntu", StringComparison.Ordinal);

    private static Version? Line(string version)
    {
        var parts = version.Split('.', '-', '+', '~');
        return Version.TryParse(parts.Length > 1 ? $"{parts[0]}.{parts[1]}" : $"{parts[0]}.0", out var line) ? line : null;
    }
}
