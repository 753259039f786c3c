using System.Globalization;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>How long releases of Docker Engine, containerd and runc are mended by their makers; state of November 2026. A release that the table does not know is unknown, not supported.</summary>
internal static class EngineReleases
{
    private static readonly Dictionary<int, DateOnly> Docker = new()
    {
        [17] = new(2018, 6, 1),
        [18] = new(2020, 6, 30),
        [19] = new(2021, 7, 31),
        [20] = new(2023, 12, 10),
        [23] = new(2024, 5, 19),
        [24] = new(2024, 6, 8),
        [25] = new(2025, 5, 19),
        [26] = new(2025, 2, 8),
        [27] = new(2025, 5, 3),
        [28] = new(2025, 11, 30),
    };

    /// <summary>The day on which the makers ended this release; a line newer than the table has no end yet.</summary>
    public static DateOnly? EndOfDocker(string version)
    {
        var major = Major(version);
        return major is null ? null : Docker.TryGetValue(major.Value, out var end) ? end : major > Docker.Keys.Max() ? DateOnly.MaxValue : null;
    }

    /// <summary>Null where the component is not judged or its version is not readable.</summary>
    public static bool? IsOld(string component, string version)
    {
        var parts = version.TrimStart('v').Split('.', '-', '+', '~');
        if (parts.Length < 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            return null;
        }

        return component switch
        {
            // 1.6 was a long-term line until 2025; 1.7 is the last of 1.
            "containerd" => (major, minor).CompareTo((1, 7)) < 0,
            "runc" => (major, minor).CompareTo((1, 2)) < 0,
            _ => null,
        };
    }

    private static int? Major(string version) => int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
}
