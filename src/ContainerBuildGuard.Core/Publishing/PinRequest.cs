using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>What a publish is about to build on. Empty strings mean "not set"; paths are absolute.</summary>
public sealed record PinRequest
{
    /// <summary>The base as the project names it.</summary>
    public required string BaseImage { get; init; }

    /// <summary>The registry, repository, tag and digest that the SDK read from it.</summary>
    public required string Registry { get; init; }

    public required string Repository { get; init; }

    public string Tag { get; init; } = "";

    public string Digest { get; init; } = "";

    /// <summary>The runtime identifiers that are built for.</summary>
    public ImmutableArray<string> RuntimeIdentifiers { get; init; } = [];

    /// <summary>Where the facts go that the finished image is held against.</summary>
    public required string FactsFile { get; init; }

    public BaseImageLocking Locking { get; init; } = new();

    public required string ProjectFile { get; init; }

    public string TargetFramework { get; init; } = "";

    public string PolicyPath { get; init; } = "";

    public string FailOn { get; init; } = "";

    /// <summary>A trusted root of a Sigstore instance; empty for the public-good one.</summary>
    public string TrustedRoot { get; init; } = "";

    /// <summary>The .NET SDK's <c>trustedroots/timestampctl.pem</c>.</summary>
    public string TimestampRoots { get; init; } = "";

    /// <summary>What DOCKER_CONTENT_TRUST asks of every tag; null where it is off.</summary>
    public DctTrust? ContentTrust { get; init; }

    public required string ReportDirectory { get; init; }

    /// <summary>Findings that refuse whatever the policy's threshold.</summary>
    public Func<Finding, bool> AlsoRefuses { get; init; } = static _ => false;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Changes how the registry is talked to; tests have less patience.</summary>
    internal Func<RegistryClientOptions, RegistryClientOptions> Tune { get; init; } = static options => options;

    public string ProjectDirectory => Path.GetDirectoryName(ProjectFile)!;
}

/// <summary>What the SDK is to build on.</summary>
public sealed record PinOutcome
{
    /// <summary>The findings that refuse; where there are some, nothing may be built. The others are reported with the image.</summary>
    public ImmutableArray<Finding> Refusing { get; init; } = [];

    /// <summary>Where the base comes from: its registry or a mirror of it; empty where the SDK is to find it by itself.</summary>
    public string Registry { get; init; } = "";

    public string Repository { get; init; } = "";

    /// <summary>The digest that was looked at; empty where the SDK is to find it by itself.</summary>
    public string Digest { get; init; } = "";

    /// <summary>A line for people.</summary>
    public string Summary { get; init; } = "";
}
