using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.Policies;

/// <summary>What refuses, what is let through, and which base images are allowed. Built-in defaults where no file says otherwise.</summary>
public sealed record Policy
{
    public static Policy Default { get; } = new();

    /// <summary>Where it was read from; null for the defaults.</summary>
    public string? Path { get; init; }

    /// <summary>The lowest severity that refuses; null for none.</summary>
    public Severity? FailOn { get; init; } = Severity.High;

    /// <summary>Thresholds of single controls, which win over <see cref="FailOn"/>; a null value is none.</summary>
    public ImmutableDictionary<Control, Severity?> ControlFailOn { get; init; } = ImmutableDictionary<Control, Severity?>.Empty;

    /// <summary>Whether a run without an advisory index ends in an error; null: the tool does, a publish warns.</summary>
    public bool? RequireAdvisories { get; init; }

    /// <summary>Whether an advisory index that is too old, or knows nothing of the image's packages, refuses.</summary>
    public bool RequireFresh { get; init; }

    /// <summary>How many days old an advisory index may be.</summary>
    public int MaxAdvisoryAgeDays { get; init; } = 14;

    /// <summary>How many days old the table of ends of support may be.</summary>
    public int MaxEndOfLifeAgeDays { get; init; } = 365;

    /// <summary>Whether a vulnerability without a fix refuses like any other; otherwise it warns.</summary>
    public bool RefuseUnfixed { get; init; }

    /// <summary>OpenVEX documents, absolute.</summary>
    public ImmutableArray<string> Vex { get; init; } = [];

    /// <summary>Severities by rule code; a null value switches the rule off.</summary>
    public ImmutableDictionary<string, Severity?> RuleSeverities { get; init; } = ImmutableDictionary<string, Severity?>.Empty;

    public ImmutableArray<Waiver> Waivers { get; init; } = [];

    /// <summary>Detectors of secrets beside those that the guard knows.</summary>
    public ImmutableArray<SecretDetectorDefinition> SecretDetectors { get; init; } = [];

    /// <summary>The baseline of known secrets; null for none.</summary>
    public string? SecretBaseline { get; init; }

    /// <summary>The profile of a host audit; null where the policy leaves it to the caller.</summary>
    public string? HostProfile { get; init; }

    /// <summary>Weights of host checks in the score, by rule code; the others weigh by severity.</summary>
    public ImmutableDictionary<string, int> HostWeights { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>What is asked of base images.</summary>
    public BaseImageSettings BaseImages { get; init; } = BaseImageSettings.None;

    /// <summary>Who must have signed which images; the first rule that covers an image counts.</summary>
    public ImmutableArray<TrustRule> Trust { get; init; } = [];

    /// <summary>The attestations that a publish makes, by the names of the command line.</summary>
    public ImmutableArray<string> Attest { get; init; } = [];

    /// <summary>Bounds on what is read.</summary>
    public InspectionLimits Limits { get; init; } = InspectionLimits.Default;

    /// <summary>Bounds on manifests, configurations and archives.</summary>
    public ImageLimits MetadataLimits { get; init; } = ImageLimits.Default;

    /// <summary>Settings of single registries.</summary>
    public ImmutableArray<RegistryHost> Registries { get; init; } = [];

    /// <summary>The policy with another threshold for every control, as an option or property asks.</summary>
    /// <exception cref="GuardException">Not a threshold (CBG9009).</exception>
    public Policy WithFailOn(string threshold, string option) =>
        Threshold.TryParse(threshold, out var severity)
            ? this with { FailOn = severity, ControlFailOn = ControlFailOn.Clear() }
            : throw new GuardException("CBG9009", GuardFailure.Input, $"{option} is '{threshold}': set it to critical, high, medium, low or none.");
}

/// <summary>A finding that the user accepts for a time.</summary>
public sealed record Waiver
{
    public required string Code { get; init; }
    public string? Advisory { get; init; }

    /// <summary><c>name</c>, <c>name@version</c> or a package URL, with <c>*</c>.</summary>
    public string? Package { get; init; }

    /// <summary>The path in the image, with <c>*</c>.</summary>
    public string? Path { get; init; }
    public string? Fingerprint { get; init; }
    public required string Reason { get; init; }

    /// <summary>Who answers for it.</summary>
    public string? Owner { get; init; }

    /// <summary>The last day on which it waives.</summary>
    public DateOnly? Expires { get; init; }

    /// <summary>One-based line in the policy file.</summary>
    public int Line { get; init; }

    public bool IsExpired(DateOnly today) => Expires < today;

    public bool Matches(Finding finding) =>
        finding.Code == Code
        && (Advisory is null || finding.Advisory is { } a && (a.Id.Equals(Advisory, StringComparison.OrdinalIgnoreCase) || a.Aliases.Contains(Advisory, StringComparer.OrdinalIgnoreCase)))
        && (Package is null || finding.Package is { } p && (Glob.IsMatch(Package, p.Name) || Glob.IsMatch(Package, $"{p.Name}@{p.Version}") || Glob.IsMatch(Package, p.Purl)))
        && (Path is null || finding.Location.Path is { } path && Glob.IsMatch(Path.TrimStart('/'), path))
        && (Fingerprint is null || finding.Fingerprint == Fingerprint);
}

internal static class Threshold
{
    public static bool TryParse(string text, out Severity? severity)
    {
        severity = text switch { "critical" => Severity.Critical, "high" => Severity.High, "medium" => Severity.Medium, "low" => Severity.Low, _ => null };
        return severity is not null || text == "none";
    }
}

internal static class Glob
{
    /// <summary>Whether <paramref name="text"/> matches <paramref name="pattern"/>, in which <c>*</c> stands for anything; letter case does not count.</summary>
    public static bool IsMatch(string pattern, string text) =>
        Regex.IsMatch(text, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);
}
