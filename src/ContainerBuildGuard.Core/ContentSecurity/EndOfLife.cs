using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>End of (regular, free) support by the distributions' and Microsoft's published schedules.</summary>
internal static class EndOfLife
{
    private static readonly Dictionary<(string Id, string Release), DateOnly> Distributions = new()
    {
        [("debian", "9")] = new(2020, 7, 6),
        [("debian", "10")] = new(2022, 9, 10),
        [("debian", "11")] = new(2024, 8, 14),
        [("ubuntu", "18.04")] = new(2023, 5, 31),
        [("ubuntu", "20.04")] = new(2025, 5, 31),
        [("alpine", "3.17")] = new(2024, 11, 22),
        [("alpine", "3.18")] = new(2025, 5, 9),
        [("alpine", "3.19")] = new(2025, 11, 1),
    };

    private static readonly Dictionary<string, DateOnly> Runtimes = new()
    {
        ["3.1"] = new(2022, 12, 13),
        ["5.0"] = new(2022, 5, 10),
        ["6.0"] = new(2024, 11, 12),
        ["7.0"] = new(2024, 5, 14),
        ["8.0"] = new(2026, 11, 10),
        ["9.0"] = new(2026, 11, 10),
        ["10.0"] = new(2028, 11, 14),
    };

    public static Finding? OfDistribution(OperatingSystemRelease? release, DateOnly today) =>
        release is not null && Distributions.TryGetValue((release.Id, release.Id == "alpine" ? string.Join('.', release.VersionId.Split('.').Take(2)) : release.VersionId), out var end) && end < today
            ? Of($"{release.PrettyName} has had no regular security support since {end:yyyy-MM-dd}.", "Set <ContainerBaseImage> (or ContainerFamily) to an image on a supported release.", release.Id)
            : null;

    public static Finding? OfRuntime(Package package, DateOnly today) =>
        package.Name is "Microsoft.NETCore.App" && string.Join('.', package.Version.Split('.').Take(2)) is var line && Runtimes.TryGetValue(line, out var end) && end < today
            ? Of($".NET {line} has had no security support since {end:yyyy-MM-dd}.", "Set <TargetFramework> to a supported version of .NET and publish again.", package.Name)
            : null;

    private static Finding Of(FormattableString message, string remedy, string key) => new()
    {
        Rule = ContentSecurityRules.EndOfLife,
        Severity = ContentSecurityRules.EndOfLife.DefaultSeverity,
        Message = FormattableString.Invariant(message),
        Remedy = remedy,
        Key = key,
    };
}
