using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A timestamp authority's word that it saw a signature (RFC 3161; Notary Project, "Timestamp Countersignature").</summary>
/// <param name="From">The earliest that it can have been.</param>
/// <param name="To">The latest that it can have been.</param>
/// <param name="Chain">The authority's certificates, leaf to root.</param>
internal sealed record Countersignature(DateTimeOffset From, DateTimeOffset To, ImmutableArray<X509Certificate2> Chain)
{
    /// <summary>ETSI's baseline policy, whose authorities are accurate to a second where they do not say how accurate they are (RFC 3628, section 5.2).</summary>
    private const string BaselinePolicy = "0.4.0.2023.1.1";

    /// <summary>Verifies a token over a signature, up to a root of the trust stores; revocation is another question.</summary>
    /// <exception cref="NotationException">Why it proves nothing.</exception>
    public static Countersignature Verify(byte[] tokenBytes, byte[] signature, TrustAnchors anchors)
    {
        try
        {
            var token = TimestampToken.Parse(tokenBytes);
            if (!CryptographicOperations.HashData(token.ImprintHash, signature).AsSpan().SequenceEqual(token.Imprint))
            {
                throw new NotationException("the timestamp is for another signature");
            }

            if (!token.NamesItsCertificate)
            {
                throw new NotationException("the timestamp lacks the signing-certificate-v2 attribute");
            }

            var signer = token.Certificates.FirstOrDefault(token.IsBy) ?? throw new NotationException("the timestamp does not bring its authority's certificate");
            if (token.CheckSignature(signer) is { } forged)
            {
                throw new NotationException(forged);
            }

            var chain = Path(signer, token.Certificates.Concat(anchors.Certificates), anchors);
            if (chain.IsEmpty)
            {
                throw new NotationException("the timestamp is by no authority of the trust stores");
            }

            var accuracy = token.Accuracy ?? (token.Policy == BaselinePolicy ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
            return (CertificateChain.Check(chain, ChainUse.TimeStamping) ?? CertificateChain.CheckValidity(chain, token.Time, token.Time)) is { } reason
                ? throw new NotationException($"the timestamp is not trusted: {reason}")
                : new Countersignature(token.Time - accuracy, token.Time + accuracy, chain);
        }
        catch (Exception e) when (e is SigstoreException or AsnContentException or CryptographicException or ArgumentOutOfRangeException)
        {
            throw new NotationException(e is SigstoreException ? e.Message : "the timestamp is not valid DER", e);
        }
    }

    /// <summary>
    /// The shortest path from the signer to a trusted root; the token's own certificates may stand in between and are no reason to trust. Each certificate is looked at once, so that
    /// a token full of certificates that could all have issued each other costs no more than any other.
    /// </summary>
    private static ImmutableArray<X509Certificate2> Path(X509Certificate2 signer, IEnumerable<X509Certificate2> known, TrustAnchors anchors)
    {
        var left = known.DistinctBy(TrustAnchors.Fingerprint).Where(c => !c.RawDataMemory.Span.SequenceEqual(signer.RawDataMemory.Span)).ToList();
        var paths = new Queue<ImmutableArray<X509Certificate2>>([[signer]]);
        while (paths.TryDequeue(out var path))
        {
            if (anchors.Contains(path[^1]))
            {
                return path;
            }

            foreach (var issuer in left.Where(c => CertificateChain.IsIssuedBy(path[^1], c)).ToList())
            {
                left.Remove(issuer);
                paths.Enqueue(path.Add(issuer));
            }
        }

        return [];
    }
}
