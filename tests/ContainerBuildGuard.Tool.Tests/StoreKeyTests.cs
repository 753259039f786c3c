using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>Keys of certificates in the user's store: on Linux it is a folder in the user's own, and each test has a user of its own.</summary>
[TestClass]
public sealed class StoreKeyTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("cbg-store-");
    private readonly TestPki _pki = new(DateTimeOffset.UtcNow.AddDays(-1));

    public required TestContext TestContext { get; init; }

    public void Dispose()
    {
        _pki.Dispose();
        _home.Delete(recursive: true);
    }

    [TestMethod]
    [DataRow("ecdsa")]
    [DataRow("rsa")]
    public async Task A_certificates_key_signs_and_its_public_half_verifies(string kind)
    {
        await using var registry = await RegistryAsync();
        var image = await TinyImage.PushAsync(registry, kind, TestContext.CancellationToken);
        using AsymmetricAlgorithm key = kind == "rsa" ? RSA.Create(3072) : ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var certificate = _pki.CodeSigner(key: key);
        Store("my", certificate);
        var reference = $"certstore://{certificate.Thumbprint}";
        await DoneAsync("sign", image, "--key", reference);
        var pem = await DoneAsync("keys", "public", reference);
        Assert.AreEqual(PemEncoding.WriteString("PUBLIC KEY", certificate.PublicKey.ExportSubjectPublicKeyInfo()), pem.Output.Trim());
        await File.WriteAllTextAsync(At("key.pub"), pem.Output, TestContext.CancellationToken);
        await DoneAsync("verify", image, "--key", At("key.pub"));
        await DoneAsync("sign", image, "--key", reference.ToLowerInvariant());
    }

    [TestMethod]
    public async Task The_stores_have_the_chain_that_the_notary_project_asks_for()
    {
        await using var registry = await RegistryAsync();
        var image = await TinyImage.PushAsync(registry, "notation", TestContext.CancellationToken);
        var certificate = _pki.CodeSigner();
        Store("my", certificate);
        string[] sign = ["sign", image, "--notation", "--key", $"certstore://{certificate.Thumbprint}"];
        var lacking = await RunAsync(sign);
        Assert.AreEqual(2, lacking.ExitCode, lacking.Error);
        StringAssert.Contains(lacking.Error, "the chain lacks the certificate 'CN=issuer, O=test'");
        Store("ca", X509CertificateLoader.LoadCertificate(_pki.Issuer.RawData));
        Store("root", X509CertificateLoader.LoadCertificate(_pki.Root.RawData));
        await DoneAsync(sign);
        Directory.CreateDirectory(At("trust/x509/ca/acme"));
        await File.WriteAllTextAsync(At("trust/x509/ca/acme/root.pem"), _pki.Root.ExportCertificatePem(), TestContext.CancellationToken);
        await File.WriteAllTextAsync(At("policy.json"), """{"version":"1.0","trustPolicies":[{"name":"acme","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:acme"],"trustedIdentities":["x509.subject: C=US, ST=WA, O=acme"]}]}""", TestContext.CancellationToken);
        await DoneAsync("verify", image, "--notation", "--notation-trust-policy", At("policy.json"), "--notation-trust-store", At("trust"));
    }

    [TestMethod]
    [DataRow("certstore://0123456789012345678901234567890123456789")]
    [DataRow("certstore://")]
    [DataRow("certstore://no-thumbprint")]
    public async Task What_no_store_has_is_said(string reference)
    {
        Store("my", _pki.CodeSigner());
        await SaidAsync(reference);
    }

    [TestMethod]
    public async Task A_certificate_without_its_key_is_none()
    {
        var certificate = _pki.CodeSigner();
        Store("my", X509CertificateLoader.LoadCertificate(certificate.RawData));
        await SaidAsync($"certstore://{certificate.Thumbprint}");
    }

    private async Task SaidAsync(string reference)
    {
        var result = await RunAsync("sign", "localhost:1/app:1.0", "--key", reference);
        Assert.AreEqual(2, result.ExitCode, result.Error);
        StringAssert.Contains(result.Error, "CBG3005");
        StringAssert.Contains(result.Error, "name its SHA-1 thumbprint");
    }

    /// <summary>Puts a certificate where the platform keeps those of the user.</summary>
    private void Store(string name, X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("The user's certificate store is a folder on Linux alone.");
        }

        var folder = Directory.CreateDirectory(At($".dotnet/corefx/cryptography/x509stores/{name}")).FullName;
        File.WriteAllBytes(Path.Combine(folder, $"{certificate.Thumbprint}.pfx"), certificate.Export(X509ContentType.Pkcs12));
    }

    private static async Task<RegistryServer> RegistryAsync()
    {
        if (!RegistryServer.IsAvailable)
        {
            Assert.Inconclusive("docker-registry is not installed.");
        }

        return await RegistryServer.StartAsync();
    }

    private Task<Cbg> RunAsync(params string[] arguments) => Cbg.RunAsync(new Dictionary<string, string?> { ["HOME"] = _home.FullName }, arguments);

    private async Task<Cbg> DoneAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.AreEqual(0, result.ExitCode, result.Error);
        return result;
    }

    private string At(string name) => Path.Combine(_home.FullName, name);
}
