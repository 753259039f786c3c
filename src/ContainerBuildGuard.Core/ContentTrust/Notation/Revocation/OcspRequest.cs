using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A question about one certificate (RFC 6960, section 4.1). Its hashes are names, not proofs; SHA-1 is the one that every responder knows (RFC 5019, section 2.1.1).</summary>
internal sealed class OcspRequest
{
    private const string Sha1 = "1.3.14.3.2.26";
    private readonly byte[] _issuerName;
    private readonly byte[] _issuerKey;
    private readonly byte[] _serial;

    public OcspRequest(X509Certificate2 certificate, X509Certificate2 issuer)
    {
#pragma warning disable CA5350 // Identifies the issuer to the responder; what vouches is the answer's signature.
        _issuerName = SHA1.HashData(issuer.SubjectName.RawData);
        _issuerKey = SHA1.HashData(KeyBits(issuer));
#pragma warning restore CA5350
        _serial = certificate.SerialNumberBytes.ToArray();
    }

    public byte[] Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            WriteCertificateId(writer);
        }

        return writer.Encode();
    }

    public void WriteCertificateId(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Sha1);
                writer.WriteNull();
            }

            writer.WriteOctetString(_issuerName);
            writer.WriteOctetString(_issuerKey);
            writer.WriteInteger(_serial);
        }
    }

    /// <summary>Whether a CertID of an answer is the one that was asked for.</summary>
    public bool IsAbout(AsnReader certificateId)
    {
        var algorithm = certificateId.ReadSequence();
        return algorithm.ReadObjectIdentifier() == Sha1
            && certificateId.ReadOctetString().AsSpan().SequenceEqual(_issuerName)
            && certificateId.ReadOctetString().AsSpan().SequenceEqual(_issuerKey)
            && certificateId.ReadIntegerBytes().Span.SequenceEqual(_serial);
    }

    private static byte[] KeyBits(X509Certificate2 certificate)
    {
        var key = new AsnReader(certificate.PublicKey.ExportSubjectPublicKeyInfo(), AsnEncodingRules.DER).ReadSequence();
        _ = key.ReadSequence();
        return key.ReadBitString(out _);
    }
}
