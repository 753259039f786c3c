using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard;

/// <summary>The policy's word.</summary>
public enum Verdict
{
    Passed,
    Refused,
}

/// <summary>What was looked at, what was found, and what could not be looked at, after the policy has judged.</summary>
public sealed record GuardResult
{
    /// <summary>How the user named the subject: an image, a folder, the host.</summary>
    public required string Reference { get; init; }

    /// <summary>The root digest (index or manifest), where the subject is an image.</summary>
    public string? Digest { get; init; }

    /// <summary>The base image, with its digest where that is known; null where nothing names it.</summary>
    public string? BaseImage { get; init; }

    /// <summary>The platforms looked at.</summary>
    public ImmutableArray<string> Platforms { get; init; } = [];

    public required Verdict Verdict { get; init; }

    /// <summary>The controls that ran.</summary>
    public ImmutableArray<Control> Controls { get; init; } = [];

    /// <summary>Findings after the policy: severity overridden, waivers applied, most severe first. Those that the policy switched off are gone.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>The findings that refuse; a subset of <see cref="Findings"/>.</summary>
    public ImmutableArray<Finding> Refusing { get; init; } = [];

    public ImmutableArray<Package> Packages { get; init; } = [];

    public ImmutableArray<Gap> Gaps { get; init; } = [];

    /// <summary>Audits only: one entry for every rule that was asked.</summary>
    public ImmutableArray<AuditCheck> Checks { get; init; } = [];

    /// <summary>How many rules were asked of how many subjects, in words: an empty answer is not taken for a clean one.</summary>
    public string? Asked { get; init; }

    /// <summary>What packages were compared with; null where nothing was.</summary>
    public AdvisoriesUsed? Advisories { get; init; }

    public TimeSpan Elapsed { get; init; }

    /// <summary>Elapsed time by phase.</summary>
    public ImmutableArray<(string Phase, TimeSpan Elapsed)> Phases { get; init; } = [];

    /// <summary>The result with what else was judged.</summary>
    internal GuardResult With(Judgement more) => this with
    {
        Findings = [.. Findings, .. more.Findings],
        Refusing = [.. Refusing, .. more.Refusing],
        Verdict = more.Verdict == Verdict.Refused ? Verdict.Refused : Verdict,
    };
}

/// <summary>An advisory index: how many advisories it has, as of when, and when it was built.</summary>
public sealed record AdvisoriesUsed(int Count, DateTimeOffset AsOf, DateTimeOffset Built);

public enum AuditOutcome
{
    Passed,
    Failed,
    NotApplicable,
    NotChecked,
}

/// <summary>What came of one rule in an audit.</summary>
public sealed record AuditCheck(Rule Rule, AuditOutcome Outcome, string Reason);
