using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The last link is validated by this library: each thing that RFC 5280 asks of it is broken once.</summary>
[TestClass]
public sealed class CertificatePathTests
{
    private static readonly DateTimeOffset During = TestAuthority.Start.AddDays(1).AddMinutes(5);

    [TestMethod]
    public void A_certificate_of_the_authority_has_a_path_and_its_issuer_is_known()
    {
        using var authority = new TestAuthority();
        var (issuer, reason) = Find(authority, authority.Issue());
        Assert.AreEqual("", reason);
        CollectionAssert.AreEqual(authority.IssuerKey.ExportSubjectPublicKeyInfo(), issuer!.SubjectPublicKeyInfo);
    }

    [TestMethod]
    public void The_authoritys_own_certificate_has_a_path()
    {
        using var authority = new TestAuthority();
        Assert.IsNotNull(Find(authority, authority.Issuer).Issuer);
    }

    [TestMethod]
    [DataRow(-6)]
    [DataRow(6)]
    public void Outside_of_its_validity_there_is_none(int minutes)
    {
        using var authority = new TestAuthority();
        StringAssert.Contains(Find(authority, authority.Issue(), During.AddMinutes(minutes)).Reason, "not valid");
    }

    [TestMethod]
    public void A_signature_by_another_key_under_the_same_name_is_none()
    {
        using var authority = new TestAuthority();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        StringAssert.Contains(Find(authority, authority.Issue(signWith: other)).Reason, "not signed by");
    }

    [TestMethod]
    public void Another_authority_of_the_same_names_is_none()
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        Assert.IsNull(Find(other, authority.Issue()).Issuer);
    }

    [TestMethod]
    public void An_issuer_that_is_no_authority_is_none()
    {
        using var authority = new TestAuthority(issuerIsAuthority: false);
        StringAssert.Contains(Find(authority, authority.Issue()).Reason, "may not issue");
    }

    [TestMethod]
    public void An_unknown_critical_extension_is_refused_and_an_uncritical_one_is_not()
    {
        using var authority = new TestAuthority();
        X509Certificate2 With(bool critical) => authority.Issue(r => r.CertificateExtensions.Add(new X509Extension("1.2.3.4", [5, 0], critical)));
        StringAssert.Contains(Find(authority, With(critical: true)).Reason, "1.2.3.4");
        Assert.IsNotNull(Find(authority, With(critical: false)).Issuer);
    }

    [TestMethod]
    public void Another_usage_is_refused()
    {
        using var authority = new TestAuthority();
        Assert.IsNull(Find(authority, authority.Issue(usage: "1.3.6.1.5.5.7.3.1")).Issuer);
    }

    [TestMethod]
    public void An_issuer_for_another_usage_is_refused()
    {
        using var authority = new TestAuthority(r =>
        {
            r.CertificateExtensions.Remove(r.CertificateExtensions.OfType<X509EnhancedKeyUsageExtension>().Single());
            r.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CertificatePath.TimeStamping)], false));
        });
        Assert.IsNull(Find(authority, authority.Issue()).Issuer);
    }

    [TestMethod]
    public void Before_and_after_the_authority_was_trusted_there_is_none()
    {
        using var authority = new TestAuthority();
        var ended = new CertificateAuthority("https://authority.test", authority.Authority.Chain, new ValidityPeriod(TestAuthority.Start, During.AddSeconds(-1)));
        StringAssert.Contains(CertificatePath.Find(authority.Issue(), ended, During, CertificatePath.CodeSigning).Reason, "not trusted at");
    }

    [TestMethod]
    public void An_authority_that_constrains_names_is_left_to_the_platform()
    {
        // permittedSubtrees: URI example.test (RFC 5280, section 4.2.1.10); the certificate's name is another host's.
        byte[] constraints = [0x30, 0x12, 0xa0, 0x10, 0x30, 0x0e, 0x86, 0x0c, .. "example.test"u8];
        using var authority = new TestAuthority(r => r.CertificateExtensions.Add(new X509Extension("2.5.29.30", constraints, critical: true)));
        Assert.IsTrue(authority.Authority.ConstrainsNames);
        Assert.IsNull(Find(authority, authority.Issue()).Issuer);
    }

    [TestMethod]
    public void A_signing_certificate_that_is_an_authority_is_refused()
    {
        using var authority = new TestAuthority();
        var leaf = authority.Issue(r => r.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)));
        StringAssert.Contains(CertificatePath.CheckLeaf(leaf), "authority");
    }

    [TestMethod]
    public void Every_changed_byte_of_a_certificate_breaks_its_path()
    {
        using var authority = new TestAuthority();
        var good = authority.Issue().RawData;
        var accepted = new List<int>();
        for (var i = 0; i < good.Length; i++)
        {
            var changed = (byte[])good.Clone();
            changed[i] ^= 1;
            try
            {
                using var certificate = X509CertificateLoader.LoadCertificate(changed);
                if (Find(authority, certificate).Issuer is not null)
                {
                    accepted.Add(i);
                }
            }
            catch (Exception e) when (e is CryptographicException or System.Formats.Asn1.AsnContentException or SigstoreException)
            {
                // Not even a certificate.
            }
        }

        Assert.IsEmpty(accepted, string.Join(' ', accepted));
    }

    private static (VerificationKey? Issuer, string Reason) Find(TestAuthority authority, X509Certificate2 certificate, DateTimeOffset? time = null) =>
        CertificatePath.Find(certificate, authority.Authority, time ?? During, CertificatePath.CodeSigning);
}
