using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Timestamps of certificate transparency logs, made here as a log makes them.</summary>
[TestClass]
public sealed class SignedCertificateTimestampsTests : IDisposable
{
    private const string ListExtension = "1.3.6.1.4.1.11129.2.4.2";
    private readonly TestAuthority _authority = new();
    private readonly ECDsa _subject = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly RSA _rsa = RSA.Create(2048);

    public void Dispose()
    {
        _authority.Dispose();
        _subject.Dispose();
        _ecdsa.Dispose();
        _rsa.Dispose();
    }

    [TestMethod]
    [DataRow("ecdsa", "")]
    [DataRow("rsa", "")]
    [DataRow("ecdsa", "0102")]
    public void A_timestamp_by_a_trusted_log_counts(string kind, string extensions) =>
        Assert.AreEqual((1, ""), Count(Certificate(Timestamp(kind, Convert.FromHexString(extensions))), Logs(_ecdsa, _rsa)));

    [TestMethod]
    public void Two_logs_count_twice_and_one_log_once()
    {
        Assert.AreEqual(2, Count(Certificate(Timestamp("ecdsa"), Timestamp("rsa")), Logs(_ecdsa, _rsa)).Verified);
        Assert.AreEqual(1, Count(Certificate(Timestamp("ecdsa"), Timestamp("ecdsa")), Logs(_ecdsa, _rsa)).Verified);
    }

    [TestMethod]
    public void A_log_that_is_not_trusted_or_was_not_at_that_time_does_not_count()
    {
        var certificate = Certificate(Timestamp("ecdsa"));
        StringAssert.Contains(Count(certificate, []).Reason, "no certificate transparency log");
        StringAssert.Contains(Count(certificate, [Log(_ecdsa, new ValidityPeriod(TestAuthority.Start.AddDays(2), null))]).Reason, "not trusted at");
    }

    [TestMethod]
    public void A_timestamp_of_another_certificate_or_issuer_does_not_count()
    {
        var timestamp = Timestamp("ecdsa");
        var other = Certificate(r => r.CertificateExtensions.Add(new X509Extension("1.2.3.4", [5, 0], false)), timestamp);
        StringAssert.Contains(Count(other, Logs(_ecdsa, _rsa)).Reason, "not by the key");
        using var issuer = VerificationKey.FromSubjectPublicKeyInfo(_ecdsa.ExportSubjectPublicKeyInfo());
        Assert.AreEqual(0, SignedCertificateTimestamps.Count(Certificate(timestamp), issuer, Logs(_ecdsa, _rsa)).Verified);
    }

    [TestMethod]
    public void A_damaged_list_does_not_count()
    {
        var timestamp = Timestamp("ecdsa");
        for (var length = 0; length < timestamp.Length; length++)
        {
            Assert.AreEqual(0, Count(Certificate(timestamp[..length]), Logs(_ecdsa, _rsa)).Verified);
        }

        for (var i = 0; i < timestamp.Length; i++)
        {
            timestamp[i] ^= 1;
            Assert.AreEqual(0, Count(Certificate(timestamp), Logs(_ecdsa, _rsa)).Verified, $"byte {i}");
            timestamp[i] ^= 1;
        }

        Assert.AreEqual(0, Count(_authority.Issue(_subject), Logs(_ecdsa, _rsa)).Verified);
    }

    /// <summary>A timestamp over the certificate that has no list yet (RFC 6962, section 3.2).</summary>
    private byte[] Timestamp(string kind, byte[]? extensions = null)
    {
        extensions ??= [];
        var tbs = new AsnReader(_authority.Issue(_subject).RawData, AsnEncodingRules.DER).ReadSequence().PeekEncodedValue();
        var time = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, TestAuthority.Start.AddDays(1).ToUnixTimeMilliseconds());
        byte[] signed =
        [
            0, 0, .. time, 0, 1, .. SHA256.HashData(_authority.IssuerKey.ExportSubjectPublicKeyInfo()),
            (byte)(tbs.Length >> 16), (byte)(tbs.Length >> 8), (byte)tbs.Length, .. tbs.Span, .. Prefixed(extensions),
        ];
        var isRsa = kind == "rsa";
        var signature = isRsa ? _rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : _ecdsa.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return [0, .. SHA256.HashData(isRsa ? _rsa.ExportSubjectPublicKeyInfo() : _ecdsa.ExportSubjectPublicKeyInfo()), .. time, .. Prefixed(extensions), 4, (byte)(isRsa ? 1 : 3), .. Prefixed(signature)];
    }

    private X509Certificate2 Certificate(params byte[][] timestamps) => Certificate(_ => { }, timestamps);

    private X509Certificate2 Certificate(Action<CertificateRequest> change, params byte[][] timestamps) => _authority.Issue(_subject, request =>
    {
        change(request);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(Prefixed([.. timestamps.SelectMany(Prefixed)]));
        request.CertificateExtensions.Add(new X509Extension(ListExtension, writer.Encode(), false));
    });

    private (int Verified, string Reason) Count(X509Certificate2 certificate, System.Collections.Immutable.ImmutableArray<TransparencyLog> logs)
    {
        using var issuer = VerificationKey.FromSubjectPublicKeyInfo(_authority.IssuerKey.ExportSubjectPublicKeyInfo());
        return SignedCertificateTimestamps.Count(certificate, issuer, logs);
    }

    private static System.Collections.Immutable.ImmutableArray<TransparencyLog> Logs(params AsymmetricAlgorithm[] keys) => [.. keys.Select(k => Log(k, new ValidityPeriod(TestAuthority.Start, null)))];

    private static TransparencyLog Log(AsymmetricAlgorithm key, ValidityPeriod validFor) =>
        new("https://ct.test", SHA256.HashData(key.ExportSubjectPublicKeyInfo()), null, VerificationKey.FromSubjectPublicKeyInfo(key.ExportSubjectPublicKeyInfo()), validFor);

    private static byte[] Prefixed(byte[] content) => [(byte)(content.Length >> 8), (byte)content.Length, .. content];
}
