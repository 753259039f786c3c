using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>
/// Certification paths to an authority of the trusted root (RFC 5280, section 6). The authority's own certificates are validated by the platform, once; the last link,
/// from one of them to a certificate they issued, is validated here, each time: the platform builds the whole path anew for it, which takes longer than everything else in a verification
/// together. What reaches further than one link is not decided here: where an authority constrains names, the platform does it all. Tests hold every link against the platform.
/// </summary>
internal static class CertificatePath
{
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    /// <summary>Extensions that may be critical in an end-entity certificate: constraints, usages, alternative names.</summary>
    private static readonly string[] Understood = ["2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17"];

    /// <summary>The key that signed the certificate, where the certificate leads to the authority at this time, or why it does not.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="authority">Where it should lead.</param>
    /// <param name="time">When.</param>
    /// <param name="usage">The extended key usage that it has to have.</param>
    /// <param name="begun">Its issuer's signature where verifying it has begun already.</param>
    public static (VerificationKey? Issuer, string Reason) Find(X509Certificate2 certificate, CertificateAuthority authority, DateTimeOffset time, string usage, IssuerSignature? begun = null)
    {
        if (!authority.ValidFor.Contains(time))
        {
            return (null, $"the authority {authority.Uri} was not trusted at {time:u}");
        }

        var own = IndexOf(authority.Chain, c => c.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span));
        if (own >= 0)
        {
            var reason = authority.CheckPath(own, time, usage);
            return reason is null ? (authority.KeyOf(Math.Min(own + 1, authority.Chain.Length - 1)), "") : (null, reason);
        }

        if (authority.ConstrainsPolicies)
        {
            return (null, $"the authority {authority.Uri} asks for certificate policies, which this client does not process");
        }

        if (authority.ConstrainsNames)
        {
            var (path, reason) = authority.Build(certificate, time, usage);
            return path.IsEmpty ? (null, reason) : (VerificationKey.FromSubjectPublicKeyInfo(Der.KeyOf(path[1].RawDataMemory).Span), "");
        }

        var issuer = IssuerOf(certificate, authority);
        if (issuer < 0)
        {
            return (null, $"the certificate is not issued by {authority.Uri}");
        }

        var why = CheckLink(certificate, authority, issuer, time, usage, begun) ?? authority.CheckPath(issuer, time, usage);
        return why is null ? (authority.KeyOf(issuer), "") : (null, why);
    }

    /// <summary>What a Sigstore signing certificate must be beside having a path; null where it is.</summary>
    public static string? CheckLeaf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority == true ? "the signing certificate is a certificate authority's"
        : !HasUsage(certificate, CodeSigning) ? "the signing certificate is not for code signing"
        : certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature) != true ? "the signing certificate is not for signatures"
        : null;

    public static bool IsSelfIssued(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) && certificate.SubjectName.RawData.Length > 2;

    private static string? CheckLink(X509Certificate2 certificate, CertificateAuthority authority, int index, DateTimeOffset time, string usage, IssuerSignature? begun)
    {
        var issuer = authority.Chain[index];
        if (time < certificate.NotBefore.ToUniversalTime() || time > certificate.NotAfter.ToUniversalTime())
        {
            return $"the certificate was not valid at {time:u} (from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u})";
        }

        if (issuer.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority != true
            || issuer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } keyUsage && !keyUsage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign)
            || !authority.MayIssue(index))
        {
            return $"the certificate of {authority.Uri} may not issue certificates";
        }

        // RFC 5280, section 4.2: one of each. Which of two counts, readers decide differently.
        if (certificate.Extensions.DistinctBy(e => e.Oid!.Value).Count() < certificate.Extensions.Count)
        {
            return "the certificate has an extension twice";
        }

        if (certificate.Extensions.FirstOrDefault(e => e.Critical && !Understood.Contains(e.Oid!.Value)) is { } unknown)
        {
            return $"the certificate has a critical extension that this client does not know ({unknown.Oid!.Value})";
        }

        if (!HasUsage(certificate, usage))
        {
            return "the certificate is not for this use";
        }

        return IssuerSignature.Holds(begun, certificate, authority, index) ? null : $"the certificate is not signed by {authority.Uri}";
    }

    private static bool HasUsage(X509Certificate2 certificate, string usage) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == usage) == true;

    /// <summary>The place of the certificate's issuer in the authority's chain, by name; -1 where it is not there.</summary>
    public static int IssuerOf(X509Certificate2 certificate, CertificateAuthority authority) =>
        IndexOf(authority.Chain, c => c.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData));

    public static int IndexOf(ImmutableArray<X509Certificate2> chain, Func<X509Certificate2, bool> holds)
    {
        for (var i = 0; i < chain.Length; i++)
        {
            if (holds(chain[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
