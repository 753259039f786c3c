using System.Security.Cryptography;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>A publish signs by the Notary Project's rules, and the guard's verifier is the judge.</summary>
[TestClass]
public sealed class NotationPublishTests : IDisposable
{
    private const string Platforms = "<RuntimeIdentifiers>linux-x64;linux-arm64</RuntimeIdentifiers><SelfContained>false</SelfContained>";
    private readonly TestPki _pki = new(DateTimeOffset.UtcNow.AddDays(-1));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-notation-");

    public required TestContext TestContext { get; init; }

    [TestInitialize]
    public void Begin()
    {
        Workbench.Require(true, "");
        Directory.CreateDirectory(At("store/x509/ca/acme"));
        File.WriteAllText(At("store/x509/ca/acme/root.pem"), _pki.Root.ExportCertificatePem());
    }

    public void Dispose()
    {
        _pki.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task The_index_and_each_platform_are_signed_beside_a_bundle()
    {
        var signer = _pki.CodeSigner();
        await File.WriteAllBytesAsync(At("signer.p12"), _pki.Pkcs12Of(signer), TestContext.CancellationToken);
        await File.WriteAllTextAsync(At("signer.pub"), PemEncoding.WriteString("PUBLIC KEY", signer.PublicKey.ExportSubjectPublicKeyInfo()), TestContext.CancellationToken);
        using var project = new GuardedProject(properties: Platforms);
        var result = await project.PublishToRegistryAsync($"-p:ContainerBuildGuardKey={At("signer.p12")}", "-p:ContainerBuildGuardSignatureFormats=\"bundle;notation\"", "-p:ContainerBuildGuardSign=required");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains("Signed by CN=signer, O=acme", result.Output);
        Assert.Contains("(bundle, notation)", result.Output);
        await VerifiesAsync(project, Policy("\"ca:acme\""), "--recursive");
        var bundle = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["verify", Image(project), "--key", At("signer.pub"), "--recursive"]);
        Assert.AreEqual(0, bundle.ExitCode, bundle.Output);
    }

    [TestMethod]
    public async Task A_key_with_its_chain_beside_it_signs_alone_and_attestations_stay_bundles()
    {
        using var key = RSA.Create(3072);
        using var project = new GuardedProject()
            .File("keys/signer.key", key.ExportPkcs8PrivateKeyPem())
            .File("keys/chain.pem", string.Join('\n', _pki.ChainOf(_pki.CodeSigner(key: key)).Select(c => c.ExportCertificatePem())))
            .File("containerbuildguard.yaml", "version: 1\nattest: [guard]\n");
        var result = await project.PublishToRegistryAsync("-p:ContainerBuildGuardKey=keys/signer.key", "-p:ContainerBuildGuardCertificateChain=keys/chain.pem", "-p:ContainerBuildGuardSignatureFormats=notation", "-p:ContainerBuildGuardNotationEnvelope=cose", "-p:ContainerBuildGuardSignatureExpiry=24h");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains("(notation), with 1 attestations", result.Output);
        await VerifiesAsync(project, Policy("\"ca:acme\""));
        using var client = new RegistryClient(new RegistryClientOptions());
        var digest = Digest.Parse((await project.TagAsync())!);
        var types = (await client.GetReferrersAsync(Workbench.Registry.Host, project.Repository, digest, TestContext.CancellationToken)).Found.Select(r => r.ArtifactType).Order().ToList();
        CollectionAssert.AreEqual(new[] { "application/vnd.cncf.notary.signature", "application/vnd.dev.sigstore.bundle.v0.3+json" }, types, string.Join(' ', types));
    }

