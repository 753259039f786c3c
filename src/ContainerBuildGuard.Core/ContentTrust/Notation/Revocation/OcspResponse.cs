using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>An OCSP responder's answer (RFC 6960, section 4.2), believed only where the certificate's issuer, or a responder that it appointed, signed it.</summary>
internal static class OcspResponse
{
    private const string Basic = "1.3.6.1.5.5.7.48.1.1";
    private const string NoCheck = "1.3.6.1.5.5.7.48.1.5";
    private const string OcspSigning = "1.3.6.1.5.5.7.3.9";
    private const int MaxCertificates = 10;

    /// <summary>How long an answer without an end is good for.</summary>
    private static readonly TimeSpan Endless = TimeSpan.FromDays(1);

    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1);

    /// <summary>What the answer says about the certificate that was asked for.</summary>
    /// <exception cref="NotationException">Nothing that can be used: a refusal, another certificate, a wrong signer, out of date.</exception>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static RevocationAnswer Read(ReadOnlyMemory<byte> der, OcspRequest request, X509Certificate2 issuer, DateTimeOffset now)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var response = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var status = response.ReadEnumeratedBytes().Span[0];
        if (status != 0)
        {
            throw new NotationException($"the responder refuses ({status switch { 1 => "malformed request", 2 => "internal error", 3 => "try later", 5 => "signature required", 6 => "unauthorized", _ => $"status {status}" }})");
        }

        var bytes = response.ReadSequence(Context0).ReadSequence();
        if (bytes.ReadObjectIdentifier() != Basic)
        {
            throw new NotationException("the responder answers in an unknown form");
        }

        var basic = new AsnReader(bytes.ReadOctetString(), AsnEncodingRules.DER).ReadSequence();
        var signed = SignedBytes.Read(basic);
        CheckSigner(signed, basic, issuer, now);
        var data = new AsnReader(signed.ToBeSigned, AsnEncodingRules.DER).ReadSequence();
        if (data.PeekTag().HasSameClassAndValue(Context0))
        {
            _ = data.ReadEncodedValue();
        }

        _ = data.ReadEncodedValue();
        _ = data.ReadGeneralizedTime();
        var answers = data.ReadSequence();
        while (answers.HasData)
        {
            var answer = answers.ReadSequence();
            if (request.IsAbout(answer.ReadSequence()))
            {
                return ReadAnswer(answer, now);
            }
        }

        throw new NotationException("the responder answers about another certificate");
    }

    private static RevocationAnswer ReadAnswer(AsnReader answer, DateTimeOffset now)
    {
        var kind = answer.PeekTag();
        RevocationAnswer? found = null;
        if (kind.HasSameClassAndValue(Context1))
        {
            var at = answer.ReadSequence(Context1).ReadGeneralizedTime();
            found = new RevocationAnswer(RevocationStatus.Revoked, $"it was revoked at {at.ToUniversalTime():u}");
        }
        else
        {
            answer.ReadNull(kind);
            found = kind.HasSameClassAndValue(Context0) ? RevocationAnswer.Good : null;
        }

        var from = answer.ReadGeneralizedTime();
        var until = answer.HasData && answer.PeekTag().HasSameClassAndValue(Context0) ? answer.ReadSequence(Context0).ReadGeneralizedTime() : from + Endless;
        if (answer.HasData && answer.PeekTag().HasSameClassAndValue(Context1)
            && X509Structures.ReadExtensions(answer.ReadSequence(Context1).ReadSequence()).Find(e => e.Oid == X509Structures.InvalidityDate) is { } invalid)
        {
            found = found is null ? null : found with { InvalidSince = new AsnReader(invalid.Value, AsnEncodingRules.DER).ReadGeneralizedTime() };
        }

        return from > now + X509Structures.Skew ? throw new NotationException($"the answer is from the future ({from.ToUniversalTime():u})")
            : until < now ? throw new NotationException($"the answer was good until {until.ToUniversalTime():u}")
            : found ?? throw new NotationException("the responder does not know the certificate");
    }

    private static void CheckSigner(SignedBytes signed, AsnReader rest, X509Certificate2 issuer, DateTimeOffset now)
    {
        if (signed.IsBy(issuer))
        {
            return;
        }

        var certificates = rest.HasData ? rest.ReadSequence(Context0).ReadSequence() : null;
        for (var i = 0; certificates is { HasData: true } && i < MaxCertificates; i++)
        {
            using var responder = X509CertificateLoader.LoadCertificate(certificates.ReadEncodedValue().Span);
            if (signed.IsBy(responder))
            {
                CheckAppointment(responder, issuer, now);
                return;
            }
        }

        throw new NotationException("the answer is signed neither by the certificate's issuer nor by a responder that it appointed");
    }

    private static void CheckAppointment(X509Certificate2 responder, X509Certificate2 issuer, DateTimeOffset now)
    {
        var reason = !CertificateChain.IsIssuedBy(responder, issuer) ? "it is not issued by the certificate's issuer"
            : !responder.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(e => e.EnhancedKeyUsages.Cast<Oid>().Any(o => o.Value == OcspSigning)) ? "it is not for OCSP"
            : !responder.Extensions.Any(e => e.Oid?.Value == NoCheck) ? "it would itself have to be checked for revocation"
            : CertificateChain.CheckValidity([responder], now, now);
        if (reason is not null)
        {
            throw new NotationException($"the answer is signed by {CertificateChain.Name(responder)}, and {reason}");
        }
    }
}
