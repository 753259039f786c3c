using System.Collections.Immutable;

namespace ContainerBuildGuard.Sigstore;

/// <summary>What a bundle must satisfy: by whom it is signed, and how many witnesses it needs.</summary>
public sealed record VerificationPolicy
{
    private VerificationPolicy()
    {
    }

    /// <summary>Identities, one of which must have signed; empty where a key is asked for.</summary>
    public ImmutableArray<CertificateIdentity> Identities { get; private init; } = [];

    /// <summary>The key that must have signed; null where an identity is asked for.</summary>
    public VerificationKey? Key { get; private init; }

    /// <summary>Different transparency logs that must hold the signature.</summary>
    public int LogThreshold { get; init; } = 1;

    /// <summary>Different certificate transparency logs that must hold the certificate.</summary>
    public int CertificateLogThreshold { get; init; } = 1;

    /// <summary>Different sources that must say when it was signed: timestamp authorities, and logs of Rekor v1.</summary>
    public int TimeThreshold { get; init; } = 1;

    /// <summary>Different timestamp authorities among these.</summary>
    public int TimestampAuthorityThreshold { get; init; }

    /// <summary>Signed by one of these identities, by a certificate.</summary>
    /// <exception cref="ArgumentException">No identity: a certificate of nobody in particular proves nothing.</exception>
    public static VerificationPolicy ForIdentities(params ImmutableArray<CertificateIdentity> identities) =>
        identities.IsEmpty ? throw new ArgumentException("At least one identity is needed.", nameof(identities)) : new VerificationPolicy { Identities = identities };

    /// <summary>Signed by a long-lived key. Logs are optional: what the bundle has of them must verify.</summary>
    public static VerificationPolicy ForKey(VerificationKey key) => new() { Key = key, LogThreshold = 0, TimeThreshold = 0 };
}
