using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A certificate revocation list (RFC 5280, section 5), believed only where the certificate's issuer signed it. Lists of changes (delta) and of several issuers are not read.</summary>
internal static class RevocationList
{
    private const string ReasonCode = "2.5.29.21";
    private const string Scope = "2.5.29.28";
    private const string Freshest = "2.5.29.46";
    private const int OnHold = 6;
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);

    /// <summary>What the list says about a certificate.</summary>
    /// <exception cref="NotationException">Nothing that can be used: a wrong signer, out of date, not about such certificates.</exception>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static RevocationAnswer Read(ReadOnlyMemory<byte> der, X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset now)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var whole = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var signed = SignedBytes.Read(whole);
        whole.ThrowIfNotEmpty();
        var list = new AsnReader(signed.ToBeSigned, AsnEncodingRules.DER).ReadSequence();
        if (list.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            _ = list.ReadInteger();
        }

        if (!list.ReadEncodedValue().Span.SequenceEqual(signed.AlgorithmIdentifier.Span) || !list.ReadEncodedValue().Span.SequenceEqual(issuer.SubjectName.RawData) || !MaySign(issuer) || !signed.IsBy(issuer))
        {
            throw new NotationException("the revocation list is not the issuer's");
        }

        var from = X509Structures.ReadTime(list);
        var until = list.HasData && IsTime(list.PeekTag()) ? X509Structures.ReadTime(list) : (DateTimeOffset?)null;
        var entries = list.HasData && list.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? list.ReadSequence() : null;
        var extensions = list.HasData ? X509Structures.ReadExtensions(list.ReadSequence(Context0).ReadSequence()) : [];
        CheckScope(extensions, certificate);
        var (revoked, reason) = Find(entries, certificate);
        if (from > now + X509Structures.Skew)
        {
            throw new NotationException($"the revocation list is from the future ({from.ToUniversalTime():u})");
        }

        // What was revoked for good stays so, also in a list that is out of date.
        var expired = until is null || until < now;
        if (revoked is not null && !(expired && reason == OnHold))
        {
            return revoked;
        }

        return expired ? throw new NotationException(until is null ? "the revocation list does not say until when it is good" : $"the revocation list was good until {until.Value.ToUniversalTime():u}")
            : extensions.Exists(e => e.Oid == Freshest) ? throw new NotationException("the revocation list has its latest changes in another list, and such lists are not read")
            : RevocationAnswer.Good;
    }

    private static (RevocationAnswer? Revoked, int Reason) Find(AsnReader? entries, X509Certificate2 certificate)
    {
        while (entries is { HasData: true })
        {
            var entry = entries.ReadSequence();
            var found = entry.ReadIntegerBytes().Span.SequenceEqual(certificate.SerialNumberBytes.Span);
            var at = X509Structures.ReadTime(entry);
            var extensions = entry.HasData ? X509Structures.ReadExtensions(entry.ReadSequence()) : [];
            if (extensions.Find(e => e.Critical && e.Oid is not (ReasonCode or X509Structures.InvalidityDate)) is { } unknown)
            {
                throw new NotationException($"the revocation list has an entry with an unknown critical extension ({unknown.Oid})");
            }

            if (found)
            {
                var code = extensions.Find(e => e.Oid == ReasonCode) is { } reason ? new AsnReader(reason.Value, AsnEncodingRules.DER).ReadEnumeratedBytes().Span[0] : 0;
                var invalid = extensions.Find(e => e.Oid == X509Structures.InvalidityDate);
                return (new RevocationAnswer(RevocationStatus.Revoked, $"it was revoked at {at.ToUniversalTime():u}")
                {
                    InvalidSince = invalid is null ? null : new AsnReader(invalid.Value, AsnEncodingRules.DER).ReadGeneralizedTime(),
                }, code);
            }
        }

        return (null, 0);
    }

    /// <summary>RFC 5280, section 5.2.5: the list has to be about such certificates, for every reason, from the place that the certificate names.</summary>
    private static void CheckScope(List<X509Value> extensions, X509Certificate2 certificate)
    {
        if (extensions.Find(e => e.Critical && e.Oid != Scope) is { } unknown)
        {
            throw new NotationException($"the revocation list has an unknown critical extension ({unknown.Oid})");
        }

        if (extensions.Find(e => e.Oid == Scope) is not { } scope)
        {
            return;
        }

        var authority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority);
        var parts = new AsnReader(scope.Value, AsnEncodingRules.DER).ReadSequence();
        while (parts.HasData)
        {
            var tag = parts.PeekTag();
            var fits = tag.TagValue switch
            {
                0 => X509Structures.UrisOf(parts.ReadSequence(tag)).Intersect(X509Structures.ListAddresses(certificate)).Any(),
                1 => parts.ReadBoolean(tag) is var users && !(users && authority),
                2 => parts.ReadBoolean(tag) is var authorities && !(authorities && !authority),
                _ => false,
            };
            if (!fits)
            {
                throw new NotationException("the revocation list is not about every revocation of such a certificate");
            }
        }
    }

    private static bool MaySign(X509Certificate2 issuer) => issuer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign) != false;

    private static bool IsTime(Asn1Tag tag) => tag.HasSameClassAndValue(new Asn1Tag(UniversalTagNumber.UtcTime)) || tag.HasSameClassAndValue(new Asn1Tag(UniversalTagNumber.GeneralizedTime));
}
