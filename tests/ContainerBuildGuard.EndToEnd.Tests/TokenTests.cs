using System.Security.Cryptography;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>A publish signs by a key on a PKCS #11 token: the package asks the tool, which loads the token's module.</summary>
[TestClass]
public sealed class TokenTests
{
    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task A_key_on_a_token_signs_and_attests_before_the_tag_is_set()
    {
        using var token = await TokenAsync();
        using var project = new GuardedProject(properties: Property("release", Workbench.Products.Cbg)).File("containerbuildguard.yaml", "version: 1\nattest: [guard]\n");
        var result = await project.PublishAsync(token.Environment, $"-p:ContainerRegistry={Workbench.Registry.Host}");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains("Signed by pkcs11:token=cbg%20test;object=release (bundle), with 1 attestations", result.Output);
        var publicKey = Path.Combine(project.Root, "release.pub");
        await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["keys", "public", SoftToken.Uri("object=release"), "--output", publicKey], environment: token.Environment);
        var verified = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["verify", $"{Workbench.Registry.Host}/{project.Repository}:latest", "--key", publicKey, "--attestation", "guard"]);
        Assert.AreEqual(0, verified.ExitCode, verified.Output);
    }

    [TestMethod]
    public async Task A_certificate_of_a_tokens_RSA_key_signs_for_the_notary_project()
    {
        using var token = await TokenAsync("rsa:2048");
        using var pki = new TestPki(DateTimeOffset.UtcNow.AddDays(-1));
        using var project = new GuardedProject(properties: Property("release", Workbench.Products.Cbg));
        using var key = RSA.Create();
        var publicKey = Path.Combine(project.Root, "release.pub");
        await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["keys", "public", SoftToken.Uri("object=release"), "--output", publicKey], environment: token.Environment);
        key.ImportFromPem(await File.ReadAllTextAsync(publicKey));
        project.File("chain.pem", string.Join('\n', pki.ChainOf(pki.CodeSigner(key: key, holdsKey: false)).Select(c => c.ExportCertificatePem())))
            .File("store/x509/ca/acme/root.pem", pki.Root.ExportCertificatePem())
            .File("trustpolicy.json", """{"version":"1.0","trustPolicies":[{"name":"acme","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:acme"],"trustedIdentities":["x509.subject: C=US, ST=WA, O=acme"]}]}""");
        var result = await project.PublishAsync(token.Environment, $"-p:ContainerRegistry={Workbench.Registry.Host}", "-p:ContainerBuildGuardCertificateChain=chain.pem", "-p:ContainerBuildGuardSignatureFormats=\"bundle;notation\"");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        var image = $"{Workbench.Registry.Host}/{project.Repository}:latest";
        foreach (var by in (string[][])[["--key", publicKey], ["--notation", "--notation-trust-policy", Path.Combine(project.Folder, "trustpolicy.json"), "--notation-trust-store", Path.Combine(project.Folder, "store")]])
        {
            var verified = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["verify", image, .. by]);
            Assert.AreEqual(0, verified.ExitCode, verified.Output);
        }
    }

    [TestMethod]
    public async Task Without_the_tool_nothing_is_delivered_and_the_command_for_afterwards_is_named()
    {
        using var token = await TokenAsync();
        using var project = new GuardedProject(properties: Property("release", "nowhere/cbg"));
        var result = await project.PublishAsync(token.Environment, $"-p:ContainerRegistry={Workbench.Registry.Host}");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("error CBG3005", result.Output);
        Assert.Contains($"cbg sign {Workbench.Registry.Host}/{project.Repository}:latest --key 'pkcs11:token=cbg%20test;object=release?", result.Output);
        await project.AssertNothingArrivedAsync();
    }

    [TestMethod]
    public async Task What_the_token_refuses_is_the_builds_error()
    {
        using var token = await TokenAsync();
        using var project = new GuardedProject(properties: Property("none", Workbench.Products.Cbg));
        var result = await project.PublishAsync(token.Environment, $"-p:ContainerRegistry={Workbench.Registry.Host}");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("error CBG3005", result.Output);
        Assert.Contains("no private key", result.Output);
        await project.AssertNothingArrivedAsync();
    }

    private static async Task<SoftToken> TokenAsync(string kind = "EC:prime256v1")
    {
        var token = await SoftToken.CreateAsync(("release", kind));
        Workbench.Require(token is not null, "softhsm2 or opensc");
        return token!;
    }

    /// <summary>As a project file writes it: MSBuild takes the escapes of the URI for its own unless their sign is escaped.</summary>
    private static string Property(string key, string tool) =>
        $"<ContainerBuildGuardKey>{SoftToken.Uri($"object={key}").Replace("%", "%25", StringComparison.Ordinal).Replace("&", "&amp;", StringComparison.Ordinal)}</ContainerBuildGuardKey><ContainerBuildGuardTool>{tool}</ContainerBuildGuardTool>";
}
