using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>What a leaf certificate is for.</summary>
internal enum ChainUse
{
    CodeSigning,
    TimeStamping,
}

/// <summary>The rules for certificates and their chains (Notary Project signature specification, "Certificate Requirements"): complete, in order, nothing beside.</summary>
internal static class CertificateChain
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private const X509KeyUsageFlags ForbiddenUsages = X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DataEncipherment | X509KeyUsageFlags.KeyAgreement
        | X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.EncipherOnly | X509KeyUsageFlags.DecipherOnly;

    /// <summary>any, serverAuth, clientAuth, emailProtection, timeStamping.</summary>
    private static readonly string[] ForbiddenPurposes = ["2.5.29.37.0", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4", TimeStamping];

    /// <summary>Null where the chain keeps every rule, from leaf to root; else the first that is broken. Validity in time and trust are other questions.</summary>
    public static string? Check(ImmutableArray<X509Certificate2> chain, ChainUse use)
    {
        try
        {
            if (CheckLeaf(chain[0], use) is { } leaf)
            {
                return leaf;
            }

            for (var i = 1; i < chain.Length; i++)
            {
                if (CheckAuthority(chain[i], i - 1, use) is { } authority)
                {
                    return authority;
                }
            }

            if (chain.Length > 1 && chain.FirstOrDefault(c => IsIssuedBy(c, c) && c != chain[^1]) is { } early)
            {
                return $"{Name(early)} is signed by itself and does not end the chain";
            }

            for (var i = 0; i < chain.Length; i++)
            {
                if (!IsIssuedBy(chain[i], chain[Math.Min(i + 1, chain.Length - 1)]))
                {
                    return i == chain.Length - 1 ? $"the chain does not end with a root: {Name(chain[i])} is not signed by itself" : $"{Name(chain[i])} is not signed by {Name(chain[i + 1])}, which follows it in the chain";
                }
            }

            return null;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or SigstoreException)
        {
            return "a certificate of the chain cannot be read, or has a key that may not sign";
        }
    }

    /// <summary>Whether the certificate is named and signed by the other's holder. SHA-1 signatures count as none.</summary>
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData) && SignedBytes.Of(certificate).IsBy(issuer);

    /// <summary>The first certificate that is not valid throughout the time; null where all are.</summary>
    public static string? CheckValidity(ImmutableArray<X509Certificate2> chain, DateTimeOffset from, DateTimeOffset to) =>
        chain.FirstOrDefault(c => from < c.NotBefore.ToUniversalTime() || to > c.NotAfter.ToUniversalTime()) is { } other
            ? $"{Name(other)} was not valid at {from.ToUniversalTime():u} (from {other.NotBefore.ToUniversalTime():u} to {other.NotAfter.ToUniversalTime():u})"
            : null;

    public static string Name(X509Certificate2 certificate) => $"the certificate '{certificate.Subject}'";

    private static string? CheckLeaf(X509Certificate2 leaf, ChainUse use)
    {
        if (Repeated(leaf) is { } repeated)
        {
            return repeated;
        }

        if (leaf.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority))
        {
            return $"{Name(leaf)} signs and is a certificate authority's";
        }

        if (UsageOf(leaf, use) is not { } usage || !usage.HasFlag(X509KeyUsageFlags.DigitalSignature))
        {
            return $"{Name(leaf)} has no critical key usage of digital signatures";
        }

        if ((usage & ForbiddenUsages) is not 0 and var more)
        {
            return $"{Name(leaf)} is for {more} too";
        }

        var purposes = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        if (use == ChainUse.TimeStamping)
        {
            return purposes is { Critical: true, EnhancedKeyUsages: { Count: 1 } only } && only[0].Value == TimeStamping ? null : $"{Name(leaf)} is not for time stamping alone";
        }

        return purposes?.EnhancedKeyUsages.Cast<Oid>().FirstOrDefault(p => ForbiddenPurposes.Contains(p.Value)) is { } forbidden ? $"{Name(leaf)} is for {forbidden.FriendlyName ?? forbidden.Value} too" : null;
    }

    /// <summary>The key usage, which has to be critical where code is signed. Authorities of time stamping, Microsoft's among them, are older than that rule.</summary>
    private static X509KeyUsageFlags? UsageOf(X509Certificate2 certificate, ChainUse use) =>
        certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage && (usage.Critical || use == ChainUse.TimeStamping) ? usage.KeyUsages : null;

    /// <param name="authority">The certificate.</param>
    /// <param name="below">How many authorities stand between it and the leaf.</param>
    /// <param name="use">What the leaf is for.</param>
    private static string? CheckAuthority(X509Certificate2 authority, int below, ChainUse use)
    {
        if (Repeated(authority) is { } repeated)
        {
            return repeated;
        }

        if (authority.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is not { CertificateAuthority: true } constraints || !(constraints.Critical || use == ChainUse.TimeStamping))
        {
            return $"{Name(authority)} is no certificate authority's by critical basic constraints";
        }

        if (constraints.HasPathLengthConstraint && constraints.PathLengthConstraint < below)
        {
            return $"{Name(authority)} allows {constraints.PathLengthConstraint} authorities below it, and there are {below}";
        }

        return UsageOf(authority, use)?.HasFlag(X509KeyUsageFlags.KeyCertSign) == true
            ? null
            : $"{Name(authority)} has no critical key usage of signing certificates";
    }

    /// <summary>RFC 5280, section 4.2: an extension stands once. Of two, each reader might take another.</summary>
    private static string? Repeated(X509Certificate2 certificate) =>
        certificate.Extensions.Select(e => e.Oid!.Value).GroupBy(o => o).Any(g => g.Count() > 1) ? $"{Name(certificate)} has an extension twice" : null;
}
