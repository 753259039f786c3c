namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The last day of free security updates of the distributions that hosts run, as published by their makers; state of November 2026.</summary>
internal static class DistributionReleases
{
    private static readonly Dictionary<string, DateOnly> Ends = new(StringComparer.Ordinal)
    {
        ["debian 10"] = new(2024, 6, 30),
        ["debian 11"] = new(2026, 8, 31),
        ["debian 12"] = new(2028, 6, 30),
        ["debian 13"] = new(2030, 6, 30),
        ["ubuntu 18.04"] = new(2023, 5, 31),
        ["ubuntu 20.04"] = new(2025, 5, 31),
        ["ubuntu 22.04"] = new(2027, 4, 30),
        ["ubuntu 24.04"] = new(2029, 4, 30),
        ["ubuntu 26.04"] = new(2031, 4, 30),
        ["rhel 7"] = new(2024, 6, 30),
        ["rhel 8"] = new(2029, 5, 31),
        ["rhel 9"] = new(2032, 5, 31),
        ["rhel 10"] = new(2035, 5, 31),
        ["centos 7"] = new(2024, 6, 30),
        ["centos 8"] = new(2021, 12, 31),
        ["alpine 3.20"] = new(2026, 4, 1),
        ["alpine 3.21"] = new(2026, 11, 1),
        ["alpine 3.22"] = new(2027, 5, 1),
        ["alpine 3.23"] = new(2027, 11, 1),
    };

    public static DateOnly? EndOf(string id, string version)
    {
        var parts = version.Split('.');
        var line = id is "ubuntu" or "alpine" && parts.Length > 1 ? $"{parts[0]}.{parts[1]}" : parts[0];
        var family = id is "almalinux" or "rocky" or "ol" ? "rhel" : id;
        return Ends.TryGetValue($"{family} {line}", out var end) ? end : null;
    }
}
