using System.Collections.Immutable;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Whom to trust: logs, certificate authorities and timestamp authorities, each with its time (<c>sigstore_trustroot.proto</c>, TrustedRoot).</summary>
public sealed record TrustedRoot
{
    /// <summary>The largest document that is read, in bytes.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>Signature transparency logs (Rekor).</summary>
    public ImmutableArray<TransparencyLog> TransparencyLogs { get; init; } = [];

    /// <summary>Certificate transparency logs.</summary>
    public ImmutableArray<TransparencyLog> CertificateLogs { get; init; } = [];

    /// <summary>Certificate authorities (Fulcio).</summary>
    public ImmutableArray<CertificateAuthority> CertificateAuthorities { get; init; } = [];

    /// <summary>RFC 3161 authorities.</summary>
    public ImmutableArray<CertificateAuthority> TimestampAuthorities { get; init; } = [];

    /// <summary>Reads a trusted root, or the trusted root inside a ClientTrustConfig.</summary>
    /// <exception cref="SigstoreException">Not such a document; the message says what is wrong and where.</exception>
    public static TrustedRoot Parse(ReadOnlyMemory<byte> json) => TrustedRootReader.Read(json);
}

/// <summary>A time window, both ends inclusive.</summary>
/// <param name="Start">The first moment.</param>
/// <param name="End">The last moment; null where it is still open.</param>
public sealed record ValidityPeriod(DateTimeOffset Start, DateTimeOffset? End)
{
    /// <summary>Whether the moment is inside.</summary>
    public bool Contains(DateTimeOffset time) => time >= Start && (End is null || time <= End);
}

/// <summary>A log and its key.</summary>
/// <param name="BaseUrl">Where it answers.</param>
/// <param name="LogId">The identity that entries and timestamps name.</param>
/// <param name="CheckpointKeyId">The identity that checkpoints name where it is another one; null otherwise.</param>
/// <param name="Key">The key; null where this client cannot use its kind, so that nothing of this log verifies.</param>
/// <param name="ValidFor">When the key signs.</param>
public sealed record TransparencyLog(string BaseUrl, byte[] LogId, byte[]? CheckpointKeyId, VerificationKey? Key, ValidityPeriod ValidFor)
{
    /// <summary>The identity in hexadecimal, for messages.</summary>
    public string Name => $"{BaseUrl} ({Convert.ToHexStringLower(LogId)[..16]}…)";
}
