using System.Collections.Immutable;

namespace ContainerBuildGuard.Findings;

/// <summary>How a package is in the image.</summary>
public enum Presence
{
    /// <summary>Its files are there, and run.</summary>
    Present,

    /// <summary>Its files are there, but the shared framework's newer ones are loaded instead.</summary>
    Superseded,

    /// <summary>It is named (in a dependency or lock file) and none of its files is in the image.</summary>
    Absent,

    /// <summary>Nothing of it but documentation is there.</summary>
    DocumentationOnly,

    /// <summary>The build restored it and nothing of it was ever meant for the image: an analyzer, a source generator, reference assemblies.</summary>
    BuildOnly,
}

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

    /// <summary>The module that an RPM package is from (<c>name:stream:version:context</c>); empty where it is from none, or nobody says.</summary>
    public string Module { get; init; } = "";

    public required Origin Origin { get; init; }
    public required int LayerIndex { get; init; }

    /// <summary>The file it was read from, without a leading slash.</summary>
    public required string Path { get; init; }

    /// <summary>SPDX licence expression or the distribution's text, where known.</summary>
    public string? License { get; init; }

    public Presence Presence { get; init; }

    /// <summary>False where the version is an assembly's and perhaps not the package's.</summary>
    public bool IsVersionCertain { get; init; } = true;

    /// <summary>SHA-512 of the package file, in hexadecimal; empty where unknown.</summary>
    public string Sha512 { get; init; } = "";

    /// <summary>Package URLs of what it needs, where known.</summary>
    public ImmutableArray<string> DependsOn { get; init; } = [];

    /// <summary>From the project to this package (NuGet), where known.</summary>
    public ImmutableArray<string> DependencyPath { get; init; } = [];
}
