using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Testing.Pki;

/// <summary>An entry of a revocation list.</summary>
/// <param name="Certificate">Whom it is about.</param>
/// <param name="Reason">The reason code; 0 leaves it out.</param>
/// <param name="Issuer">Another issuer that the certificate is of, which makes the list an indirect one.</param>
public sealed record TestListEntry(X509Certificate2 Certificate, int Reason = 0, X509Certificate2? Issuer = null);

/// <summary>A revocation list with what the platform's builder cannot write (RFC 5280, section 5): changes, a place for them, a scope, other issuers.</summary>
public sealed record TestList
{
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Who signs, with an ECDSA key.</summary>
    public required X509Certificate2 Signer { get; init; }

    public required DateTimeOffset From { get; init; }

    public DateTimeOffset? Until { get; init; }

    public int? Number { get; init; }

    /// <summary>The number of the whole list that these are the changes to; null for a whole list.</summary>
    public int? Since { get; init; }

    /// <summary>Where the latest changes are; empty for a place that is no web address.</summary>
    public string? ChangesAt { get; init; }

    /// <summary>The content of an issuing distribution point (section 5.2.5): <c>[2]</c> authorities only, <c>[4]</c> indirect.</summary>
    public int? Scope { get; init; }

    public TestListEntry[] Entries { get; init; } = [];

    public byte[] Encode()
    {
        var list = List();
        using var key = Signer.GetECDsaPrivateKey()!;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(list);
            WriteAlgorithm(writer);
            writer.WriteBitString(key.SignData(list, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return writer.Encode();
    }

    /// <summary>Distribution points with one address.</summary>
    public static byte[] Points(string address)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence(Context0))
        using (writer.PushSequence(Context0))
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, address, new Asn1Tag(TagClass.ContextSpecific, 6));
        }

        return writer.Encode();
    }

    private byte[] List()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            WriteAlgorithm(writer);
            writer.WriteEncodedValue(Signer.SubjectName.RawData);
            writer.WriteUtcTime(From);
            if (Until is { } until)
            {
                writer.WriteUtcTime(until);
            }

            if (Entries.Length > 0)
            {
                using (writer.PushSequence())
                {
                    foreach (var entry in Entries)
                    {
                        Write(writer, entry);
                    }
                }
            }

            using (writer.PushSequence(Context0))
            using (writer.PushSequence())
            {
                Extension(writer, "2.5.29.20", false, Number is { } number ? w => w.WriteInteger(number) : null);
                Extension(writer, "2.5.29.27", true, Since is { } since ? w => w.WriteInteger(since) : null);
                Extension(writer, "2.5.29.46", false, ChangesAt is { } at ? w => w.WriteEncodedValue(Points(at)) : null);
                Extension(writer, "2.5.29.28", true, Scope is { } scope ? w => WriteScope(w, scope) : null);
            }
        }

        return writer.Encode();
    }

    private void Write(AsnWriter writer, TestListEntry entry)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(entry.Certificate.SerialNumberBytes.Span);
            writer.WriteUtcTime(From);
            if (entry.Reason == 0 && entry.Issuer is null)
            {
                return;
            }

            using (writer.PushSequence())
            {
                Extension(writer, "2.5.29.21", false, entry.Reason == 0 ? null : w => w.WriteEncodedValue([10, 1, (byte)entry.Reason]));
                Extension(writer, "2.5.29.29", true, entry.Issuer is { } issuer ? w => WriteNames(w, issuer) : null);
            }
        }
    }

    private static void WriteScope(AsnWriter writer, int scope)
    {
        using (writer.PushSequence())
        {
            writer.WriteBoolean(true, new Asn1Tag(TagClass.ContextSpecific, scope));
        }
    }

    private static void WriteNames(AsnWriter writer, X509Certificate2 issuer)
    {
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4, isConstructed: true)))
        {
            writer.WriteEncodedValue(issuer.SubjectName.RawData);
        }
    }

    private static void Extension(AsnWriter writer, string oid, bool critical, Action<AsnWriter>? write)
    {
        if (write is null)
        {
            return;
        }

        var content = new AsnWriter(AsnEncodingRules.DER);
        write(content);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (critical)
            {
                writer.WriteBoolean(true);
            }

            writer.WriteOctetString(content.Encode());
        }
    }

    private static void WriteAlgorithm(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
        }
    }
}
