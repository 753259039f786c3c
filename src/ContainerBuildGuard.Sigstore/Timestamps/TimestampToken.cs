using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A timestamp token: CMS SignedData over a TSTInfo (RFC 3161, section 2.4.2; RFC 5652, section 5).</summary>
public sealed record TimestampToken
{
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string TstInfo = "1.2.840.113549.1.9.16.1.4";
    private const int MaxCertificates = 10;
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1);

    /// <summary>The hash of <see cref="Imprint"/>.</summary>
    public required HashAlgorithmName ImprintHash { get; init; }

    /// <summary>The hash of what was stamped.</summary>
    public required byte[] Imprint { get; init; }

    /// <summary>When the authority saw it.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How far the authority's clock may have been off, where it says so; null where it does not.</summary>
    public TimeSpan? Accuracy { get; init; }

    /// <summary>The object identifier of the authority's policy.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Whether a signing-certificate-v2 attribute (RFC 5816) says whose signature this is; where it is there, <see cref="CheckSignature"/> compares it.</summary>
    public bool NamesItsCertificate => Signer.NamesItsCertificate;

    /// <summary>The request's nonce as unsigned big-endian bytes; null where there is none.</summary>
    public required byte[]? Nonce { get; init; }

    /// <summary>The TSTInfo's DER, which the signer's message digest covers.</summary>
    public required byte[] Content { get; init; }

    /// <summary>Certificates that came along. They say who signed and are no reason to trust.</summary>
    /// <exception cref="SigstoreException">One of them cannot be read.</exception>
    public ImmutableArray<X509Certificate2> Certificates => [.. Encoded.Select(Load)];

    internal bool HasCertificates => !Encoded.IsEmpty;

    /// <summary>Whether the certificate came along.</summary>
    internal bool Brings(X509Certificate2 certificate) => Encoded.Any(e => e.Span.SequenceEqual(certificate.RawDataMemory.Span));

    /// <summary>The certificates that came along and are none of these: to read one takes longer than to compare it.</summary>
    internal ImmutableArray<X509Certificate2> CertificatesBeside(ImmutableArray<X509Certificate2> known) =>
        [.. Encoded.Where(e => !known.Any(k => e.Span.SequenceEqual(k.RawDataMemory.Span))).Select(Load)];

    private ImmutableArray<ReadOnlyMemory<byte>> Encoded { get; init; } = [];

    internal TimestampSigner Signer { get; private init; } = null!;

    /// <summary>Reads a TimeStampResp that grants a token.</summary>
    /// <exception cref="SigstoreException">Malformed, or a refusal.</exception>
    internal static TimestampToken ParseResponse(ReadOnlyMemory<byte> response) => Guarded(() => ReadResponse(response, TokenForm.Sigstore));

    /// <summary>The token (DER) of a TimeStampResp that grants one.</summary>
    internal static ReadOnlyMemory<byte> TokenOf(ReadOnlyMemory<byte> response)
    {
        var reader = new AsnReader(response, AsnEncodingRules.BER).ReadSequence();
        _ = reader.ReadSequence();
        return reader.ReadEncodedValue();
    }

    /// <summary>Reads a token as any RFC 3161 authority may make it: revocation lists and unsigned attributes beside it are passed over, and no part of what is proven.</summary>
    /// <exception cref="SigstoreException">Malformed.</exception>
    public static TimestampToken Parse(ReadOnlyMemory<byte> token) => Guarded(() => ReadToken(token, TokenForm.Any));

    /// <summary>Reads a token alone as Sigstore's have to be: DER, and nothing beside what is signed.</summary>
    internal static TimestampToken ParseStrict(ReadOnlyMemory<byte> token) => Guarded(() => ReadToken(token, TokenForm.Sigstore));

    /// <summary>Reads a TimeStampResp with a token as <see cref="Parse"/> does.</summary>
    internal static TimestampToken ParseAnyResponse(ReadOnlyMemory<byte> response) => Guarded(() => ReadResponse(response, TokenForm.Any));

    /// <summary>Whether the token's signer is this certificate's holder, by name.</summary>
    public bool IsBy(X509Certificate2 certificate) => Signer.IsBy(certificate);

    /// <summary>Null where the certificate's key signed the token, or why that is not so. Whether the certificate may be trusted is another question.</summary>
    public string? CheckSignature(X509Certificate2 certificate)
    {
        try
        {
            return Signer.Check(Content, certificate, null);
        }
        catch (Exception e) when (e is SigstoreException or AsnContentException or CryptographicException)
        {
            return e is SigstoreException ? e.Message : "the timestamp is not valid DER";
        }
    }

    private static TimestampToken ReadResponse(ReadOnlyMemory<byte> response, TokenForm form)
    {
        var outer = new AsnReader(response, form.Rules);
        var reader = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var status = reader.ReadSequence().ReadInteger();
        if (!status.IsZero && !(form.MayBeModified && status.IsOne))
        {
            throw new SigstoreException(SigstoreError.Refused, $"the timestamp authority refused (status {status})");
        }

        var token = reader.ReadEncodedValue();
        reader.ThrowIfNotEmpty();
        return ReadToken(token, form);
    }

    private static TimestampToken ReadToken(ReadOnlyMemory<byte> token, TokenForm form)
    {
        var outer = new AsnReader(token, form.Rules);
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
        if (signed.HasData && signed.PeekTag().HasSameClassAndValue(Context1))
        {
            // Revocation lists are not asked in Sigstore, and nothing in the token would vouch for them.
            Expect(form.MayHaveExtras, "it has revocation lists");
            _ = signed.ReadEncodedValue();
        }

        var signers = signed.ReadSetOf(skipSortOrderValidation: true);
        signed.ThrowIfNotEmpty();
        var signer = TimestampSigner.Read(signers.ReadSequence(), form);
        Expect(!signers.HasData, "it has several signers");
        Expect(digests.Contains(signer.DigestOid), "its list of digests lacks the signer's");
        return ReadTstInfo(bytes) with { Encoded = certificates, Signer = signer };
    }

    private static TimestampToken ReadTstInfo(byte[] der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        Expect(info.ReadInteger().IsOne, "its version is not 1");
        var policy = info.ReadObjectIdentifier();
        var imprint = info.ReadSequence();
        var hash = CmsAlgorithms.Hash(CmsAlgorithms.Read(imprint.ReadSequence()));
        var bytes = imprint.ReadOctetString();
        _ = info.ReadIntegerBytes();
        var time = info.ReadGeneralizedTime();
        byte[]? nonce = null;
        TimeSpan? accuracy = null;
        while (info.HasData)
        {
            // accuracy, ordering, tsa and extensions may stand around the nonce, the only INTEGER among them; accuracy is the only SEQUENCE.
            if (info.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
            {
                nonce = info.ReadInteger().ToByteArray(isUnsigned: true, isBigEndian: true);
            }
            else if (info.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
            {
                accuracy = ReadAccuracy(info.ReadSequence());
            }
            else
            {
                _ = info.ReadEncodedValue();
            }
        }

        return new TimestampToken { ImprintHash = hash, Imprint = bytes, Time = time, Accuracy = accuracy, Policy = policy, Nonce = nonce, Content = der };
    }

    /// <summary>Seconds, milliseconds and microseconds, each where it is there.</summary>
    private static TimeSpan ReadAccuracy(AsnReader accuracy)
    {
        var total = TimeSpan.Zero;
        foreach (var (tag, unit) in ((Asn1Tag, TimeSpan)[])[(Asn1Tag.Integer, TimeSpan.FromSeconds(1)), (Context0, TimeSpan.FromMilliseconds(1)), (Context1, TimeSpan.FromMicroseconds(1))])
        {
            if (accuracy.HasData && accuracy.PeekTag().HasSameClassAndValue(tag))
            {
                var count = accuracy.ReadInteger(tag);
                Expect(count.Sign >= 0 && count < 1_000_000_000, "its accuracy is out of range");
                total += unit * (double)count;
            }
        }

        accuracy.ThrowIfNotEmpty();
        return total;
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

    private static ImmutableArray<ReadOnlyMemory<byte>> ReadCertificates(AsnReader set)
    {
        var found = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        while (set.HasData)
        {
            Expect(found.Count < MaxCertificates, "it has too many certificates");
            found.Add(set.ReadEncodedValue());
        }

        return found.ToImmutable();
    }

    private static X509Certificate2 Load(ReadOnlyMemory<byte> der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der.Span);
        }
        catch (CryptographicException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, "the timestamp cannot be read: one of its certificates is none", e);
        }
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

/// <summary>What is accepted around a token's content: Sigstore's are DER and bare; other authorities' may be BER and carry what nobody vouches for.</summary>
/// <param name="Rules">The encoding of the CMS frame; what is signed is compared by its bytes in any case.</param>
/// <param name="MayHaveExtras">Whether revocation lists and unsigned attributes may be there.</param>
/// <param name="MayBeModified">Whether a response may grant with modifications.</param>
internal sealed record TokenForm(AsnEncodingRules Rules, bool MayHaveExtras, bool MayBeModified)
{
    public static TokenForm Sigstore { get; } = new(AsnEncodingRules.DER, false, false);

    public static TokenForm Any { get; } = new(AsnEncodingRules.BER, true, true);
}
