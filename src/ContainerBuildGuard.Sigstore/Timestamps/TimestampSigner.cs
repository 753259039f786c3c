using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The signer of a timestamp token (RFC 5652, section 5.3).</summary>
internal sealed class TimestampSigner
{
    private const string ContentTypeAttribute = "1.2.840.113549.1.9.3";
    private const string MessageDigestAttribute = "1.2.840.113549.1.9.4";
    private const string SigningCertificate2Attribute = "1.2.840.113549.1.9.16.2.47";
    private const string TstInfo = "1.2.840.113549.1.9.16.1.4";
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1);
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _attributes;
    private readonly byte[] _signedAttributes;
    private readonly byte[] _signature;
    private readonly byte[]? _issuer;
    private readonly byte[] _serialOrKeyId;
    private readonly string _signatureOid;

    private TimestampSigner(string digestOid, string signatureOid, byte[]? issuer, byte[] serialOrKeyId, byte[] signedAttributes, Dictionary<string, ReadOnlyMemory<byte>> attributes, byte[] signature)
    {
        (DigestOid, _signatureOid, _issuer, _serialOrKeyId) = (digestOid, signatureOid, issuer, serialOrKeyId);
        (_signedAttributes, _attributes, _signature) = (signedAttributes, attributes, signature);
    }

    public string DigestOid { get; }

    /// <summary>Whether a signing-certificate-v2 attribute is there.</summary>
    public bool NamesItsCertificate => _attributes.ContainsKey(SigningCertificate2Attribute);

    public static TimestampSigner Read(AsnReader signer, TokenForm form)
    {
        var version = signer.ReadInteger();
        var byKeyId = signer.PeekTag().HasSameClassAndValue(Context0);
        byte[]? issuer = null;
        byte[] identity;
        if (byKeyId)
        {
            identity = signer.ReadOctetString(Context0);
        }
        else
        {
            var sid = signer.ReadSequence();
            issuer = sid.ReadEncodedValue().ToArray();
            identity = sid.ReadIntegerBytes().ToArray();
        }

        var digest = CmsAlgorithms.Read(signer.ReadSequence());
        var encoded = signer.PeekEncodedValue().ToArray();
        var attributes = ReadAttributes(signer.ReadSetOf(skipSortOrderValidation: true, Context0));
        var algorithm = CmsAlgorithms.Read(signer.ReadSequence());
        var signature = signer.ReadOctetString();
        if (form.MayHaveExtras && signer.HasData && signer.PeekTag().HasSameClassAndValue(Context1))
        {
            _ = signer.ReadEncodedValue();
        }

        if (version != (byKeyId ? 3 : 1) || signer.HasData)
        {
            // Unsigned attributes have no place in a Sigstore timestamp, and nothing would vouch for them.
            throw new SigstoreException(SigstoreError.Malformed, "the timestamp's signer is of an unknown form");
        }

        // What is signed is the SET OF, not its implicitly tagged form.
        encoded[0] = 0x31;
        return new TimestampSigner(digest, algorithm, issuer, identity, encoded, attributes, signature);
    }

    /// <summary>Whether this certificate is the one the signer names.</summary>
    public bool IsBy(X509Certificate2 certificate) => _issuer is null
        ? certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault()?.SubjectKeyIdentifierBytes.Span.SequenceEqual(_serialOrKeyId) == true
        : certificate.IssuerName.RawData.AsSpan().SequenceEqual(_issuer) && certificate.SerialNumberBytes.Span.SequenceEqual(_serialOrKeyId);

    /// <summary>Null where the certificate's key signed the content, or why not.</summary>
    /// <param name="content">The content.</param>
    /// <param name="certificate">The signer's certificate.</param>
    /// <param name="known">Its key where it was read before; null where not.</param>
    public string? Check(byte[] content, X509Certificate2 certificate, VerificationKey? known)
    {
        var hash = CmsAlgorithms.Hash(DigestOid);
        if (!Attribute(ContentTypeAttribute, r => r.ReadObjectIdentifier() == TstInfo)
            || !Attribute(MessageDigestAttribute, r => r.ReadOctetString().AsSpan().SequenceEqual(CryptographicOperations.HashData(hash, content))))
        {
            return "the timestamp's signed attributes are not about its content";
        }

        // RFC 5816: where it is there, it says which certificate's signature this is.
        if (_attributes.ContainsKey(SigningCertificate2Attribute) && !Attribute(SigningCertificate2Attribute, r => NamesCertificate(r, certificate)))
        {
            return "the timestamp's signing-certificate attribute names another certificate";
        }

        var scheme = CmsAlgorithms.Scheme(_signatureOid);
        var key = known?.Algorithm.Scheme == scheme ? known : VerificationKey.FromSubjectPublicKeyInfo(Der.KeyOf(certificate.RawDataMemory).Span, scheme);
        return key.Verify(_signedAttributes, _signature, CmsAlgorithms.SignatureHash(_signatureOid) ?? hash) ? null : "the timestamp's signature is not by its authority's key";
    }

    private bool Attribute(string oid, Func<AsnReader, bool> holds)
    {
        if (!_attributes.TryGetValue(oid, out var values))
        {
            return false;
        }

        var set = new AsnReader(values, AsnEncodingRules.DER).ReadSetOf();
        return holds(set) && !set.HasData;
    }

    private static bool NamesCertificate(AsnReader value, X509Certificate2 certificate)
    {
        var first = value.ReadSequence().ReadSequence().ReadSequence();
        var hash = first.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? CmsAlgorithms.Hash(CmsAlgorithms.Read(first.ReadSequence())) : HashAlgorithmName.SHA256;
        return first.ReadOctetString().AsSpan().SequenceEqual(certificate.GetCertHash(hash));
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> ReadAttributes(AsnReader set)
    {
        var attributes = new Dictionary<string, ReadOnlyMemory<byte>>();
        while (set.HasData)
        {
            var attribute = set.ReadSequence();
            if (!attributes.TryAdd(attribute.ReadObjectIdentifier(), attribute.ReadEncodedValue()))
            {
                throw new SigstoreException(SigstoreError.Malformed, "the timestamp has a signed attribute twice");
            }
        }

        return attributes;
    }
}
