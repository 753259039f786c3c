using System.Collections.Immutable;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>From where to bring advisories up to date.</summary>
public sealed record AdvisoryUpdateRequest
{
    /// <summary>The OSV databases: an address or a folder with ECOSYSTEM/all.zip below it, or one zip.</summary>
    public string Source { get; init; } = AdvisoryUpdater.PublicSource;

    public ImmutableArray<string> Ecosystems { get; init; } = AdvisoryUpdater.DefaultEcosystems;

    /// <summary>CISA's catalogue of known exploited vulnerabilities; empty leaves it out.</summary>
    public string Kev { get; init; } = AdvisoryUpdater.PublicKev;

    /// <summary>FIRST's exploit prediction scores; empty leaves them out.</summary>
    public string Epss { get; init; } = AdvisoryUpdater.PublicEpss;

    /// <summary>The release notes of .NET, with a timeline of CVE files; empty leaves them out.</summary>
    public string DotNet { get; init; } = AdvisoryUpdater.PublicDotNet;

    /// <summary>The folder whose NuGet configuration names the audit sources; empty leaves NuGet out.</summary>
    public string NuGetConfigFolder { get; init; } = "";

    /// <summary>Where sources and the index are kept.</summary>
    public string Folder { get; init; } = AdvisoryLocations.Default;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

public enum SourceState
{
    /// <summary>A new copy was fetched.</summary>
    Fetched,

    /// <summary>The source says that the copy is still the newest.</summary>
    Unchanged,

    /// <summary>It could not be fetched; an older copy is used where there is one.</summary>
    Failed,

    /// <summary>A NuGet source that offers no vulnerability data.</summary>
    WithoutData,
}

/// <summary>What became of one source.</summary>
public sealed record SourceUpdate(string Name, SourceState State, string? Problem = null);

/// <summary>What came of an update.</summary>
public sealed record AdvisoryUpdateResult(ImmutableArray<SourceUpdate> Sources, string IndexPath, int Advisories, DateTimeOffset AsOf)
{
    public bool IsComplete => Sources.All(s => s.State != SourceState.Failed);
}