    [TestMethod]
    [DataRow("azurekms://HOST/release", "PS384")]
    [DataRow("awskms://HOST/alias/release", "ECDSA_SHA_384")]
    public async Task A_key_service_signs_and_a_timestamp_authority_countersigns(string reference, string algorithm)
    {
        using AsymmetricAlgorithm key = algorithm == "PS384" ? RSA.Create(3072) : ECDsa.Create(ECCurve.NamedCurves.nistP384);
        await using var service = new AnswerServer(request => algorithm == "PS384" ? KeyServers.Azure(request, key) : KeyServers.Aws(request, key));
        var stamper = _pki.TimeStamper();
        await using var authority = new AnswerServer(request => new ServerAnswer(200, new TestTimestamp { Signer = stamper, Certificates = [stamper, _pki.Issuer], Time = DateTimeOffset.UtcNow }.Respond(request.Body), "application/timestamp-reply"));
        await File.WriteAllTextAsync(At("tsa.pem"), _pki.Root.ExportCertificatePem(), TestContext.CancellationToken);
        Directory.CreateDirectory(At("store/x509/tsa/acme"));
        File.Copy(At("tsa.pem"), At("store/x509/tsa/acme/root.pem"));
        using var project = new GuardedProject().File("chain.pem", string.Join('\n', _pki.ChainOf(_pki.CodeSigner(key: key)).Select(c => c.ExportCertificatePem())));
        var credentials = new Dictionary<string, string?>
        {
            ["AWS_ACCESS_KEY_ID"] = "made-up-id", ["AWS_SECRET_ACCESS_KEY"] = "made-up", ["AWS_REGION"] = "eu-central-1",
            ["AZURE_TENANT_ID"] = "tenant", ["AZURE_CLIENT_ID"] = "client", ["AZURE_CLIENT_SECRET"] = "made-up", ["AZURE_AUTHORITY_HOST"] = service.Address.ToString(),
        };
        var result = await project.PublishAsync(credentials, $"-p:ContainerRegistry={Workbench.Registry.Host}", $"-p:ContainerBuildGuardKey={reference.Replace("HOST", service.Host, StringComparison.Ordinal)}",
            "-p:ContainerBuildGuardCertificateChain=chain.pem", "-p:ContainerBuildGuardSignatureFormats=notation", "-p:ContainerBuildGuardSign=required", $"-p:ContainerBuildGuardTimestampUrl={authority.Address}", $"-p:ContainerBuildGuardTimestampRootCertificate={At("tsa.pem")}");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.AreEqual(algorithm, KeyServers.AlgorithmOf(service.Requests.Last()));
        Assert.HasCount(1, authority.Requests);

        // A trust policy with a store of timestamp authorities refuses what has no countersignature.
        await VerifiesAsync(project, Policy("\"ca:acme\",\"tsa:acme\""));
    }

    [TestMethod]
    public async Task What_cannot_sign_is_said_before_anything_is_delivered()
    {
        await File.WriteAllBytesAsync(At("expired.p12"), _pki.Pkcs12Of(_pki.CodeSigner(to: DateTimeOffset.UtcNow.AddHours(-1))), TestContext.CancellationToken);
        await File.WriteAllBytesAsync(At("signer.p12"), _pki.Pkcs12Of(_pki.CodeSigner()), TestContext.CancellationToken);
        using var project = new GuardedProject();
        foreach (var (code, said, properties) in ((string, string, string[])[])[
            ("CBG3005", "need a key with a certificate", ["-p:ContainerBuildGuardSign=required"]),
            ("CBG3005", "no certificate for the key", [$"-p:ContainerBuildGuardKey={Workbench.PrivateKey}"]),
            ("CBG3005", "was not valid", [$"-p:ContainerBuildGuardKey={At("expired.p12")}"]),
            ("CBG9009", "use jws or cose", [$"-p:ContainerBuildGuardKey={At("signer.p12")}", "-p:ContainerBuildGuardNotationEnvelope=xml"]),
            ("CBG9009", "ContainerBuildGuardSignatureExpiry is 'soon'", [$"-p:ContainerBuildGuardKey={At("signer.p12")}", "-p:ContainerBuildGuardSignatureExpiry=soon"])])
        {
            var refused = await project.PublishToRegistryAsync(["-p:ContainerBuildGuardSignatureFormats=notation", .. properties]);
            Assert.AreEqual(1, refused.ExitCode, refused.Output);
            Assert.Contains($"error {code}", refused.Output);
            Assert.Contains(said, refused.Output);
        }

        await project.AssertNothingArrivedAsync();
        var unsigned = await project.PublishToRegistryAsync("-p:ContainerBuildGuardSignatureFormats=notation");
        Assert.AreEqual(0, unsigned.ExitCode, unsigned.Output);
        Assert.Contains("Not signed (signatures of the Notary Project need a key", unsigned.Output);
    }

    private static string Image(GuardedProject project) => $"{Workbench.Registry.Host}/{project.Repository}:latest";

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private static string Policy(string stores) => $$"""{"version":"1.0","trustPolicies":[{"name":"acme","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":[{{stores}}],"trustedIdentities":["x509.subject: C=US, ST=WA, O=acme"]}]}""";

    private async Task VerifiesAsync(GuardedProject project, string policy, params string[] more)
    {
        await File.WriteAllTextAsync(At("trustpolicy.json"), policy, TestContext.CancellationToken);
        var result = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["verify", Image(project), "--notation", "--notation-trust-policy", At("trustpolicy.json"), "--notation-trust-store", At("store"), .. more]);
        Assert.AreEqual(0, result.ExitCode, result.Output);
    }
}
