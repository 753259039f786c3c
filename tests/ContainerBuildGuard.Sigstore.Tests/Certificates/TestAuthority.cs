using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A certificate authority of a root and an issuing certificate, as Fulcio has one.</summary>
internal sealed class TestAuthority : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly X509Certificate2 _root;

    public TestAuthority(Action<CertificateRequest>? changeIssuer = null, bool issuerIsAuthority = true, int rootPathLength = 1, DateTimeOffset? issuerEnd = null)
    {
        var root = new CertificateRequest("CN=root,O=test", _rootKey, HashAlgorithmName.SHA384);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, rootPathLength, true));
        root.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = root.CreateSelfSigned(Start, Start.AddYears(10));
        var issuer = new CertificateRequest("CN=issuer,O=test", IssuerKey, HashAlgorithmName.SHA384);
        issuer.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuerIsAuthority, issuerIsAuthority, 0, true));
        issuer.CertificateExtensions.Add(new X509KeyUsageExtension(issuerIsAuthority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.DigitalSignature, true));
        issuer.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CertificatePath.CodeSigning)], false));
        changeIssuer?.Invoke(issuer);
        Issuer = issuer.Create(_root, Start, issuerEnd ?? Start.AddYears(5), [1]);
        Authority = new CertificateAuthority("https://authority.test", [Issuer, _root], new ValidityPeriod(Start, null));
    }

    public ECDsa IssuerKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public X509Certificate2 Issuer { get; }

    public CertificateAuthority Authority { get; }

    /// <summary>A signing certificate of ten minutes, by this authority's name and the given key.</summary>
    public X509Certificate2 Issue(Action<CertificateRequest>? change = null, ECDsa? signWith = null, string usage = CertificatePath.CodeSigning)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Issue(key, change, signWith, usage);
    }

    public X509Certificate2 Issue(ECDsa key, Action<CertificateRequest>? change = null, ECDsa? signWith = null, string usage = CertificatePath.CodeSigning)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("https://ci.example/builder"));
        request.CertificateExtensions.Add(names.Build(critical: true));
        change?.Invoke(request);
        return request.Create(Issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signWith ?? IssuerKey), Start.AddDays(1), Start.AddDays(1).AddMinutes(10), [2]);
    }

    public void Dispose()
    {
        _rootKey.Dispose();
        IssuerKey.Dispose();
        _root.Dispose();
        Issuer.Dispose();
    }
}
