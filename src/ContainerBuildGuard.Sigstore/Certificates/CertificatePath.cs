using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Certification paths (RFC 5280, section 6) to one trust anchor at one moment. Revocation is not asked: Sigstore revokes by its trusted root.</summary>
internal static class CertificatePath
{
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    /// <summary>The path from the certificate to the authority's anchor, or why there is none.</summary>
    public static (ImmutableArray<X509Certificate2> Path, string Reason) Build(X509Certificate2 certificate, CertificateAuthority authority, DateTimeOffset time, string usage)
    {
        if (!authority.ValidFor.Contains(time))
        {
            return ([], $"the authority {authority.Uri} was not trusted at {time:u}");
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Anchor);
        foreach (var intermediate in authority.Chain.SkipLast(1))
        {
            chain.ChainPolicy.ExtraStore.Add(intermediate);
        }

        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        return chain.Build(certificate)
            ? ([.. chain.ChainElements.Select(e => e.Certificate)], "")
            : ([], $"the certificate does not lead to {authority.Uri} at {time:u} ({string.Join(", ", chain.ChainStatus.Select(s => s.Status).Distinct())})");
    }

    /// <summary>What a Sigstore signing certificate must be beside having a path; null where it is.</summary>
    public static string? CheckLeaf(X509Certificate2 certificate)
    {
        var constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        var keyUsage = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        return constraints?.CertificateAuthority == true ? "the signing certificate is a certificate authority's"
            : usages?.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == CodeSigning) != true ? "the signing certificate is not for code signing"
            : keyUsage?.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature) != true ? "the signing certificate is not for signatures"
            : null;
    }

    public static bool IsSelfIssued(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) && certificate.SubjectName.RawData.Length > 2;
}
