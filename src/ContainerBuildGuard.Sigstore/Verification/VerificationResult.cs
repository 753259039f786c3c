using System.Collections.Immutable;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The steps of verification, in the order of the Sigstore client specification.</summary>
public enum VerificationStep
{
    /// <summary>The bundle is well-formed, and of the kind that the policy asks for.</summary>
    Bundle,

    /// <summary>RFC 3161 timestamps are by trusted authorities and over this signature.</summary>
    Timestamps,

    /// <summary>Promises of Rekor v1 logs are theirs; only then their times count.</summary>
    SignedEntryTimestamps,

    /// <summary>Enough sources say when it was signed.</summary>
    SigningTime,

    /// <summary>The certificate led to a trusted authority at each of these times.</summary>
    CertificateChain,

    /// <summary>The certificate is in certificate transparency logs.</summary>
    CertificateTransparency,

    /// <summary>The certificate is of an expected identity.</summary>
    Identity,

    /// <summary>The log entries are about this signature.</summary>
    LogEntries,

    /// <summary>The entries are in the logs, and the logs signed their state.</summary>
    InclusionProofs,

    /// <summary>The signature is over the artifact, or over a statement.</summary>
    Signature,

    /// <summary>The statement is about the artifact.</summary>
    Statement,
}

/// <summary>How a step ended.</summary>
public enum StepOutcome
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not; later steps were not asked.</summary>
    Failed,

    /// <summary>The bundle or the policy has nothing that it could look at; never used for what could not be looked at.</summary>
    NotApplicable,
}

/// <summary>One step and its reason.</summary>
/// <param name="Step">The step.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why, in one clause without a period.</param>
public sealed record StepResult(VerificationStep Step, StepOutcome Outcome, string Reason);

/// <summary>What came of a verification.</summary>
public sealed record VerificationResult
{
    /// <summary>The steps that were taken; the last one failed where the bundle is refused.</summary>
    public required ImmutableArray<StepResult> Steps { get; init; }

    /// <summary>Whether every step held.</summary>
    public bool Verified => Steps is [.., { Step: VerificationStep.Statement, Outcome: not StepOutcome.Failed }];

    /// <summary>Why it is refused; empty where it is verified.</summary>
    public string Reason => Steps is [.., { Outcome: StepOutcome.Failed } failed] ? failed.Reason : "";

    /// <summary>The signer's certificate; null where a key signed, or it is refused.</summary>
    public SigningCertificate? Certificate { get; init; }

    /// <summary>The statement; null where the bundle signs the artifact itself, or it is refused.</summary>
    public InTotoStatement? Statement { get; init; }

    /// <summary>When it was signed, by each source that says so; empty where none was needed, or it is refused.</summary>
    public ImmutableArray<DateTimeOffset> SigningTimes { get; init; } = [];
}
