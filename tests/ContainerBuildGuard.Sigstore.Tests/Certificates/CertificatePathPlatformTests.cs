using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The last link as this library validates it, held against the platform's chain engine, which builds the whole path: for each way in which a path can be wrong.</summary>
[TestClass]
public sealed class CertificatePathPlatformTests
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly DateTimeOffset During = TestAuthority.Start.AddDays(1).AddMinutes(5);

    // permittedSubtrees: URI example.test and ci.example (RFC 5280, section 4.2.1.10).
    private static readonly byte[] OtherHost = [0x30, 0x12, 0xa0, 0x10, 0x30, 0x0e, 0x86, 0x0c, .. "example.test"u8];
    private static readonly byte[] ItsHost = [0x30, 0x10, 0xa0, 0x0e, 0x30, 0x0c, 0x86, 0x0a, .. "ci.example"u8];

    // requireExplicitPolicy: 0 (RFC 5280, section 4.2.1.11); the certificates name no policies.
    private static readonly byte[] ExplicitPolicy = [0x30, 3, 0x80, 1, 0];

    private static readonly Dictionary<string, Func<(TestAuthority Authority, X509Certificate2 Certificate)>> Paths = new()
    {
        ["good"] = () => Issued(new TestAuthority()),
        ["good, constrained to its own name"] = () => Issued(new TestAuthority(Add("2.5.29.30", ItsHost))),
        ["good, without key usage of the issuer"] = () => Issued(new TestAuthority(r => r.CertificateExtensions.Remove(r.CertificateExtensions.OfType<X509KeyUsageExtension>().Single()))),
        ["good, without extended usage of the issuer"] = () => Issued(new TestAuthority(r => r.CertificateExtensions.Remove(r.CertificateExtensions.OfType<X509EnhancedKeyUsageExtension>().Single()))),
        ["good, an unknown extension that is not critical"] = () => Issued(new TestAuthority(), Add("1.2.3.4", [5, 0], critical: false)),
        ["constrained to other names"] = () => Issued(new TestAuthority(Add("2.5.29.30", OtherHost))),
        ["the issuer has expired"] = () => Issued(new TestAuthority(issuerEnd: During.AddSeconds(-1))),
        ["the issuer is no authority"] = () => Issued(new TestAuthority(issuerIsAuthority: false)),
        ["the issuer may not sign certificates"] = () => Issued(new TestAuthority(Usage(X509KeyUsageFlags.CrlSign))),
        ["the issuer is for another usage"] = () => Issued(new TestAuthority(ExtendedUsage(ServerAuthentication))),
        ["the issuer has an unknown critical extension"] = () => Issued(new TestAuthority(Add("1.2.3.4", [5, 0]))),
        ["the root lets nobody issue below it"] = () => Issued(new TestAuthority(rootPathLength: 0)),
        ["another usage"] = () => new TestAuthority() is var a ? (a, a.Issue(usage: ServerAuthentication)) : default,
        ["an unknown critical extension"] = () => Issued(new TestAuthority(), Add("1.2.3.4", [5, 0])),
        ["signed by another key"] = () => new TestAuthority() is var a ? (a, a.Issue(signWith: ECDsa.Create(ECCurve.NamedCurves.nistP384))) : default,
        ["issued by another authority of the same names"] = () => (new TestAuthority(), new TestAuthority().Issue()),
        ["signed by itself"] = () => (new TestAuthority(), SelfSigned()),
    };

    public static IEnumerable<object[]> All => Paths.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(All))]
    public void It_ends_as_the_platform_ends(string name)
    {
        var (authority, certificate) = Paths[name]();
        using (authority)
        using (certificate)
        {
            var (issuer, reason) = CertificatePath.Find(certificate, authority.Authority, During, CertificatePath.CodeSigning);
            var (path, platformReason) = authority.Authority.Build(certificate, During, CertificatePath.CodeSigning);
            Assert.AreEqual(name.StartsWith("good", StringComparison.Ordinal), issuer is not null, reason);
            Assert.AreEqual(!path.IsEmpty, issuer is not null, $"here: {reason}; the platform: {platformReason}");
        }
    }

    [TestMethod]
    public void An_extension_that_is_there_twice_is_refused()
    {
        using var authority = new TestAuthority();
        using var twice = X509CertificateLoader.LoadCertificate(Twice(authority));
        StringAssert.Contains(CertificatePath.Find(twice, authority.Authority, During, CertificatePath.CodeSigning).Reason, "twice");
    }

    [TestMethod]
    public void An_authority_that_asks_for_policies_is_refused_on_every_platform()
    {
        using var authority = new TestAuthority(Add("2.5.29.36", ExplicitPolicy));
        StringAssert.Contains(CertificatePath.Find(authority.Issue(), authority.Authority, During, CertificatePath.CodeSigning).Reason, "policies");
    }

    [TestMethod]
    public void A_usage_that_no_extension_names_is_refused_where_the_platform_would_take_it_for_any()
    {
        using var authority = new TestAuthority();
        using var any = authority.Issue(r => r.CertificateExtensions.Remove(r.CertificateExtensions.OfType<X509EnhancedKeyUsageExtension>().Single()));
        Assert.IsFalse(authority.Authority.Build(any, During, CertificatePath.CodeSigning).Path.IsEmpty);
        StringAssert.Contains(CertificatePath.Find(any, authority.Authority, During, CertificatePath.CodeSigning).Reason, "not for this use");
    }

    private static (TestAuthority, X509Certificate2) Issued(TestAuthority authority, Action<CertificateRequest>? change = null) => (authority, authority.Issue(change));

    private static Action<CertificateRequest> Add(string oid, byte[] value, bool critical = true) => r => r.CertificateExtensions.Add(new X509Extension(oid, value, critical));

    private static Action<CertificateRequest> Usage(X509KeyUsageFlags flags) => r =>
    {
        r.CertificateExtensions.Remove(r.CertificateExtensions.OfType<X509KeyUsageExtension>().Single());
        r.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
    };

    private static Action<CertificateRequest> ExtendedUsage(string usage) => r =>
    {
        r.CertificateExtensions.Remove(r.CertificateExtensions.OfType<X509EnhancedKeyUsageExtension>().Single());
        r.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
    };

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=root,O=test", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CertificatePath.CodeSigning)], false));
        return request.CreateSelfSigned(TestAuthority.Start, TestAuthority.Start.AddYears(1));
    }

    /// <summary>The request type refuses a second extension of a kind, so one of two unknown ones gets the other's number and the whole is signed anew.</summary>
    private static byte[] Twice(TestAuthority authority)
    {
        using var two = authority.Issue(r =>
        {
            Add("1.2.3.4", [5, 0], critical: false)(r);
            Add("1.2.3.5", [5, 0], critical: false)(r);
        });
        var tbs = SignedBytes.Of(two).ToBeSigned.ToArray();
        tbs[tbs.AsSpan().IndexOf((byte[])[6, 3, 0x2a, 3, 5]) + 4] = 4;
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(tbs);
            writer.WriteEncodedValue(SignedBytes.Of(two).AlgorithmIdentifier.Span);
            writer.WriteBitString(authority.IssuerKey.SignData(tbs, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return writer.Encode();
    }
}
