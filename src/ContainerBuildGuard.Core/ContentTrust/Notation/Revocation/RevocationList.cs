using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>
/// What a certificate revocation list says about one certificate (RFC 5280, section 5), believed only where the certificate's issuer signed it. A list of changes (delta, section 5.2.4) counts
/// on top of the whole list that it belongs to. Lists of several issuers (indirect) are not read.
/// </summary>
internal sealed record RevocationList
{
    private const string NumberId = "2.5.29.20";
    private const string ScopeId = "2.5.29.28";
    private const string ChangesId = "2.5.29.27";
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);

    /// <summary>The certificate's entry; null where it has none.</summary>
    public RevokedEntry? Entry { get; private init; }

    /// <summary>Where the latest changes are, by the list's own word; null where it has none.</summary>
    public IReadOnlyList<Uri>? ChangesAt { get; private init; }

    private DateTimeOffset? Until { get; init; }

    private BigInteger? Number { get; init; }

    /// <summary>Set for a list of changes: the number of the oldest whole list that it may be read with.</summary>
    private BigInteger? Since { get; init; }

    private ReadOnlyMemory<byte> Scope { get; init; }

    /// <summary>Reads a whole list.</summary>
    /// <exception cref="NotationException">Nothing that can be used: a wrong signer, out of date, not about such certificates.</exception>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static RevocationList Read(ReadOnlyMemory<byte> der, X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset now)
    {
        var list = Parse(der, certificate, issuer, now);
        if (list.Since is not null || list.Entry?.IsTakenBack == true)
        {
            throw new NotationException(list.Since is not null ? "the revocation list has changes alone" : "the revocation list takes an entry back and is whole");
        }

        // What was revoked for good stays so, also in a list that is out of date.
        return list.Entry is { IsOnHold: false } ? list : list.Current(now);
    }

    /// <summary>Reads a list of changes to a whole one.</summary>
    /// <exception cref="NotationException">Nothing that can be used, or changes to another list.</exception>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static RevocationList ReadChanges(ReadOnlyMemory<byte> der, RevocationList whole, X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset now)
    {
        var list = Parse(der, certificate, issuer, now);
        var fits = list.Since <= whole.Number && list.Number >= whole.Number && list.Scope.Span.SequenceEqual(whole.Scope.Span);
        return list.Since is null ? throw new NotationException("the list of changes is a whole list")
            : !fits ? throw new NotationException("the list of changes does not belong to the revocation list")
            : list.Current(now);
    }

    /// <summary>What both say together; without changes the whole list alone.</summary>
    public RevocationAnswer Judge(RevocationList? changes) =>
        Entry is { IsOnHold: false } final ? final.Answer
        : changes?.Entry is { } change ? change.IsTakenBack ? RevocationAnswer.Good : change.Answer
        : Entry?.Answer ?? RevocationAnswer.Good;

    private RevocationList Current(DateTimeOffset now) =>
        Until is null ? throw new NotationException("the revocation list does not say until when it is good")
        : Until < now ? throw new NotationException($"the revocation list was good until {Until.Value.ToUniversalTime():u}")
        : this;

    private static RevocationList Parse(ReadOnlyMemory<byte> der, X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset now)
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
        if (extensions.Find(e => e.Critical && e.Oid is not (ScopeId or ChangesId)) is { } unknown)
        {
            throw new NotationException($"the revocation list has an unknown critical extension ({unknown.Oid})");
        }

        var scope = extensions.Find(e => e.Oid == ScopeId)?.Value ?? default;
        if (!scope.IsEmpty)
        {
            CheckScope(scope, certificate);
        }

        return from > now + X509Structures.Skew ? throw new NotationException($"the revocation list is from the future ({from.ToUniversalTime():u})") : new RevocationList
        {
            Entry = RevokedEntry.Find(entries, certificate),
            Until = until,
            Number = IntegerOf(NumberId),
            Since = IntegerOf(ChangesId),
            Scope = scope,
            ChangesAt = extensions.Find(e => e.Oid == X509Structures.FreshestList) is { } freshest ? X509Structures.PointAddresses(freshest.Value) : null,
        };

        BigInteger? IntegerOf(string oid) => extensions.Find(e => e.Oid == oid) is { } extension ? new AsnReader(extension.Value, AsnEncodingRules.DER).ReadInteger() : null;
    }

    /// <summary>RFC 5280, section 5.2.5: the list has to be about such certificates, for every reason, from the place that the certificate names.</summary>
    private static void CheckScope(ReadOnlyMemory<byte> scope, X509Certificate2 certificate)
    {
        var authority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority);
        var parts = new AsnReader(scope, AsnEncodingRules.DER).ReadSequence();
        while (parts.HasData)
        {
            var tag = parts.PeekTag();
            var fits = tag.TagValue switch
            {
                0 => X509Structures.UrisOf(parts.ReadSequence(tag)).Intersect(X509Structures.ListAddresses(certificate)).Any(),
                1 => parts.ReadBoolean(tag) is var users && !(users && authority),
                2 => parts.ReadBoolean(tag) is var authorities && !(authorities && !authority),
                4 => throw new NotationException("the revocation list is of several issuers, and such lists are not read"),
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
