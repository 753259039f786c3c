using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Testing.Pki;

/// <summary>What a responder of a few lines says (RFC 6960, section 4.2), with the ways in which it can be wrong.</summary>
public sealed record TestOcsp
{
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <summary>Who signs, with an ECDSA key.</summary>
    public required X509Certificate2 Signer { get; init; }

    public required DateTimeOffset From { get; init; }

    /// <summary>Until when the answer is good; null to leave it out.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The responder's own certificate goes along where it is not the issuer.</summary>
    public bool Appointed { get; init; }

    public bool Knows { get; init; } = true;

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset? InvalidSince { get; init; }

    /// <summary>Answers about the certificate with this serial number in place of the one that was asked for.</summary>
    public byte[]? About { get; init; }

    /// <summary>A refusal: the status in place of an answer.</summary>
    public int Status { get; init; }

    public byte[] Respond(byte[] request)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue([10, 1, (byte)Status]);
            if (Status == 0)
            {
                using (writer.PushSequence(Context0))
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.1");
                    writer.WriteOctetString(Basic(request));
                }
            }
        }

        return writer.Encode();
    }

    private byte[] Basic(byte[] request)
    {
        var data = Data(request);
        using var key = Signer.GetECDsaPrivateKey()!;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(data);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
            }

            writer.WriteBitString(key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
            if (Appointed)
            {
                using (writer.PushSequence(Context0))
                using (writer.PushSequence())
                {
                    writer.WriteEncodedValue(Signer.RawData);
                }
            }
        }

        return writer.Encode();
    }

    private byte[] Data(byte[] request)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Context1))
            {
                writer.WriteEncodedValue(Signer.SubjectName.RawData);
            }

            writer.WriteGeneralizedTime(From, omitFractionalSeconds: true);
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                WriteCertificateId(writer, request);
                WriteStatus(writer);
                writer.WriteGeneralizedTime(From, omitFractionalSeconds: true);
                if (Until is { } until)
                {
                    using (writer.PushSequence(Context0))
                    {
                        writer.WriteGeneralizedTime(until, omitFractionalSeconds: true);
                    }
                }

                WriteInvalidity(writer);
            }
        }

        return writer.Encode();
    }

    private void WriteCertificateId(AsnWriter writer, byte[] request)
    {
        var id = new AsnReader(request, AsnEncodingRules.DER).ReadSequence().ReadSequence().ReadSequence().ReadSequence().ReadSequence();
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(id.ReadEncodedValue().Span);
            writer.WriteOctetString(id.ReadOctetString());
            writer.WriteOctetString(id.ReadOctetString());
            writer.WriteInteger(About ?? id.ReadIntegerBytes().Span);
        }
    }

    private void WriteStatus(AsnWriter writer)
    {
        if (RevokedAt is { } at)
        {
            using (writer.PushSequence(Context1))
            {
                writer.WriteGeneralizedTime(at, omitFractionalSeconds: true);
            }
        }
        else
        {
            writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, Knows ? 0 : 2));
        }
    }

    private void WriteInvalidity(AsnWriter writer)
    {
        if (InvalidSince is { } since)
        {
            var time = new AsnWriter(AsnEncodingRules.DER);
            time.WriteGeneralizedTime(since, omitFractionalSeconds: true);
            using (writer.PushSequence(Context1))
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("2.5.29.24");
                writer.WriteOctetString(time.Encode());
            }
        }
    }
}
