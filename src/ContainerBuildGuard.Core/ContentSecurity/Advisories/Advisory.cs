using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>A vulnerability as one source describes it.</summary>
internal sealed record Advisory
{
    public required string Id { get; init; }

    /// <summary>Other names of the same vulnerability, and of those that it passes on (OSV's <c>aliases</c> and <c>upstream</c>).</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>What it has to do with without being the same: a notice's vulnerabilities.</summary>
    public ImmutableArray<string> Related { get; init; } = [];

    public string Summary { get; init; } = "";

    public DateTimeOffset Modified { get; init; }

    /// <summary>The source's own word.</summary>
    public Severity? Severity { get; init; }

    /// <summary>The score of the newest CVSS version that it has a vector of.</summary>
    public double? Cvss { get; init; }

    public ImmutableArray<AffectedPackage> Affected { get; init; } = [];
}

/// <summary>A package that an advisory speaks of, and which of its versions.</summary>
internal sealed record AffectedPackage
{
    /// <summary>OSV's name without a release.</summary>
    public required string Ecosystem { get; init; }

    /// <summary>What OSV writes after the colon, without Ubuntu's <c>:LTS</c>, and for Red Hat what <see cref="RedHatStreams"/> makes of it; empty where there is none.</summary>
    public string Release { get; init; } = "";

    public required string Name { get; init; }

    public ImmutableArray<AffectedRange> Ranges { get; init; } = [];

    /// <summary>Affected versions that are listed one by one.</summary>
    public ImmutableArray<string> Versions { get; init; } = [];

    /// <summary>The word for this package alone: a distribution's urgency or priority.</summary>
    public Severity? Severity { get; init; }

    public FixState State { get; init; }

    /// <summary>Where the ecosystem's packages are looked up: <c>Debian:12</c> and a name, without letter case where the ecosystem ignores it.</summary>
    public string Key => KeyOf(Ecosystem, Release, Name);

    public static string KeyOf(string ecosystem, string release, string name) =>
        $"{ecosystem}{(release.Length == 0 ? "" : $":{release}")}\n{NameOf(ecosystem, name)}";

    private static string NameOf(string ecosystem, string name) => ecosystem switch
    {
        "NuGet" or VersionOrder.DotNet => name.ToLowerInvariant(),
        "PyPI" => name.ToLowerInvariant().Replace('_', '-').Replace('.', '-'),
        _ => name,
    };
}

/// <summary>Events of one range, ordered where they can be.</summary>
internal sealed record AffectedRange(ImmutableArray<RangeEvent> Events);

internal readonly record struct RangeEvent(RangeEventKind Kind, string Version);

internal enum RangeEventKind : byte
{
    Introduced,
    Fixed,
    LastAffected,
    Limit,
}
