using System.Collections.Immutable;

namespace ContainerBuildGuard.Policies;

/// <summary>Whoever a trust policy of the Notary Project trusts: one in a file, or a statement that the guard's policy writes itself.</summary>
/// <param name="TrustPolicy">The document; null where <paramref name="Statement"/> stands in its place.</param>
/// <param name="TrustStore">The folder of the trust stores that it names, which holds <c>x509</c>; null for the user's own.</param>
/// <param name="Statement">What the guard's policy says itself; null where a document says it.</param>
public sealed record NotationSigner(string? TrustPolicy, string? TrustStore, NotationStatement? Statement = null);

/// <summary>A statement of a trust policy with its trust stores, for the images of the rule that it stands in.</summary>
public sealed record NotationStatement
{
    /// <summary>The file that says it, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>Certificates by the kind of trust store that they stand in (<c>ca</c>, <c>signingAuthority</c>, <c>tsa</c>): files, PEM itself, or <c>sha256:FINGERPRINT</c> of one that travels in the signature.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<string>> Stores { get; init; }

    /// <summary>Trusted identities as the Notary Project writes them, <c>x509.subject: C=…, ST=…, O=…</c>; <c>*</c> for everybody whom the stores vouch for.</summary>
    public required ImmutableArray<string> Identities { get; init; }

    /// <summary><c>strict</c>, <c>permissive</c> or <c>audit</c>.</summary>
    public string Level { get; init; } = "strict";

    /// <summary><c>always</c> or <c>afterCertExpiry</c>.</summary>
    public string VerifyTimestamp { get; init; } = "always";

    /// <summary>What a failure of single validations means, by the Notary Project's names.</summary>
    public ImmutableSortedDictionary<string, string> Overrides { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
