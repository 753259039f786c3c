using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A certificate or timestamp authority: its chain from the issuing certificate to the trust anchor.</summary>
/// <param name="Uri">Where it answers.</param>
/// <param name="Chain">The certificates, the trust anchor last.</param>
/// <param name="ValidFor">When it issues.</param>
public sealed record CertificateAuthority(string Uri, ImmutableArray<X509Certificate2> Chain, ValidityPeriod ValidFor)
{
    /// <summary>The trust anchor.</summary>
    public X509Certificate2 Anchor => Chain[^1];
}
