using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A timestamp token: CMS SignedData over a TSTInfo (RFC 3161, section 2.4.2; RFC 5652, section 5).</summary>
internal sealed record TimestampToken
{
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string TstInfo = "1.2.840.113549.1.9.16.1.4";
    private const int MaxCertificates = 10;
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1);

    public required HashAlgorithmName ImprintHash { get; init; }

    public required byte[] Imprint { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The request's nonce as unsigned big-endian bytes; null where there is none.</summary>
    public required byte[]? Nonce { get; init; }

    /// <summary>The TSTInfo's DER, which the signer's message digest covers.</summary>
    public required byte[] Content { get; init; }

    /// <summary>Certificates that came along. They say who signed and are no reason to trust.</summary>
    public required ImmutableArray<X509Certificate2> Certificates { get; init; }

    public required TimestampSigner Signer { get; init; }

    /// <summary>Reads a TimeStampResp that grants a token.</summary>
    /// <exception cref="SigstoreException">Malformed, or a refusal.</exception>
    public static TimestampToken ParseResponse(ReadOnlyMemory<byte> response) => Guarded(() =>
    {
        var outer = new AsnReader(response, AsnEncodingRules.DER);
        var reader = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var status = reader.ReadSequence().ReadInteger();
        return status.IsZero
            ? ParseToken(reader.ReadEncodedValue(), reader)
            : throw new SigstoreException(SigstoreError.Refused, $"the timestamp authority refused (status {status})");
    });

    /// <summary>Reads a token alone.</summary>
    /// <exception cref="SigstoreException">Malformed.</exception>
    public static TimestampToken Parse(ReadOnlyMemory<byte> token) => Guarded(() => ParseToken(token, null));

    private static TimestampToken ParseToken(ReadOnlyMemory<byte> token, AsnReader? rest)
    {
        rest?.ThrowIfNotEmpty();
        var outer = new AsnReader(token, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        Expect(info.ReadObjectIdentifier() == SignedData, "it is not CMS SignedData");
        var wrapper = info.ReadSequence(Context0);
        info.ThrowIfNotEmpty();
        var signed = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();
        Expect(signed.ReadInteger() == 3, "its CMS version is not 3");
        var digests = ReadAlgorithms(signed.ReadSetOf(skipSortOrderValidation: true));
        var content = signed.ReadSequence();
        Expect(content.ReadObjectIdentifier() == TstInfo, "its content is not a TSTInfo");
        var bytes = content.ReadSequence(Context0).ReadOctetString();
        var certificates = signed.HasData && signed.PeekTag().HasSameClassAndValue(Context0) ? ReadCertificates(signed.ReadSetOf(skipSortOrderValidation: true, Context0)) : [];

        // Revocation lists are not asked in Sigstore, and nothing in the token would vouch for them.
        Expect(!signed.HasData || !signed.PeekTag().HasSameClassAndValue(Context1), "it has revocation lists");
        var signers = signed.ReadSetOf(skipSortOrderValidation: true);
        signed.ThrowIfNotEmpty();
        var signer = TimestampSigner.Read(signers.ReadSequence());
        Expect(!signers.HasData, "it has several signers");
        Expect(digests.Contains(signer.DigestOid), "its list of digests lacks the signer's");
        var (hash, imprint, time, nonce) = ReadTstInfo(bytes);
        return new TimestampToken { ImprintHash = hash, Imprint = imprint, Time = time, Nonce = nonce, Content = bytes, Certificates = certificates, Signer = signer };
    }

    private static (HashAlgorithmName Hash, byte[] Imprint, DateTimeOffset Time, byte[]? Nonce) ReadTstInfo(byte[] der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        Expect(info.ReadInteger().IsOne, "its version is not 1");
        _ = info.ReadObjectIdentifier();
        var imprint = info.ReadSequence();
        var hash = CmsAlgorithms.Hash(CmsAlgorithms.Read(imprint.ReadSequence()));
        var bytes = imprint.ReadOctetString();
        _ = info.ReadIntegerBytes();
        var time = info.ReadGeneralizedTime();
        byte[]? nonce = null;
        while (info.HasData)
        {
            // accuracy, ordering, tsa and extensions may stand around the nonce, the only INTEGER among them.
            if (info.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            {
                nonce = info.ReadInteger().ToByteArray(isUnsigned: true, isBigEndian: true);
            }
            else
            {
                _ = info.ReadEncodedValue();
            }
        }

        return (hash, bytes, time, nonce);
    }

    private static HashSet<string> ReadAlgorithms(AsnReader set)
    {
        var found = new HashSet<string>();
        while (set.HasData)
        {
            found.Add(CmsAlgorithms.Read(set.ReadSequence()));
        }

        return found;
    }

    private static ImmutableArray<X509Certificate2> ReadCertificates(AsnReader set)
    {
        var found = ImmutableArray.CreateBuilder<X509Certificate2>();
        while (set.HasData)
        {
            Expect(found.Count < MaxCertificates, "it has too many certificates");
            found.Add(X509CertificateLoader.LoadCertificate(set.ReadEncodedValue().Span));
        }

        return found.ToImmutable();
    }

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new SigstoreException(SigstoreError.Malformed, $"the timestamp cannot be read: {otherwise}");
        }
    }

    private static TimestampToken Guarded(Func<TimestampToken> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw new SigstoreException(SigstoreError.Malformed, "the timestamp is not valid DER", e);
        }
    }
}
