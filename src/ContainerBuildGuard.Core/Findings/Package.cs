using System.Collections.Immutable;

namespace ContainerBuildGuard.Findings;

/// <summary>A package found in an image.</summary>
public sealed record Package
{
    /// <summary>The package URL (purl specification).</summary>
    public required string Purl { get; init; }

    /// <summary>The ecosystem of its versions and advisories, in OSV's names without a release: <c>Debian</c>, <c>NuGet</c>, <c>Alpine</c>.</summary>
    public required string Ecosystem { get; init; }

    /// <summary>The ecosystem's release as OSV writes it after the colon (<c>12</c> of <c>Debian:12</c>); empty where there is none.</summary>
    public string EcosystemRelease { get; init; } = "";

    public required string Name { get; init; }
    public required string Version { get; init; }

    /// <summary>The name and version that advisories speak of, where they differ from the binary package's.</summary>
    public string? SourceName { get; init; }
    public string? SourceVersion { get; init; }

    public required Origin Origin { get; init; }
    public required int LayerIndex { get; init; }

    /// <summary>The file it was read from, without a leading slash.</summary>
    public required string Path { get; init; }

    /// <summary>SPDX licence expression or the distribution's text, where known.</summary>
    public string? License { get; init; }

    /// <summary>From the project to this package (NuGet), where known.</summary>
    public ImmutableArray<string> DependencyPath { get; init; } = [];
}
