using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Verifies that a trusted authority saw a signature at a time (RFC 3161; Sigstore client specification, "Timestamping Service").</summary>
internal static class TimestampVerifier
{
    /// <summary>When the authority saw the signature, or why that is not proven.</summary>
    public static (DateTimeOffset? Time, string Authority, string Reason) Verify(ReadOnlyMemory<byte> response, byte[] signature, ImmutableArray<CertificateAuthority> authorities)
    {
        try
        {
            var token = TimestampToken.ParseResponse(response);
            return !CryptographicOperations.HashData(token.ImprintHash, signature).AsSpan().SequenceEqual(token.Imprint)
                ? (null, "", "the timestamp is for another signature")
                : Verify(token, authorities);
        }
        catch (Exception e) when (e is SigstoreException or AsnContentException or CryptographicException)
        {
            return (null, "", e is SigstoreException ? e.Message : "the timestamp is not valid DER");
        }
    }

    private static (DateTimeOffset? Time, string Authority, string Reason) Verify(TimestampToken token, ImmutableArray<CertificateAuthority> authorities)
    {
        var reason = "the timestamp is by no authority of the trusted root";
        foreach (var authority in authorities)
        {
            if (authority.Chain.Concat(token.CertificatesBeside(authority.Chain)).FirstOrDefault(token.Signer.IsBy) is not { } signer)
            {
                continue;
            }

            var why = CheckSigner(token, signer, authority);
            if (why is null)
            {
                return (token.Time, authority.Uri, "");
            }

            reason = why;
        }

        return (null, "", reason);
    }

    private static string? CheckSigner(TimestampToken token, X509Certificate2 signer, CertificateAuthority authority)
    {
        if (token.HasCertificates && !token.Brings(signer))
        {
            return "the timestamp's certificate is not the authority's";
        }

        // RFC 3161, section 2.3: critical, and nothing but time stamping.
        if (signer.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is not { Critical: true, EnhancedKeyUsages: { Count: 1 } usages } || usages[0].Value != CertificatePath.TimeStamping)
        {
            return "the timestamp's certificate is not for time stamping alone";
        }

        var own = CertificatePath.IndexOf(authority.Chain, c => ReferenceEquals(c, signer));
        return token.Signer.Check(token.Content, signer, own < 0 ? null : authority.KeyOf(own))
            ?? (CertificatePath.Find(signer, authority, token.Time, CertificatePath.TimeStamping) is { Issuer: null } built ? $"the timestamp of {token.Time:u} is not trusted: {built.Reason}" : null);
    }
}
