using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The packages of a bill of materials: the guard's own, or another tool's.</summary>
internal sealed record SbomDocument(string Subject, List<Package> Packages, List<Gap> Gaps)
{
    /// <summary>The distribution, where the bill names one.</summary>
    public OperatingSystemRelease? Release { get; init; }
}

/// <summary>An entry of a bill, whichever form it was in. What a form does not say is empty.</summary>
internal sealed record SbomEntry(string Purl)
{
    public string SourceName { get; init; } = "";
    public string SourceVersion { get; init; } = "";
    public string Path { get; init; } = "";
    public Origin Origin { get; init; }
    public Presence Presence { get; init; }
    public bool IsVersionCertain { get; init; } = true;
    public string License { get; init; } = "";
}
