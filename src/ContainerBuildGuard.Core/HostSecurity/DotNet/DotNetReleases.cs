namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>The last day of support of every .NET release, as published by its makers; state of November 2026.</summary>
internal static class DotNetReleases
{
    private static readonly Dictionary<string, DateOnly> EndOfSupport = new(StringComparer.Ordinal)
    {
        ["1.0"] = new(2019, 6, 27),
        ["1.1"] = new(2019, 6, 27),
        ["2.0"] = new(2018, 10, 1),
        ["2.1"] = new(2021, 8, 21),
        ["2.2"] = new(2019, 12, 23),
        ["3.0"] = new(2020, 3, 3),
        ["3.1"] = new(2022, 12, 13),
        ["5.0"] = new(2022, 5, 10),
        ["6.0"] = new(2024, 11, 12),
        ["7.0"] = new(2024, 5, 14),
        ["8.0"] = new(2026, 11, 10),
        ["9.0"] = new(2026, 11, 10),
        ["10.0"] = new(2028, 11, 14),
    };

    /// <summary>The last day of support; null for a release that the table does not know.</summary>
    public static DateOnly? EndOfSupportOf(string version) =>
        version.Split('.') is [var major, var minor, ..] && EndOfSupport.TryGetValue($"{major}.{minor}", out var date) ? date : null;
}
