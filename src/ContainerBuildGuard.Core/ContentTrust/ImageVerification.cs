using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>A signature or attestation that verified.</summary>
/// <param name="Digest">The manifest that it is about.</param>
/// <param name="Signer">The trusted signer, as the policy or the option names it.</param>
/// <param name="Identity">The certificate's subject, or the key's identity.</param>
/// <param name="Format"><c>bundle</c>, <c>legacy</c>, <c>notation</c> or <c>dct</c>.</param>
/// <param name="PredicateType">What it says; that of an image signature where it is one.</param>
/// <param name="SignedAt">The earliest time that a trusted source gives; null where none does.</param>
public sealed record VerifiedSignature(Digest Digest, string Signer, string Identity, string Format, string PredicateType, DateTimeOffset? SignedAt);

/// <summary>What is missing, and why each thing that was found does not do.</summary>
/// <param name="Digest">The manifest.</param>
/// <param name="Rule">The kind of failure.</param>
/// <param name="What">What is missing.</param>
/// <param name="Reasons">Why each thing that was found does not do.</param>
public sealed record TrustFailure(Digest Digest, Rule Rule, string What, ImmutableArray<string> Reasons);

/// <summary>What came of verifying an image: verified where nothing is missing.</summary>
public sealed record ImageVerification
{
    public required string Reference { get; init; }

    /// <summary>What the reference pointed at when it was verified: use the image by this digest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The manifests that were looked at: the root, and the images of an index where that was asked for.</summary>
    public required ImmutableArray<Digest> Manifests { get; init; }

    public required ImmutableArray<VerifiedSignature> Signatures { get; init; }

    public required ImmutableArray<TrustFailure> Failures { get; init; }

    /// <summary>What the trust policy lets pass and a person should hear of.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The trust policy's statement that says not to look; null where it was looked. What was not looked at is not verified.</summary>
    public string? SkippedBy { get; init; }

    public bool Verified => Failures.IsEmpty && SkippedBy is null;
}
