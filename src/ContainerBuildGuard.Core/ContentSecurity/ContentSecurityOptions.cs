using System.Collections.Immutable;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What a policy and a build say about packages.</summary>
public sealed record ContentSecurityOptions
{
    /// <summary>How old an index may be before it is a finding.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How old the table of ends of support may be before it is a finding.</summary>
    public TimeSpan MaxSupportAge { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Whether an index that is too old, or knows nothing of the image's packages, refuses.</summary>
    public bool RequireFresh { get; init; }

    /// <summary>Whether a vulnerability without a fix refuses like any other; otherwise it warns.</summary>
    public bool RefuseUnfixed { get; init; }

    /// <summary>OpenVEX documents.</summary>
    public ImmutableArray<string> VexPaths { get; init; } = [];

    /// <summary>OpenVEX documents that came with the image.</summary>
    internal AttachedVexDocuments AttachedVex { get; init; } = AttachedVexDocuments.None;

    /// <summary>Advisory addresses that the project suppresses for NuGetAudit.</summary>
    public ImmutableArray<string> SuppressedAdvisories { get; init; } = [];

    /// <summary>What NuGet resolved for the project; null where the image is not built here.</summary>
    public ProjectAssets? Assets { get; init; }

    /// <summary>The base image's name as the build knows it; empty takes it from the image's labels.</summary>
    public string BaseImage { get; init; } = "";
}
