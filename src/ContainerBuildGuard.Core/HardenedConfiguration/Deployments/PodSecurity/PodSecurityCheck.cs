using System.Globalization;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>A level of the Kubernetes Pod Security Standards that forbids something.</summary>
public enum PodSecurityLevel
{
    Baseline,
    Restricted,
}

/// <summary>Which rules of the Pod Security Standards count: a level, in the words of a version of Kubernetes.</summary>
/// <param name="Level">The level.</param>
/// <param name="Minor">The minor version of Kubernetes 1.x; the newest that is known by default.</param>
public sealed record PodSecurityProfile(PodSecurityLevel Level, int Minor = PodSecurityProfile.Latest)
{
    /// <summary>The newest version whose standard is known here.</summary>
    public const int Latest = 37;

    /// <summary>Reads <c>latest</c>, <c>1.31</c> or <c>v1.31</c>; a version that is newer than known means the newest known.</summary>
    public static int? ParseMinor(string text)
    {
        var version = text.TrimStart('v');
        return version == "latest" ? Latest
            : version.StartsWith("1.", StringComparison.Ordinal) && int.TryParse(version.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) ? Math.Min(minor, Latest)
            : null;
    }
}

/// <summary>What a pod does that a check forbids, and where it says so.</summary>
internal sealed record PodSecurityViolation(Node At, string What)
{
    /// <summary>A rule of this control's own, where one check covers several.</summary>
    public string? Code { get; init; }
}

/// <summary>One control of the Pod Security Standards.</summary>
/// <param name="Id">The name that Kubernetes gives the check.</param>
/// <param name="Code">The rule that its violations are reported under.</param>
/// <param name="Level">The level that asks for it, and every stricter one.</param>
/// <param name="Since">The minor version of Kubernetes it begins with.</param>
/// <param name="Check">Finds violations as of a minor version.</param>
internal sealed record PodSecurityCheck(string Id, string Code, PodSecurityLevel Level, int Since, Func<PodTemplate, int, IEnumerable<PodSecurityViolation>> Check)
{
    /// <summary>The baseline check that this restricted one takes the place of.</summary>
    public string? Overrides { get; init; }
}
