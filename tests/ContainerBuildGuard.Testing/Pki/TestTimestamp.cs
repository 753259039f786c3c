using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Testing.Pki;

/// <summary>A timestamp authority of a few lines (RFC 3161), with the ways in which one can be wrong.</summary>
public sealed record TestTimestamp
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string TstInfo = "1.2.840.113549.1.9.16.1.4";
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <summary>The authority's certificate with its ECDSA key.</summary>
    public required X509Certificate2 Signer { get; init; }

    /// <summary>Certificates that go along, the signer's first.</summary>
    public required IReadOnlyList<X509Certificate2> Certificates { get; init; }

    public required DateTimeOffset Time { get; init; }

    public string Policy { get; init; } = "1.2.3.4";

    public int? AccuracySeconds { get; init; }

    public bool NamesItsCertificate { get; init; } = true;

    /// <summary>Whether a revocation list and an unsigned attribute stand beside what is signed.</summary>
    public bool HasExtras { get; init; }

    public byte[] Token(byte[] signature) => Token(SHA256.HashData(signature), null);

    /// <summary>The answer to a request.</summary>
    public byte[] Respond(byte[] query)
    {
        var request = new AsnReader(query, AsnEncodingRules.DER).ReadSequence();
        _ = request.ReadInteger();
        var imprint = request.ReadSequence();
        _ = imprint.ReadSequence();
        var token = Token(imprint.ReadOctetString(), request.ReadInteger());
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
            }

            writer.WriteEncodedValue(token);
        }

        return writer.Encode();
    }

    private byte[] Token(byte[] imprint, BigInteger? nonce)
    {
        var content = Content(imprint, nonce);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.7.2");
            using (writer.PushSequence(Context0))
            using (writer.PushSequence())
            {
                writer.WriteInteger(3);
                using (writer.PushSetOf())
                {
                    WriteAlgorithm(writer, Sha256);
                }

                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(TstInfo);
                    using (writer.PushSequence(Context0))
                    {
                        writer.WriteOctetString(content);
                    }
                }

                using (writer.PushSetOf(Context0))
                {
                    foreach (var certificate in Certificates)
                    {
                        writer.WriteEncodedValue(certificate.RawData);
                    }
                }

                if (HasExtras)
                {
                    using (writer.PushSetOf(Context1))
                    {
                        writer.WriteEncodedValue(Signer.IssuerName.RawData);
                    }
                }

                using (writer.PushSetOf())
                {
                    WriteSigner(writer, content);
                }
            }
        }

        return writer.Encode();
    }

    private byte[] Content(byte[] imprint, BigInteger? nonce)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteObjectIdentifier(Policy);
            using (writer.PushSequence())
            {
                WriteAlgorithm(writer, Sha256);
                writer.WriteOctetString(imprint);
            }

            writer.WriteInteger(77);
            writer.WriteGeneralizedTime(Time, omitFractionalSeconds: true);
            if (AccuracySeconds is { } seconds)
            {
                using (writer.PushSequence())
                {
                    writer.WriteInteger(seconds);
                }
            }

            if (nonce is { } number)
            {
                writer.WriteInteger(number);
            }
        }

        return writer.Encode();
    }

    private void WriteSigner(AsnWriter writer, byte[] content)
    {
        var attributes = new AsnWriter(AsnEncodingRules.DER);
        WriteAttributes(attributes, content);
        var signed = attributes.Encode();
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(Signer.IssuerName.RawData);
                writer.WriteInteger(Signer.SerialNumberBytes.Span);
            }

            WriteAlgorithm(writer, Sha256);
            using (writer.PushSetOf(Context0))
            {
                var set = new AsnReader(signed, AsnEncodingRules.DER).ReadSetOf();
                while (set.HasData)
                {
                    writer.WriteEncodedValue(set.ReadEncodedValue().Span);
                }
            }

            WriteAlgorithm(writer, "1.2.840.10045.4.3.2");
            using var key = Signer.GetECDsaPrivateKey()!;
            writer.WriteOctetString(key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
            if (HasExtras)
            {
                using (writer.PushSetOf(Context1))
                {
                    WriteAttribute(writer, "1.2.3.4.5", w => w.WriteInteger(1));
                }
            }
        }
    }

    private void WriteAttributes(AsnWriter writer, byte[] content)
    {
        using (writer.PushSetOf())
        {
            WriteAttribute(writer, "1.2.840.113549.1.9.3", w => w.WriteObjectIdentifier(TstInfo));
            WriteAttribute(writer, "1.2.840.113549.1.9.4", w => w.WriteOctetString(SHA256.HashData(content)));
            if (NamesItsCertificate)
            {
                WriteAttribute(writer, "1.2.840.113549.1.9.16.2.47", w =>
                {
                    using (w.PushSequence())
                    using (w.PushSequence())
                    using (w.PushSequence())
                    {
                        w.WriteOctetString(SHA256.HashData(Signer.RawData));
                    }
                });
            }
        }
    }

    private static void WriteAttribute(AsnWriter writer, string oid, Action<AsnWriter> value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            using (writer.PushSetOf())
            {
                value(writer);
            }
        }
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
        }
    }
}
