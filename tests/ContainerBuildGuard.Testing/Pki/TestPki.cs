using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Testing.Pki;

/// <summary>A root, an authority below it, and whatever certificates a test needs, right or wrong. Certificates hold their key, except where that is kept elsewhere.</summary>
public sealed class TestPki : IDisposable
{
    public const string Subject = "CN=signer, O=acme, L=Seattle, S=WA, C=US";
    private readonly List<X509Certificate2> _issued = [];
    private readonly Uri[] _ocsp;
    private readonly Uri[] _lists;

    /// <param name="start">From when the authorities are valid, for ten years.</param>
    /// <param name="ocsp">Where issued certificates send for OCSP.</param>
    /// <param name="list">Where they have their revocation list.</param>
    /// <param name="changeIssuer">Changes the issuing authority before it is signed.</param>
    /// <param name="changeRoot">Changes the root before it is signed.</param>
    public TestPki(DateTimeOffset start, Uri? ocsp = null, Uri? list = null, Action<CertificateRequest>? changeIssuer = null, Action<CertificateRequest>? changeRoot = null)
    {
        (Start, _ocsp, _lists) = (start, ocsp is null ? [] : [ocsp], list is null ? [] : [list]);
        Root = Keep(Authority("CN=root, O=test", 1, changeRoot), null);
        Issuer = Keep(Authority("CN=issuer, O=test", 0, changeIssuer), Root);
    }

    public DateTimeOffset Start { get; }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Issuer { get; }

    /// <summary>A code-signing certificate of a year.</summary>
    public X509Certificate2 CodeSigner(Action<CertificateRequest>? change = null, AsymmetricAlgorithm? key = null, string subject = Subject, DateTimeOffset? from = null, DateTimeOffset? to = null, bool holdsKey = true) =>
        Leaf(subject, key, from, to, request =>
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.3")], false));
            change?.Invoke(request);
        }, holdsKey);

    /// <summary>A time-stamping certificate.</summary>
    public X509Certificate2 TimeStamper(Action<CertificateRequest>? change = null, DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        Leaf("CN=stamper, O=test", null, from, to, request =>
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.8")], true));
            change?.Invoke(request);
        });

    /// <summary>A responder that the issuer appoints.</summary>
    public X509Certificate2 Responder(Action<CertificateRequest>? change = null)
    {
        return Leaf("CN=responder, O=test", null, null, null, request =>
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.9")], false));
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.5.5.7.48.1.5", [5, 0], false));
            change?.Invoke(request);
        });
    }

    /// <summary>Leaf to root.</summary>
    public X509Certificate2[] ChainOf(X509Certificate2 leaf) => [leaf, Issuer, Root];

    /// <summary>The leaf with its key and chain, PKCS#12 without a password. The authorities' keys stay with them.</summary>
    public byte[] Pkcs12Of(X509Certificate2 leaf) =>
        new X509Certificate2Collection(ChainOf(leaf).Skip(1).Select(c => X509CertificateLoader.LoadCertificate(c.RawData)).Append(leaf).ToArray()).Export(X509ContentType.Pkcs12)!;

    /// <summary>A self-signed certificate that signs code.</summary>
    public X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        var certificate = request.CreateSelfSigned(Start, Start.AddYears(1));
        _issued.Add(certificate);
        return certificate;
    }

    public void Dispose() => _issued.ForEach(c => c.Dispose());

    /// <summary>Removes the extension and puts another in its place.</summary>
    public static void Replace(CertificateRequest request, params X509Extension[] extensions)
    {
        foreach (var extension in extensions)
        {
            if (request.CertificateExtensions.FirstOrDefault(e => e.Oid!.Value == extension.Oid!.Value) is { } old)
            {
                request.CertificateExtensions.Remove(old);
            }

            request.CertificateExtensions.Add(extension);
        }
    }

    private static (CertificateRequest Request, ECDsa Key) Authority(string name, int below, Action<CertificateRequest>? change)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, below, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        change?.Invoke(request);
        return (request, key);
    }

    private X509Certificate2 Keep((CertificateRequest Request, ECDsa Key) made, X509Certificate2? issuer)
    {
        using var key = made.Key;
        var certificate = issuer is null
            ? made.Request.CreateSelfSigned(Start, Start.AddYears(10))
            : Signed(made.Request, issuer, Start, Start.AddYears(9)).CopyWithPrivateKey(key);
        _issued.Add(certificate);
        return certificate;
    }

    private X509Certificate2 Leaf(string subject, AsymmetricAlgorithm? key, DateTimeOffset? from, DateTimeOffset? to, Action<CertificateRequest> fill, bool holdsKey = true)
    {
        using var own = key is null ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        var (rsa, ecdsa) = (key as RSA, key as ECDsa ?? own);
        var name = new X500DistinguishedName(subject);
        var request = rsa is not null ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest(name, ecdsa!, HashAlgorithmName.SHA256);
        if (_ocsp.Length > 0)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(_ocsp.Select(u => u.AbsoluteUri), null));
        }

        if (_lists.Length > 0)
        {
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension(_lists.Select(u => u.AbsoluteUri)));
        }

        fill(request);
        var certificate = Signed(request, Issuer, from ?? Start, to ?? Start.AddYears(1));
        certificate = !holdsKey ? certificate : rsa is not null ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey(ecdsa!);
        _issued.Add(certificate);
        return certificate;
    }

    /// <summary>Signed by the issuer's key whatever its certificate says: tests need what no authority would issue.</summary>
    private static X509Certificate2 Signed(CertificateRequest request, X509Certificate2 issuer, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = issuer.GetECDsaPrivateKey()!;
        return request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), from, to, [1, .. RandomNumberGenerator.GetBytes(7)]);
    }
}
