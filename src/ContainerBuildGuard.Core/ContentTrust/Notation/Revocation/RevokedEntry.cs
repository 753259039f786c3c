using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A certificate's entry in a revocation list (RFC 5280, section 5.3).</summary>
/// <param name="At">When it was revoked.</param>
/// <param name="Reason">The reason code; 0 where there is none.</param>
/// <param name="InvalidSince">Since when the key is known to be compromised, where the entry says so.</param>
internal sealed record RevokedEntry(DateTimeOffset At, int Reason, DateTimeOffset? InvalidSince)
{
    private const string ReasonCode = "2.5.29.21";
    private const string CertificateIssuer = "2.5.29.29";
    private const int Hold = 6;
    private const int RemoveFromList = 8;

    /// <summary>Whether it may be taken back.</summary>
    public bool IsOnHold => Reason == Hold;

    /// <summary>Whether it takes another entry back.</summary>
    public bool IsTakenBack => Reason == RemoveFromList;

    public RevocationAnswer Answer => new(RevocationStatus.Revoked, $"it was revoked at {At.ToUniversalTime():u}") { InvalidSince = InvalidSince };

    /// <summary>The certificate's entry; null where there is none. Every entry up to it is read: one that is not understood could be about this certificate.</summary>
    /// <exception cref="NotationException">An entry cannot be understood.</exception>
    public static RevokedEntry? Find(AsnReader? entries, X509Certificate2 certificate)
    {
        while (entries is { HasData: true })
        {
            var entry = entries.ReadSequence();
            var found = entry.ReadIntegerBytes().Span.SequenceEqual(certificate.SerialNumberBytes.Span);
            var at = X509Structures.ReadTime(entry);
            var extensions = entry.HasData ? X509Structures.ReadExtensions(entry.ReadSequence()) : [];
            if (extensions.Find(e => e.Critical && e.Oid is not (ReasonCode or X509Structures.InvalidityDate)) is { } unknown)
            {
                throw new NotationException(unknown.Oid == CertificateIssuer
                    ? "the revocation list is of several issuers, and such lists are not read"
                    : $"the revocation list has an entry with an unknown critical extension ({unknown.Oid})");
            }

            if (found)
            {
                var reason = extensions.Find(e => e.Oid == ReasonCode) is { } code ? new AsnReader(code.Value, AsnEncodingRules.DER).ReadEnumeratedBytes().Span[0] : 0;
                return new RevokedEntry(at, reason, extensions.Find(e => e.Oid == X509Structures.InvalidityDate) is { } invalid ? new AsnReader(invalid.Value, AsnEncodingRules.DER).ReadGeneralizedTime() : null);
            }
        }

        return null;
    }
}
