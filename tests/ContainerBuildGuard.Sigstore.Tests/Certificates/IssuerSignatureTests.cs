using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Begun beside other checks, the answer is the one that would have been worked out in its turn.</summary>
[TestClass]
public sealed class IssuerSignatureTests
{
    [TestMethod]
    public void A_signature_that_was_begun_holds_where_it_is_the_issuers()
    {
        using var authority = new TestAuthority();
        var certificate = authority.Issue();
        Assert.IsTrue(IssuerSignature.Holds(IssuerSignature.Begin(certificate, [authority.Authority]), certificate, authority.Authority, 0));
    }

    [TestMethod]
    public void Another_keys_under_the_issuers_name_does_not()
    {
        using var authority = new TestAuthority();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var certificate = authority.Issue(signWith: other);
        Assert.IsFalse(IssuerSignature.Holds(IssuerSignature.Begin(certificate, [authority.Authority]), certificate, authority.Authority, 0));
    }

    [TestMethod]
    public void What_was_begun_with_one_authority_says_nothing_of_another()
    {
        using var authority = new TestAuthority();
        using var namesake = new TestAuthority();
        var certificate = authority.Issue();
        var begun = IssuerSignature.Begin(certificate, [authority.Authority, namesake.Authority]);
        Assert.IsFalse(IssuerSignature.Holds(begun, certificate, namesake.Authority, 0));
        Assert.IsFalse(IssuerSignature.Holds(begun, certificate, authority.Authority, 1));
        Assert.IsTrue(IssuerSignature.Holds(begun, certificate, authority.Authority, 0));
    }

    [TestMethod]
    public void Nothing_begins_where_no_authority_has_the_issuers_name()
    {
        using var authority = new TestAuthority();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256).CreateSelfSigned(TestAuthority.Start, TestAuthority.Start.AddDays(2));
        Assert.IsNull(IssuerSignature.Begin(stranger, [authority.Authority]));
    }

    [TestMethod]
    public void A_signature_that_cannot_be_read_is_an_error_for_whoever_asks()
    {
        using var authority = new TestAuthority();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=odd", key, HashAlgorithmName.SHA256)
            .Create(authority.Issuer.SubjectName, new WithParameters(authority.IssuerKey), TestAuthority.Start, TestAuthority.Start.AddDays(1), [2]);
        var begun = IssuerSignature.Begin(certificate, [authority.Authority]);
        Assert.ThrowsExactly<AsnContentException>(() => IssuerSignature.Holds(begun, certificate, authority.Authority, 0));
    }

    /// <summary>ECDSA with SHA-384, named with parameters, which RFC 5758 forbids.</summary>
    private sealed class WithParameters(ECDsa key) : X509SignatureGenerator
    {
        private readonly X509SignatureGenerator _inner = CreateForECDsa(key);

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => [0x30, 12, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3, 4, 0];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => _inner.SignData(data, HashAlgorithmName.SHA384);

        protected override PublicKey BuildPublicKey() => _inner.PublicKey;
    }
}
