using System.Security.Cryptography;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>Keys on a PKCS #11 token: SoftHSM, whose keys and public halves OpenSC's own tool makes and reads.</summary>
[TestClass]
[DoNotParallelize] // SoftHSM shows a process no token while another one opens the same.
public sealed class TokenTests
{
    private static SoftToken? _token;
    private static RegistryServer? _registry;
    private static DirectoryInfo _folder = null!;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        _folder = Directory.CreateTempSubdirectory("cbg-pkcs11-");
        _token = await SoftToken.CreateAsync(("p256", "EC:prime256v1"), ("p384", "EC:secp384r1"), ("rsa", "rsa:2048"), ("twice", "EC:prime256v1"), ("twice", "EC:prime256v1"), ("koblitz", "EC:secp256k1"), ("ed25519", "EC:edwards25519"));
        _registry = RegistryServer.IsAvailable ? await RegistryServer.StartAsync() : null;
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }

        _token?.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    [DataRow("object=p256")]
    [DataRow("object=p384")]
    [DataRow("object=rsa")]
    [DataRow("object=ed25519")]
    [DataRow("id=%01")]
    public async Task An_image_is_signed_on_the_token_and_verified_by_the_public_key_alone(string key)
    {
        var image = await TinyImage.PushAsync(Registry, $"token-{key.Replace("=%", "-", StringComparison.Ordinal).Replace("=", "-", StringComparison.Ordinal)}", TestContext.CancellationToken);
        var publicKey = At($"{key}.pub");
        await DoneAsync("keys", "public", SoftToken.Uri(key), "--output", publicKey);
        await DoneAsync("sign", image, "--key", SoftToken.Uri(key), "--signature-formats", "bundle;legacy");
        await DoneAsync("attest", image, "--key", SoftToken.Uri(key), "--type", "https://example.test/review/v1", "--predicate", await FileAsync("review.json", "{}"));
        var verified = await Cbg.RunAsync("verify", image, "--key", publicKey, "--attestation", "https://example.test/review/v1");
        Assert.AreEqual(0, verified.ExitCode, verified.Error);
        var other = await FileAsync("other.pub", ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportSubjectPublicKeyInfoPem());
        Assert.AreEqual(1, (await Cbg.RunAsync("verify", image, "--key", other)).ExitCode);
    }

    [TestMethod]
    [DataRow("p256", "01")]
    [DataRow("rsa", "03")]
    public async Task The_public_half_is_what_another_tool_reads_and_signatures_verify_by_it(string label, string id)
    {
        var file = At($"{label}.der");
        await Token.RunAsync("pkcs11-tool", "--module", SoftToken.Module!, "--token-label", SoftToken.Label, "--read-object", "--type", "pubkey", "--id", id, "--output-file", file);
        var ours = (await DoneAsync("keys", "public", SoftToken.Uri($"object={label};id=%{id}"))).Output;
        var signature = Convert.FromBase64String((await RunAsync("payload", "keys", "sign", SoftToken.Uri($"object={label}", $"file:{Token.PinFile}"))).Output);
        var data = "payload"u8.ToArray();
        var theirs = await File.ReadAllBytesAsync(file, TestContext.CancellationToken);
        if (label == "rsa")
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(theirs, out _);
            Assert.IsTrue(rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
            Assert.AreEqual(rsa.ExportSubjectPublicKeyInfoPem(), ours.Trim());
            return;
        }

        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(theirs, out _);
        Assert.IsTrue(ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.AreEqual(ecdsa.ExportSubjectPublicKeyInfoPem(), ours.Trim());
    }

    [TestMethod]
    [DataRow("p384")]
    [DataRow("rsa")]
    public async Task A_certificate_of_the_key_signs_for_the_notary_project(string label)
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow.AddDays(-1));
        var image = await TinyImage.PushAsync(Registry, $"notation-{label}", TestContext.CancellationToken);
        var pem = (await DoneAsync("keys", "public", SoftToken.Uri($"object={label}"))).Output;
        using AsymmetricAlgorithm key = label == "rsa" ? RSA.Create() : ECDsa.Create();
        key.ImportFromPem(pem);
        var chain = await FileAsync("chain.pem", string.Join('\n', pki.ChainOf(pki.CodeSigner(key: key, holdsKey: false)).Select(c => c.ExportCertificatePem())));
        var root = await FileAsync("x509/ca/acme/root.pem", pki.Root.ExportCertificatePem());
        var policy = await FileAsync("policy.json", """{"version":"1.0","trustPolicies":[{"name":"acme","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:acme"],"trustedIdentities":["x509.subject: C=US, ST=WA, O=acme"]}]}""");
        await DoneAsync("sign", image, "--notation", "--key", SoftToken.Uri($"object={label}"), "--certificate-chain", chain);
        await DoneAsync("verify", image, "--notation", "--notation-trust-policy", policy, "--notation-trust-store", root[..^"/x509/ca/acme/root.pem".Length]);
    }

    [TestMethod]
    [DataRow("sha256")]
    [DataRow("sha512")]
    public async Task An_RSA_key_signs_by_PSS_where_that_is_asked_for(string hash)
    {
        var signature = Convert.FromBase64String((await RunAsync("payload", "keys", "sign", SoftToken.Uri("object=rsa"), "--pss", hash)).Output);
        using var rsa = RSA.Create();
        rsa.ImportFromPem((await DoneAsync("keys", "public", SoftToken.Uri("object=rsa"))).Output);
        Assert.IsTrue(rsa.VerifyData("payload"u8, signature, new HashAlgorithmName(hash.ToUpperInvariant()), RSASignaturePadding.Pss));
        var other = await Cbg.RunWithInputAsync(Token.Environment, "payload", "keys", "sign", SoftToken.Uri("object=p256"), "--pss", hash);
        Assert.AreEqual(2, other.ExitCode, other.Error);
        StringAssert.Contains(other.Error, "cannot sign as RsaPss");
    }

    [TestMethod]
    [DataRow("pkcs11:token=other;object=p256?module-path=MODULE&pin-source=@PIN", "sees 'cbg test'")]
    [DataRow("pkcs11:object=none?module-path=MODULE&pin-source=@PIN", "no private key")]
    [DataRow("pkcs11:object=twice?module-path=MODULE&pin-source=@PIN", "several private keys")]
    [DataRow("pkcs11:object=koblitz?module-path=MODULE&pin-source=@PIN", "P-256, P-384 or P-521")]
    [DataRow("pkcs11:object=p256?module-path=MODULE", "asks for a PIN")]
    [DataRow("pkcs11:object=p256?module-path=MODULE&pin-source=env:CBG_NO_PIN", "CBG_NO_PIN")]
    [DataRow("pkcs11:object=p256?module-path=MODULE&pin-source=/nowhere/pin", "/nowhere/pin")]
    [DataRow("pkcs11:object=p256?module-path=MODULE&pin-source=%7Ccat", "not taken from a command")]
    [DataRow("pkcs11:object=p256?module-path=MODULE&pin-source=file:MODULE", "holds none")]
    [DataRow("pkcs11:object=p256?module-path=softhsm2.so&pin-source=@PIN", "not absolute")]
    [DataRow("pkcs11:object=p256?module-path=/etc/passwd&pin-source=@PIN", "cannot be loaded")]
    [DataRow("pkcs11:object=p256?module-path=/nowhere/m.so&pin-source=@PIN", "no PKCS#11 module")]
    [DataRow("pkcs11:object=p256?module-name=cbg-none&pin-source=@PIN", "cbg-none")]
    [DataRow("pkcs11:object=p256?module-name=../m&pin-source=@PIN", "is a path")]
    [DataRow("pkcs11:object=p256?pin-source=@PIN", "does not say which PKCS#11 module")]
    public async Task What_is_missing_or_wrong_is_one_sentence_and_exit_code_2(string uri, string reason)
    {
        var result = await Cbg.RunAsync(Token.Environment, "keys", "public", uri.Replace("MODULE", SoftToken.Module, StringComparison.Ordinal).Replace("@PIN", "env:CBG_TEST_PIN", StringComparison.Ordinal));
        Assert.AreEqual(2, result.ExitCode, result.Error);
        StringAssert.Matches(result.Error, new(@"^error CBG3005: [^\n]+\.\n$"));
        StringAssert.Contains(result.Error, reason);
    }

    [TestMethod]
    public async Task A_wrong_pin_is_said_and_not_repeated()
    {
        const string Wrong = "77777777";
        var result = await Cbg.RunAsync(new Dictionary<string, string?>(Token.Environment) { ["CBG_TEST_PIN"] = Wrong }, "keys", "public", SoftToken.Uri("object=p256"), "-v");
        Assert.AreEqual(2, result.ExitCode);
        StringAssert.Contains(result.Error, "the PIN is wrong");
        Assert.DoesNotContain(Wrong, result.Error + result.Output);
    }

    [TestMethod]
    public async Task Verification_loads_no_module_and_says_what_to_do_instead()
    {
        var result = await Cbg.RunAsync(Token.Environment, "verify", "localhost:1/app:1.0", "--key", SoftToken.Uri("object=p256"));
        Assert.AreEqual(2, result.ExitCode, result.Error);
        StringAssert.Contains(result.Error, "cbg keys public");
    }

    private static SoftToken Token
    {
        get
        {
            if (_token is null)
            {
                Assert.Inconclusive("softhsm2 or opensc is not installed.");
            }

            return _token;
        }
    }

    private static RegistryServer Registry
    {
        get
        {
            if (_registry is null)
            {
                Assert.Inconclusive("docker-registry is not installed.");
            }

            return _registry;
        }
    }

    private static string At(string name) => Path.Combine(_folder.FullName, name);

    private static async Task<string> FileAsync(string name, string content)
    {
        var path = At(Path.Combine(Guid.NewGuid().ToString("n"), name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, content);
        return path;
    }

    private static Task<Cbg> DoneAsync(params string[] arguments) => RunAsync("", arguments);

    private static async Task<Cbg> RunAsync(string input, params string[] arguments)
    {
        var result = await Cbg.RunWithInputAsync(Token.Environment, input, arguments);
        Assert.AreEqual(0, result.ExitCode, result.Error);
        return result;
    }
}
