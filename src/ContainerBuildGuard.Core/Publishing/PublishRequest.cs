using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>What a guarded publish needs to know. Empty strings mean "not set"; paths are absolute.</summary>
public sealed record PublishRequest
{
    /// <summary>The archive that the SDK wrote for the guard alone.</summary>
    public required string StagedArchive { get; init; }

    /// <summary>The registry manifest of a single image, JSON as the SDK announced it.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>The manifest's digest as the SDK announced it.</summary>
    public string ManifestDigest { get; init; } = "";

    /// <summary>The index of a multi-architecture build, JSON as the SDK announced it.</summary>
    public string ImageIndex { get; init; } = "";

    /// <summary>The remote registry; empty means the local engine or an archive.</summary>
    public string Registry { get; init; } = "";

    public required string Repository { get; init; }

    public required ImmutableArray<string> Tags { get; init; }

    /// <summary><c>Docker</c>, <c>Podman</c>, or empty to detect.</summary>
    public string LocalRegistry { get; init; } = "";

    /// <summary>The user's archive: a file, or a folder where it ends in a separator or exists as one.</summary>
    public string ArchivePath { get; init; } = "";

    /// <summary>The labels and variables that the project gives the image.</summary>
    public StatedValues Stated { get; init; } = StatedValues.None;

    public string BaseImage { get; init; } = "";

    public string BaseRegistry { get; init; } = "";

    public string BaseRepository { get; init; } = "";

    /// <summary>What the base was found to be before the build; empty where nobody asked.</summary>
    public string BaseFactsFile { get; init; } = "";

    public BaseImageLocking Locking { get; init; } = new();

    /// <summary>What DOCKER_CONTENT_TRUST asks of every tag; null where it is off.</summary>
    public DctTrust? ContentTrust { get; init; }

    /// <summary>The runtime identifiers of a multi-architecture build.</summary>
    public ImmutableArray<string> RuntimeIdentifiers { get; init; } = [];

    public required string ProjectFile { get; init; }

    public string PolicyPath { get; init; } = "";

    public string FailOn { get; init; } = "";

    /// <summary>Whether the machine that builds is looked at: <c>off</c>, <c>warn</c> (also where it is empty) or <c>error</c>.</summary>
    public string Host { get; init; } = "";

    public string AdvisoriesPath { get; init; } = "";

    /// <summary>NuGet's <c>project.assets.json</c>.</summary>
    public string ProjectAssetsFile { get; init; } = "";

    /// <summary>The .NET SDK that builds; stands in the provenance.</summary>
    public string SdkVersion { get; init; } = "";

    /// <summary>The framework that is published: <c>net10.0</c>.</summary>
    public string TargetFramework { get; init; } = "";

    /// <summary>OpenVEX documents.</summary>
    public ImmutableArray<string> VexPaths { get; init; } = [];

    /// <summary>Advisory addresses that the project suppresses for NuGetAudit.</summary>
    public ImmutableArray<string> SuppressedAdvisories { get; init; } = [];

    /// <summary>Whether an advisory index that is missing, old or without the image's ecosystems refuses.</summary>
    public bool RequireFresh { get; init; }

    /// <summary><c>auto</c>, <c>required</c> or <c>false</c>.</summary>
    public string Sign { get; init; } = "auto";

    /// <summary>A reference to the private key.</summary>
    public string Key { get; init; } = "";

    /// <summary>The tool's file, which opens keys on PKCS#11 tokens; empty to look for it where tools are installed.</summary>
    public string Tool { get; init; } = "";

    /// <summary>A trusted root or client trust configuration of a Sigstore instance; empty for the public-good one.</summary>
    public string TrustedRoot { get; init; } = "";

    /// <summary>A signing configuration; empty for the one of the trust.</summary>
    public string SigningConfig { get; init; } = "";

    /// <summary><c>bundle</c>, <c>legacy</c>, <c>notation</c>.</summary>
    public ImmutableArray<string> SignatureFormats { get; init; } = [];

    public PublishNotation Notation { get; init; } = new();

    /// <summary>Whether facts of layers are kept for the next publish.</summary>
    public bool UseCache { get; init; } = true;

    public required string ReportDirectory { get; init; }

    /// <summary>Findings that refuse whatever the policy's threshold: the build would turn them into errors.</summary>
    public Func<Finding, bool> AlsoRefuses { get; init; } = static _ => false;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string ProjectDirectory => Path.GetDirectoryName(ProjectFile)!;
}

/// <summary>What came of a guarded publish.</summary>
public sealed record PublishOutcome
{
    public required GuardResult Result { get; init; }

    /// <summary>The delivered names, <c>registry/repository:tag</c>; empty where nothing was delivered.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>The archive at the user's path, where that was the destination.</summary>
    public string? ArchivePath { get; init; }

    /// <summary>What failed after the verdict.</summary>
    public ImmutableArray<GuardException> Errors { get; init; } = [];

    /// <summary>A few lines for people.</summary>
    public ImmutableArray<string> Summary { get; init; } = [];
}
