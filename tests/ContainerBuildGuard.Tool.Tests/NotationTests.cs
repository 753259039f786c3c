using System.Security.Cryptography;
using System.Text.Json;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>Notary Project signatures as a user makes and checks them, with a real registry (which lacks the referrers API).</summary>
[TestClass]
public sealed class NotationTests
{
    private static readonly DateTimeOffset Yesterday = DateTimeOffset.UtcNow.AddDays(-1);
    private static RegistryServer? _registry;
    private static TestPki _pki = null!;
    private static DirectoryInfo _folder = null!;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        _folder = Directory.CreateTempSubdirectory("cbg-notation-");
        _pki = new TestPki(Yesterday);
        _registry = RegistryServer.IsAvailable ? await RegistryServer.StartAsync() : null;
        File.WriteAllBytes(At("signer.p12"), _pki.Pkcs12Of(_pki.CodeSigner()));

        // As the notation program lays its folder out.
        Directory.CreateDirectory(At("notation/trust-store/x509/ca/acme"));
        File.WriteAllText(At("notation/trust-store/x509/ca/acme/root.pem"), _pki.Root.ExportCertificatePem());
        File.WriteAllText(At("notation/trustpolicy.json"), Policy("strict"));
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }

        _pki.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    [DataRow("jws")]
    [DataRow("cose")]
    public async Task An_image_is_signed_and_verified_with_the_set_up_of_the_notation_program(string format)
    {
        var image = await PushAsync(format);
        var signed = await Cbg.RunAsync("sign", image, "--notation", "--key", At("signer.p12"), "--signature-format", format, "--expiry", "24h");
        Assert.AreEqual(0, signed.ExitCode, signed.Error);
        StringAssert.Contains(signed.Output, "O=acme");
        var verified = await Cbg.RunAsync(User, "verify", image, "--notation", "--format", "json");
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
        using var json = JsonDocument.Parse(verified.Output);
        Assert.AreEqual("passed", json.RootElement.GetProperty("verdict").GetString());
        Assert.AreEqual("notation", json.RootElement.GetProperty("signatures")[0].GetProperty("format").GetString());
        var unsigned = await Cbg.RunAsync(User, "verify", await PushAsync($"{format}-unsigned"), "--notation");
        Assert.AreEqual(1, unsigned.ExitCode, unsigned.Error);
        StringAssert.Contains(unsigned.Error, "CBG3001");
    }

    [TestMethod]
    [DataRow("awskms://HOST/alias/release", 3072, "RSASSA_PSS_SHA_384")]
    [DataRow("azurekms://HOST/release", 2048, "PS256")]
    [DataRow("azurekms://HOST/release", 4096, "PS512")]
    public async Task An_rsa_key_in_a_key_service_signs_with_pss(string reference, int size, string algorithm)
    {
        var image = await PushAsync($"kms-{size}");
        using var key = RSA.Create(size);
        await using var server = new AnswerServer(request => reference[1] == 'w' ? KeyServers.Aws(request, key) : KeyServers.Azure(request, key));
        await File.WriteAllTextAsync(At($"chain-{size}.pem"), string.Join('\n', _pki.ChainOf(_pki.CodeSigner(key: key)).Select(c => c.ExportCertificatePem())), TestContext.CancellationToken);
        var credentials = new Dictionary<string, string?>
        {
            ["AWS_ACCESS_KEY_ID"] = "made-up-id", ["AWS_SECRET_ACCESS_KEY"] = "made-up", ["AWS_REGION"] = "eu-central-1",
            ["AZURE_TENANT_ID"] = "tenant", ["AZURE_CLIENT_ID"] = "client", ["AZURE_CLIENT_SECRET"] = "made-up", ["AZURE_AUTHORITY_HOST"] = server.Address.ToString(),
        };
        var signed = await Cbg.RunAsync(credentials, "sign", image, "--notation", "--key", reference.Replace("HOST", server.Host, StringComparison.Ordinal), "--certificate-chain", At($"chain-{size}.pem"));
        Assert.AreEqual(0, signed.ExitCode, signed.Error);
        Assert.AreEqual(algorithm, KeyServers.AlgorithmOf(server.Requests.Last()));
        var verified = await Cbg.RunAsync(User, "verify", image, "--notation");
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
    }

    [TestMethod]
    public async Task Files_that_are_named_and_a_rule_of_the_guards_policy_do_the_same()
    {
        var image = await PushAsync("named");
        Assert.AreEqual(0, (await Cbg.RunAsync("sign", image, "--notation", "--key", At("signer.p12"))).ExitCode);
        string[] files = ["--notation-trust-policy", At("notation/trustpolicy.json"), "--notation-trust-store", At("notation/trust-store")];
        Assert.AreEqual(0, (await Cbg.RunAsync(["verify", image, "--notation", .. files])).ExitCode);
        await File.WriteAllTextAsync(At("guard.yaml"), "trust:\n  - signed-by: [{ notation: { trust-policy: notation/trustpolicy.json, trust-store: notation/trust-store } }]\n", TestContext.CancellationToken);
        var byPolicy = await Cbg.RunAsync("verify", image, "--policy", At("guard.yaml"));
        Assert.AreEqual(0, byPolicy.ExitCode, byPolicy.Error);
        StringAssert.Contains(byPolicy.Output, "(notation");
        await File.WriteAllTextAsync(At("other.json"), Policy("strict").Replace("O=acme", "O=other", StringComparison.Ordinal), TestContext.CancellationToken);
        var other = await Cbg.RunAsync("verify", image, "--notation", "--notation-trust-policy", At("other.json"), "--notation-trust-store", At("notation/trust-store"));
        Assert.AreEqual(1, other.ExitCode, other.Error);
        StringAssert.Contains(other.Error, "CBG3002");
    }

    [TestMethod]
    public async Task A_rule_that_says_itself_whom_it_trusts_needs_no_document()
    {
        var image = await PushAsync("written");
        Assert.AreEqual(0, (await Cbg.RunAsync("sign", image, "--notation", "--key", At("signer.p12"))).ExitCode);
        var pem = string.Join("\n            ", _pki.Root.ExportCertificatePem().Split('\n'));
        foreach (var (ca, identity, code, said) in ((string, string, int, string)[])[
            ($"'sha256:{_pki.Root.GetCertHashString(HashAlgorithmName.SHA256)}'", "x509.subject: C=US, ST=WA, O=acme", 0, ""),
            ($"|\n            {pem}", "x509.subject: C=US, ST=WA, O=acme", 0, ""),
            ("notation/trust-store/x509/ca/acme/root.pem", "*", 0, ""),
            ($"'sha256:{new string('0', 64)}'", "*", 1, "CBG3002"),
            ("notation/trust-store/x509/ca/acme/root.pem", "x509.subject: C=US, ST=WA, O=other", 1, "CBG3002"),
            ("notation/trust-store/x509/ca/acme/root.pem", "x509.subject: O=acme", 2, "lacks C"),
            ("notation/trustpolicy.json", "*", 2, "cannot be used")])
        {
            await File.WriteAllTextAsync(At("written.yaml"), $"trust:\n  - signed-by:\n    - notation:\n        ca:\n          - {ca}\n        identities: ['{identity}']\n", TestContext.CancellationToken);
            var result = await Cbg.RunAsync("verify", image, "--policy", At("written.yaml"));
            Assert.AreEqual(code, result.ExitCode, $"{ca} {identity}: {result.Error}");
            StringAssert.Contains(result.Error, said);
        }
    }

    [TestMethod]
    public async Task What_the_trust_policy_skips_is_said_not_to_be_verified()
    {
        var image = await PushAsync("skipped");
        await File.WriteAllTextAsync(At("skip.json"), $$$"""{"version":"1.0","trustPolicies":[{"name":"old","registryScopes":["{{{_registry!.Host}}}/skipped"],"signatureVerification":{"level":"skip"}}]}""", TestContext.CancellationToken);
        string[] verify = ["verify", image, "--notation", "--notation-trust-policy", At("skip.json"), "--notation-trust-store", At("notation/trust-store")];
        var result = await Cbg.RunAsync(verify);
        Assert.AreEqual(0, result.ExitCode, result.Error);
        Assert.StartsWith("not verified ", result.Output);
        using var json = JsonDocument.Parse((await Cbg.RunAsync([.. verify, "--format", "json"])).Output);
        Assert.AreEqual("skipped", json.RootElement.GetProperty("verdict").GetString());
    }

    [TestMethod]
    public async Task What_cannot_be_checked_is_exit_code_3()
    {
        var image = await PushAsync("unreachable");
        using var pki = new TestPki(Yesterday, new Uri("http://127.0.0.1:1/ocsp"));
        await File.WriteAllBytesAsync(At("far.p12"), pki.Pkcs12Of(pki.CodeSigner()), TestContext.CancellationToken);
        Directory.CreateDirectory(At("far/x509/ca/acme"));
        await File.WriteAllTextAsync(At("far/x509/ca/acme/root.pem"), pki.Root.ExportCertificatePem(), TestContext.CancellationToken);
        Assert.AreEqual(0, (await Cbg.RunAsync("sign", image, "--notation", "--key", At("far.p12"))).ExitCode);
        string[] verify = ["verify", image, "--notation", "--notation-trust-policy", At("notation/trustpolicy.json"), "--notation-trust-store", At("far")];
        foreach (var more in (string[])["--recursive", "--offline"])
        {
            var result = await Cbg.RunAsync([.. verify, more]);
            Assert.AreEqual(3, result.ExitCode, result.Output);
            StringAssert.Contains(result.Error, "CBG3020");
        }

        var off = await Cbg.RunAsync([.. verify, "--notation-revocation", "off"]);
        Assert.AreEqual(0, off.ExitCode, off.Error);
        StringAssert.Contains(off.Error, "warning: ");
    }

    [TestMethod]
    [DataRow("--expiry is 'soon'", "sign", "--notation", "--key", "k", "--expiry", "soon")]
    [DataRow("no address", "sign", "--notation", "--key", "k", "--timestamp-url", "tsa")]
    [DataRow("add --notation", "sign", "--key", "k", "--signature-format", "cose")]
    [DataRow("needs a key", "sign", "--notation")]
    [DataRow("stands alone", "verify", "--notation", "--key", "k")]
    [DataRow("add --notation", "verify", "--notation-trust-policy", "p")]
    [DataRow("--notation-trust-store needs", "verify", "--notation", "--notation-trust-store", "s")]
    [DataRow("use online, cached or off", "verify", "--notation", "--notation-revocation", "never", "--notation-trust-policy", "p")]
    public async Task Wrong_usage_is_exit_code_2(string reason, string command, params string[] arguments)
    {
        var result = await Cbg.RunAsync([command, "localhost:1/app:1.0", .. arguments]);
        Assert.AreEqual(2, result.ExitCode, result.Error);
        StringAssert.Contains(result.Error, reason);
        StringAssert.Matches(result.Error, new(@"^error CBG\d{4}: [^\n]+\.\n$"));
    }

    private static Dictionary<string, string?> User => new() { ["XDG_CONFIG_HOME"] = _folder.FullName };

    private static string At(string name) => Path.Combine(_folder.FullName, name);

    private static string Policy(string level) => $$$"""
        {"version":"1.0","trustPolicies":[{"name":"acme","registryScopes":["*"],"signatureVerification":{"level":"{{{level}}}"},
         "trustStores":["ca:acme"],"trustedIdentities":["x509.subject: C=US, ST=WA, O=acme"]}]}
        """;

    private async Task<string> PushAsync(string repository)
    {
        if (_registry is null)
        {
            Assert.Inconclusive("docker-registry is not installed.");
        }

        return await TinyImage.PushAsync(_registry, repository, TestContext.CancellationToken);
    }
}
