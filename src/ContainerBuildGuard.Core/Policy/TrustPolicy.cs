using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Policies;

/// <summary>Who must have signed which images, and what they must have said about them.</summary>
public sealed record TrustRule
{
    /// <summary>Patterns of <c>registry/repository</c> with <c>*</c>.</summary>
    public ImmutableArray<string> Images { get; init; } = ["*"];

    public required ImmutableArray<TrustedSigner> Signers { get; init; }

    /// <summary>How many different signers must have signed.</summary>
    public int Threshold { get; init; } = 1;

    /// <summary>Whether every image of an index must be signed too, not the index alone.</summary>
    public bool EveryPlatform { get; init; }

    public ImmutableArray<RequiredAttestation> Attestations { get; init; } = [];

    /// <summary>What Docker Content Trust must say beside the signers; null where it is not asked.</summary>
    public DctTrust? Dct { get; init; }

    public bool Covers(string repository) => Images.Any(p => Glob.IsMatch(p, repository));
}

/// <summary>A key, an identity in the certificate of a Sigstore instance, or whoever a trust policy of the Notary Project trusts.</summary>
public sealed record TrustedSigner
{
    /// <summary>A trust policy of the Notary Project; null where a key or an identity is meant. Such a signer is its rule's only one.</summary>
    public NotationSigner? Notation { get; init; }

    /// <summary>A reference to a public key; null where an identity is meant.</summary>
    public string? Key { get; init; }

    /// <summary>The certificate's subject, or a regular expression of it.</summary>
    public (string Text, bool IsPattern) Identity { get; init; } = ("", false);

    /// <summary>The issuer of the identity, or a regular expression of it.</summary>
    public (string Text, bool IsPattern) Issuer { get; init; } = ("", false);

    /// <summary>Further claims of the certificate by their names in the policy (<c>source-repository</c>).</summary>
    public ImmutableSortedDictionary<string, string> Claims { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The names that <see cref="Claims"/> may have.</summary>
    public static ImmutableArray<string> ClaimNames { get; } =
        ["source-repository", "source-ref", "source-commit", "source-owner", "workflow", "build-config", "build-signer", "trigger", "runner", "environment", "run", "visibility"];
}

/// <summary>An attestation that must be there, by one of the rule's signers.</summary>
public sealed record RequiredAttestation
{
    /// <summary>The types that have a name in the policy; any predicate type's URI may stand in their place.</summary>
    public static ImmutableArray<string> TypeNames { get; } = ["slsa-provenance", "cyclonedx", "spdx", "sbom", "vulnerabilities", "guard", "openvex"];

    public required string Type { get; init; }

    /// <summary>A pattern of the builder's identity (provenance).</summary>
    public string? Builder { get; init; }

    /// <summary>A pattern of the source that was built (provenance).</summary>
    public string? Source { get; init; }

    /// <summary>The guard's verdict (guard).</summary>
    public string? Verdict { get; init; }

    /// <summary>The lowest severity of which no vulnerability may be known (vulnerabilities, guard); null where it does not matter.</summary>
    public Severity? NoVulnerability { get; init; }

    /// <summary>How old it may be; null where its age does not matter.</summary>
    public TimeSpan? MaxAge { get; init; }
}
