using ContainerBuildGuard.ContentTrust.Notation;

namespace ContainerBuildGuard.Publishing;

/// <summary>How a publish signs by the Notary Project's rules, where its formats have <c>notation</c>. Empty strings mean "not set"; paths are absolute.</summary>
public sealed record PublishNotation
{
    /// <summary>The name of these signatures among the formats.</summary>
    public const string Format = "notation";

    /// <summary>The key's certificate with its chain up to the root.</summary>
    public string CertificateChain { get; init; } = "";

    /// <summary><c>jws</c> (also where it is empty) or <c>cose</c>.</summary>
    public string Envelope { get; init; } = "";

    /// <summary>A timestamp authority, and the root that its timestamps must lead to.</summary>
    public string TimestampUrl { get; init; } = "";

    public string TimestampRoot { get; init; } = "";

    /// <summary>After how long signatures expire: <c>8760h</c>.</summary>
    public string Expiry { get; init; } = "";

    /// <exception cref="Findings.GuardException">CBG9009: a property is wrong.</exception>
    internal NotationSigningOptions Options(string key) => new()
    {
        Key = key,
        CertificateChainFile = CertificateChain.Length > 0 ? CertificateChain : null,
        Format = Envelope.Length > 0 ? Envelope : "jws",
        TimestampAuthority = TimestampUrl.Length > 0 ? NotationSigningTexts.Address(TimestampUrl, "ContainerBuildGuardTimestampUrl") : null,
        TimestampRootFile = TimestampRoot.Length > 0 ? TimestampRoot : null,
        Expiry = Expiry.Length > 0 ? NotationSigningTexts.Duration(Expiry, "ContainerBuildGuardSignatureExpiry") : null,
    };
}
