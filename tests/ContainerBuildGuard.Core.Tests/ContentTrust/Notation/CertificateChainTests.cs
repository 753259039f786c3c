using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Testing.Pki;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Certificates of the wrong kind, each in an otherwise good chain.</summary>
[TestClass]
public sealed class CertificateChainTests
{
    private static readonly (string Name, Action<CertificateRequest> Change, string Reason)[] Leaves =
    [
        ("no key usage", r => Remove(r, "2.5.29.15"), "no critical key usage"),
        ("a key usage that is not critical", r => Usage(r, X509KeyUsageFlags.DigitalSignature, false), "no critical key usage"),
        ("not for signatures", r => Usage(r, X509KeyUsageFlags.NonRepudiation), "no critical key usage"),
        ("for key encipherment", r => Usage(r, X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment), "KeyEncipherment"),
        ("for key agreement", r => Usage(r, X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement), "KeyAgreement"),
        ("for certificates", r => Usage(r, X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign), "KeyCertSign"),
        ("for revocation lists", r => Usage(r, X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.CrlSign), "CrlSign"),
        ("an authority", r => r.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)), "certificate authority"),
        ("for servers", r => Purpose(r, "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.1"), "is for"),
        ("for clients", r => Purpose(r, "1.3.6.1.5.5.7.3.2"), "is for"),
        ("for mail", r => Purpose(r, "1.3.6.1.5.5.7.3.4"), "is for"),
        ("for time stamping", r => Purpose(r, "1.3.6.1.5.5.7.3.8"), "is for"),
        ("for anything", r => Purpose(r, "2.5.29.37.0"), "is for"),
    ];

    private static readonly (string Name, Action<CertificateRequest> Change, string Reason)[] Issuers =
    [
        ("no authority", r => TestPki.Replace(r, new X509BasicConstraintsExtension(false, false, 0, true)), "no certificate authority"),
        ("an authority that is not critically so", r => TestPki.Replace(r, new X509BasicConstraintsExtension(true, true, 0, false)), "no certificate authority"),
        ("no basic constraints", r => Remove(r, "2.5.29.19"), "no certificate authority"),
        ("not for certificates", r => Usage(r, X509KeyUsageFlags.CrlSign), "signing certificates"),
        ("no key usage", r => Remove(r, "2.5.29.15"), "signing certificates"),
        ("a key usage that is not critical", r => Usage(r, X509KeyUsageFlags.KeyCertSign, false), "signing certificates"),
    ];

    public static IEnumerable<object[]> LeafNames => Leaves.Select(l => new object[] { l.Name });

    public static IEnumerable<object[]> IssuerNames => Issuers.Select(l => new object[] { l.Name });

    [TestMethod]
    [DynamicData(nameof(LeafNames))]
    public void A_leaf_of_the_wrong_kind_is_a_reason(string name)
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow);
        var (_, change, reason) = Leaves.Single(l => l.Name == name);
        StringAssert.Contains(CertificateChain.Check([.. pki.ChainOf(pki.CodeSigner(change))], ChainUse.CodeSigning), reason);
    }

    [TestMethod]
    [DynamicData(nameof(IssuerNames))]
    public void An_issuer_of_the_wrong_kind_is_a_reason(string name)
    {
        var (_, change, reason) = Issuers.Single(l => l.Name == name);
        using var pki = new TestPki(DateTimeOffset.UtcNow, changeIssuer: change);
        StringAssert.Contains(CertificateChain.Check([.. pki.ChainOf(pki.CodeSigner())], ChainUse.CodeSigning), reason);
    }

    [TestMethod]
    public void A_good_chain_and_a_self_signed_certificate_keep_every_rule()
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow);
        Assert.IsNull(CertificateChain.Check([.. pki.ChainOf(pki.CodeSigner())], ChainUse.CodeSigning));
        Assert.IsNull(CertificateChain.Check([.. pki.ChainOf(pki.CodeSigner(r => Remove(r, "2.5.29.37")))], ChainUse.CodeSigning));
        Assert.IsNull(CertificateChain.Check([pki.SelfSigned()], ChainUse.CodeSigning));
    }

    [TestMethod]
    public void An_authority_of_time_stamping_may_be_older_than_the_rule_that_key_usage_is_critical()
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow, changeIssuer: r =>
        {
            Usage(r, X509KeyUsageFlags.KeyCertSign, false);
            TestPki.Replace(r, new X509BasicConstraintsExtension(true, true, 0, false));
        });
        Assert.IsNull(CertificateChain.Check([.. pki.ChainOf(pki.TimeStamper())], ChainUse.TimeStamping));
        Assert.IsNotNull(CertificateChain.Check([.. pki.ChainOf(pki.CodeSigner())], ChainUse.CodeSigning));
        using var other = new TestPki(DateTimeOffset.UtcNow, changeIssuer: r => Usage(r, X509KeyUsageFlags.CrlSign, false));
        StringAssert.Contains(CertificateChain.Check([.. other.ChainOf(other.TimeStamper())], ChainUse.TimeStamping), "signing certificates");
    }

    [TestMethod]
    public void A_root_that_stands_twice_is_a_reason()
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow, changeRoot: r => TestPki.Replace(r, new X509BasicConstraintsExtension(true, false, 0, true)));
        StringAssert.Contains(CertificateChain.Check([.. pki.ChainOf(pki.CodeSigner()), X509CertificateLoader.LoadCertificate(pki.Root.RawData)], ChainUse.CodeSigning), "does not end the chain");
    }

    [TestMethod]
    public void A_path_that_is_longer_than_its_root_allows_is_a_reason()
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow);
        var below = pki.CodeSigner(r => TestPki.Replace(r, new X509BasicConstraintsExtension(true, false, 0, true), new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true)));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=below, O=acme", key, HashAlgorithmName.SHA256);
        Usage(request, X509KeyUsageFlags.DigitalSignature);
        using var issuer = below.GetECDsaPrivateKey()!;
        using var leaf = request.Create(below.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer), pki.Start, pki.Start.AddDays(1), [1]);
        StringAssert.Contains(CertificateChain.Check([leaf, below, pki.Issuer, pki.Root], ChainUse.CodeSigning), "allows 0 authorities below it");
    }

    [TestMethod]
    public void A_sha1_signature_counts_as_none()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(new X500DistinguishedName("CN=old"), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Usage(request, X509KeyUsageFlags.DigitalSignature);
        using var old = request.Create(request.SubjectName, new Sha1Generator(key), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1), [1]);
        StringAssert.Contains(CertificateChain.Check([old], ChainUse.CodeSigning), "not signed by itself");
    }

    [TestMethod]
    public void A_certificate_signed_with_rsa_pss_counts()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=pss", key, HashAlgorithmName.SHA384, RSASignaturePadding.Pss);
        Usage(request, X509KeyUsageFlags.DigitalSignature);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        Assert.IsNull(CertificateChain.Check([certificate], ChainUse.CodeSigning));
    }

    [TestMethod]
    [DataRow("1.3.6.1.5.5.7.3.8", true, null)]
    [DataRow("1.3.6.1.5.5.7.3.8", false, "not for time stamping alone")]
    [DataRow("1.3.6.1.5.5.7.3.3", true, "not for time stamping alone")]
    [DataRow("1.3.6.1.5.5.7.3.8 1.3.6.1.5.5.7.3.3", true, "not for time stamping alone")]
    public void A_time_stampers_certificate_is_for_that_alone(string purposes, bool critical, string? reason)
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow);
        var stamper = pki.TimeStamper(r => TestPki.Replace(r, new X509EnhancedKeyUsageExtension([.. purposes.Split(' ').Select(p => new Oid(p))], critical)));
        var found = CertificateChain.Check([.. pki.ChainOf(stamper)], ChainUse.TimeStamping);
        Assert.AreEqual(reason is null, found is null, found);
        StringAssert.Contains(found ?? "", reason ?? "");
    }

    private static void Remove(CertificateRequest request, string oid) => request.CertificateExtensions.Remove(request.CertificateExtensions.First(e => e.Oid!.Value == oid));

    private static void Usage(CertificateRequest request, X509KeyUsageFlags usage, bool critical = true) => TestPki.Replace(request, new X509KeyUsageExtension(usage, critical));

    private static void Purpose(CertificateRequest request, params string[] purposes) => TestPki.Replace(request, new X509EnhancedKeyUsageExtension([.. purposes.Select(p => new Oid(p))], false));

    /// <summary>Signs as nobody should any more.</summary>
    private sealed class Sha1Generator(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => [0x30, 13, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 5, 5, 0];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => new(key);
    }
}
