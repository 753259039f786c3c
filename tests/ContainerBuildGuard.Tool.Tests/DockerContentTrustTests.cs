using System.Text.Json;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>Docker Content Trust with the real programs: notary-server, the notary client, the docker client, a registry.</summary>
[TestClass]
public sealed class DockerContentTrustTests
{
    private static RegistryServer? _registry;
    private DirectoryInfo _folder = null!;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext _) => _registry = RegistryServer.IsAvailable ? await RegistryServer.StartAsync() : null;

    [ClassCleanup]
    public static async Task Stop()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }
    }

    [TestInitialize]
    public void Begin()
    {
        if (_registry is null || !NotaryServer.IsAvailable)
        {
            Assert.Inconclusive("This machine lacks docker-registry, notary or notary-server.");
        }

        _folder = Directory.CreateTempSubdirectory("cbg-dct-");
    }

    [TestCleanup]
    public void End() => _folder?.Delete(recursive: true);

    [TestMethod]
    public async Task What_the_notary_client_signs_verifies_and_each_no_is_its_own()
    {
        await using var notary = await NotaryServer.StartAsync();
        var name = await SignedByNotaryAsync(notary, "plain");
        await PushAsync("plain", "2.0", "two");
        string[] dct = ["--dct", "--dct-server", notary.Address.ToString()];
        await ExpectAsync(3, "CBG3035", ["verify", $"{name}:1.0", .. dct, "--offline"]);
        var verified = await ExpectAsync(0, "", ["verify", $"{name}:1.0", .. dct, "--format", "json"]);
        using var json = JsonDocument.Parse(verified.Output);
        Assert.AreEqual("dct", json.RootElement.GetProperty("signatures")[0].GetProperty("format").GetString());
        StringAssert.Contains(json.RootElement.GetProperty("notes")[0].GetString(), "seen for the first time");
        await ExpectAsync(1, "CBG3031", ["verify", $"{name}:2.0", .. dct]);
        await ExpectAsync(1, "CBG3030", ["verify", $"{await PushAsync("elsewhere", "1.0", "one")}:1.0", .. dct]);
        await ExpectAsync(0, "", ["verify", $"{name}:1.0", .. dct, "--offline"]);
        await ExpectAsync(1, "CBG3031", ["verify", $"{name}:1.0", .. dct, "--dct-signer", "alice"]);
        await ExpectAsync(1, "CBG3034", ["verify", $"{name}:1.0", .. dct, "--dct-root-key", new string('0', 64)]);
        await PushAsync("plain", "1.0", "moved");
        await ExpectAsync(1, "CBG3032", ["verify", $"{name}:1.0", .. dct]);
        await ExpectAsync(2, "CBG9009", ["verify", $"{name}:1.0", "--dct", "--dct-server", "http://notary.example.com"]);
        await ExpectAsync(2, "CBG9009", ["verify", $"{name}:1.0", .. dct, "--attestation", "sbom"]);
        await ExpectAsync(3, "CBG3035", ["verify", $"{name}:1.0", "--dct", "--dct-server", "http://localhost:1"]);
        await ExpectAsync(2, "add --dct", ["verify", $"{name}:1.0", "--key", "x", "--dct-signer", "alice"]);
        await ExpectAsync(2, "add --dct", ["sign", $"{name}:1.0", "--key", "x", "--dct-keys", "x"]);
    }

    [TestMethod]
    public async Task The_environment_asks_as_it_asks_the_docker_client()
    {
        await using var notary = await NotaryServer.StartAsync();
        var name = await SignedByNotaryAsync(notary, "environment");
        await PushAsync("environment", "2.0", "two");
        var on = Variables(("DOCKER_CONTENT_TRUST", "1"), ("DOCKER_CONTENT_TRUST_SERVER", notary.Address.ToString()));
        await ExpectAsync(0, "", on, "verify", $"{name}:1.0");
        await ExpectAsync(1, "CBG3031", on, "verify", $"{name}:2.0");
        await ExpectAsync(2, "CBG9009", on, "verify", $"{name}:1.0", "--dct=false");
        await ExpectAsync(2, "CBG9009", Variables(("DOCKER_CONTENT_TRUST", "0")), "verify", $"{name}:1.0");
        await ExpectAsync(2, "CBG9009", Variables(("DOCKER_CONTENT_TRUST", "1"), ("DOCKER_CONTENT_TRUST_SERVER", "http://notary.example.com")), "verify", $"{name}:1.0");

        // It comes on top of a key: both must hold.
        var key = await KeyAsync();
        await ExpectAsync(0, "", on, "sign", $"{name}:2.0", "--key", $"{key}.key");
        await ExpectAsync(1, "CBG3031", on, "verify", $"{name}:2.0", "--key", $"{key}.pub");
        await ExpectAsync(0, "", on, "verify", $"{name}:2.0", "--key", $"{key}.pub", "--dct=false");
        await ExpectAsync(1, "CBG3001", on, "verify", $"{name}:1.0", "--key", $"{key}.pub");
        await ExpectAsync(1, "CBG3031", on, "run-check", $"{name}:2.0", "--key", $"{key}.pub");
        await File.WriteAllTextAsync(At("compose.yaml"), $"services:\n  web: {{ image: '{name}:2.0' }}\n", TestContext.CancellationToken);
        await ExpectAsync(1, "CBG3031", on, "verify", "--deployment", At("compose.yaml"), "--key", $"{key}.pub");

        // A digest cannot be moved; where the key says nothing of it, content trust is all there is.
        var digest = await _registry!.DigestAsync("environment", "2.0");
        await ExpectAsync(0, "", on, "verify", $"{name}@{digest}", "--key", $"{key}.pub");
        await ExpectAsync(0, "", on, "verify", $"{name}:2.0@{digest}", "--key", $"{key}.pub");
        await ExpectAsync(1, "CBG3031", on, "verify", $"{name}@{digest}", "--key", $"{key}.pub", "--dct");
        await ExpectAsync(1, "CBG3031", on, "verify", $"{name}@{digest}");
        await ExpectAsync(0, "", on, "verify", $"{name}@{await _registry.DigestAsync("environment", "1.0")}");
    }

    [TestMethod]
    public async Task The_environment_and_a_signature_of_the_Notary_Project_must_both_hold()
    {
        await using var notary = await NotaryServer.StartAsync();
        var name = await SignedByNotaryAsync(notary, "both");
        await PushAsync("both", "2.0", "two");
        using var pki = new TestPki(DateTimeOffset.UtcNow.AddDays(-1));
        await File.WriteAllBytesAsync(At("signer.p12"), pki.Pkcs12Of(pki.CodeSigner()), TestContext.CancellationToken);
        Directory.CreateDirectory(At("store/x509/ca/acme"));
        await File.WriteAllTextAsync(At("store/x509/ca/acme/root.pem"), pki.Root.ExportCertificatePem(), TestContext.CancellationToken);
        await File.WriteAllTextAsync(At("trustpolicy.json"), """{"version":"1.0","trustPolicies":[{"name":"acme","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:acme"],"trustedIdentities":["*"]}]}""", TestContext.CancellationToken);
        string[] notation = ["--notation", "--notation-trust-policy", At("trustpolicy.json"), "--notation-trust-store", At("store")];
        var on = Variables(("DOCKER_CONTENT_TRUST", "1"), ("DOCKER_CONTENT_TRUST_SERVER", notary.Address.ToString()));
        await ExpectAsync(1, "CBG3001", on, ["verify", $"{name}:1.0", .. notation]);
        await ExpectAsync(0, "", "sign", $"{name}:1.0", "--notation", "--key", At("signer.p12"));
        await ExpectAsync(0, "", "sign", $"{name}:2.0", "--notation", "--key", At("signer.p12"));
        using var json = JsonDocument.Parse((await ExpectAsync(0, "", on, ["verify", $"{name}:1.0", .. notation, "--format", "json"])).Output);
        CollectionAssert.AreEqual(new[] { "dct", "notation" }, json.RootElement.GetProperty("signatures").EnumerateArray().Select(s => s.GetProperty("format").GetString()).ToArray());
        await ExpectAsync(1, "CBG3031", on, ["verify", $"{name}:2.0", .. notation]);
        await ExpectAsync(0, "", on, ["verify", $"{name}:2.0", .. notation, "--dct=false"]);
        await ExpectAsync(0, "", on, ["verify", $"{name}@{await _registry!.DigestAsync("both", "2.0")}", .. notation]);
        await ExpectAsync(1, "CBG3031", ["verify", $"{name}:2.0", .. notation, "--dct", "--dct-server", notary.Address.ToString()]);
        await ExpectAsync(2, "add --dct", ["verify", $"{name}:2.0", .. notation, "--dct-signer", "alice"]);
    }

    [TestMethod]
    public async Task A_policy_pins_the_root_key_and_names_the_signers()
    {
        await using var notary = await NotaryServer.StartAsync();
        var name = await SignedByNotaryAsync(notary, "policy");
        var inspected = JsonDocument.Parse((await ExpectAsync(0, "", "trust", "migrate", name, "--dry-run", "--dct-server", notary.Address.ToString(), "--format", "json")).Output);
        var root = inspected.RootElement.GetProperty("evidence").GetProperty("rootKeys")[0].GetString();
        Directory.Delete(At("store"), recursive: true);
        await PolicyAsync($"dct: {{ server: \"{notary.Address}\", root-keys: [{root}], trust-on-first-use: false }}");
        await ExpectAsync(0, "", "verify", $"{name}:1.0", "--policy", At("policy.yaml"));
        await PolicyAsync($"dct: {{ server: \"{notary.Address}\", root-keys: [{new string('1', 64)}] }}");
        await ExpectAsync(1, "CBG3034", "verify", $"{name}:1.0", "--policy", At("policy.yaml"));
        await PolicyAsync($"dct: {{ server: \"{notary.Address}\", signers: [alice] }}");
        await ExpectAsync(1, "CBG3031", "verify", $"{name}:1.0", "--policy", At("policy.yaml"));
        await SignersAsync(notary, name);
        await ExpectAsync(0, "", "verify", $"{name}:1.0", "--policy", At("policy.yaml"));

        Task PolicyAsync(string rule) => File.WriteAllTextAsync(At("policy.yaml"), $"trust:\n  - images: [\"localhost:*/policy\"]\n    {rule}\n", TestContext.CancellationToken);
    }

    [TestMethod]
    public async Task A_rotated_root_key_is_followed_and_a_repository_begun_anew_is_not()
    {
        await using var notary = await NotaryServer.StartAsync();
        var name = await SignedByNotaryAsync(notary, "rotated");
        string[] verify = ["verify", $"{name}:1.0", "--dct", "--dct-server", notary.Address.ToString()];
        await ExpectAsync(0, "", verify);
        await MustAsync(notary, "key", "rotate", name, "root");
        await MustAsync(notary, "key", "rotate", name, "timestamp", "-r");
        await ExpectAsync(0, "", verify);
        await MustAsync(notary, "delete", name, "--remote");
        await ExpectAsync(1, "had some before", verify);
        Directory.Delete(notary.Trust, recursive: true);
        await MustAsync(notary, "init", name);
        await MustAsync(notary, "publish", name);
        await ExpectAsync(1, "CBG3034", verify);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task What_the_guard_signs_the_notary_client_believes(bool serverHasSnapshotKey)
    {
        await using var notary = await NotaryServer.StartAsync();
        var repository = $"signed-{serverHasSnapshotKey.ToString().ToLowerInvariant()}";
        var name = await SignedByNotaryAsync(notary, repository, serverHasSnapshotKey);
        await PushAsync(repository, "2.0", "two");
        string[] sign = ["sign", $"{name}:2.0", "--dct", "--dct-server", notary.Address.ToString(), "--dct-keys", notary.Trust];
        StringAssert.Contains((await ExpectAsync(0, "", sign)).Output, "in targets");
        StringAssert.Contains((await ExpectAsync(0, "", sign)).Output, "was signed already");
        StringAssert.Contains(await MustAsync(notary, "lookup", name, "2.0"), (await _registry!.DigestAsync(repository, "2.0"))![7..]);
        await SignersAsync(notary, name);
        await PushAsync(repository, "3.0", "three");
        sign[1] = $"{name}:3.0";
        StringAssert.Contains((await ExpectAsync(0, "", sign)).Output, "in targets/alice, targets/releases");
        var listed = await MustAsync(notary, "list", name);
        StringAssert.Matches(listed, new($"3.0 +{(await _registry.DigestAsync(repository, "3.0"))![7..]} +[0-9]+ +targets/(releases|alice)"));
        StringAssert.Matches(listed, new("1.0 +[0-9a-f]{64} "));
        await ExpectAsync(0, "", "verify", $"{name}:3.0", "--dct", "--dct-server", notary.Address.ToString(), "--dct-signer", "alice");
        await ExpectAsync(2, "CBG9009", [.. sign, "--key", "x"]);
        await ExpectAsync(2, "CBG3005", ["sign", $"{name}:2.0", "--dct", "--dct-server", notary.Address.ToString(), "--dct-keys", At("nowhere")]);
    }

    [TestMethod]
    public async Task What_notary_signed_is_migrated_and_verifies_by_the_key_with_its_evidence()
    {
        await using var notary = await NotaryServer.StartAsync();
        var name = await SignedByNotaryAsync(notary, "migrated");
        await SignersAsync(notary, name);
        await PushAsync("migrated", "2.0", "two");
        await ExpectAsync(0, "", "sign", $"{name}:2.0", "--dct", "--dct-server", notary.Address.ToString(), "--dct-keys", notary.Trust);
        var key = await KeyAsync();
        string[] migrate = ["trust", "migrate", name, "--dct-server", notary.Address.ToString(), "--key", $"{key}.key"];
        StringAssert.Contains((await ExpectAsync(0, "", [.. migrate, "--dry-run"])).Output, "dry run");
        await ExpectAsync(1, "CBG3001", "verify", $"{name}:1.0", "--key", $"{key}.pub");
        var report = JsonDocument.Parse((await ExpectAsync(0, "", [.. migrate, "--format", "json"])).Output).RootElement;
        Assert.AreEqual("passed", report.GetProperty("verdict").GetString());
        CollectionAssert.AreEqual(new[] { "1.0 migrated", "2.0 migrated" }, report.GetProperty("tags").EnumerateArray().Select(t => $"{t.GetProperty("tag")} {t.GetProperty("outcome")}").ToArray());
        foreach (var tag in (string[])["1.0", "2.0"])
        {
            await ExpectAsync(0, "", "verify", $"{name}:{tag}", "--key", $"{key}.pub", "--attestation", "https://containerbuildguard.dev/attestation/dct-migration/v1");
        }

        await PushAsync("migrated", "2.0", "moved");
        StringAssert.Contains((await ExpectAsync(1, "CBG3032", migrate)).Output, "moved");
        await ExpectAsync(2, "CBG3005", "trust", "migrate", name, "--dct-server", notary.Address.ToString());
    }

    [TestMethod]
    public async Task What_notary_signed_is_migrated_to_the_notary_project_too()
    {
        await using var notary = await NotaryServer.StartAsync();
        using var pki = new TestPki(DateTimeOffset.UtcNow.AddDays(-1));
        var name = await SignedByNotaryAsync(notary, "to-notation");
        await File.WriteAllBytesAsync(At("signer.p12"), pki.Pkcs12Of(pki.CodeSigner()), TestContext.CancellationToken);
        Directory.CreateDirectory(At("trust-store/x509/ca/acme"));
        await File.WriteAllTextAsync(At("trust-store/x509/ca/acme/root.pem"), pki.Root.ExportCertificatePem(), TestContext.CancellationToken);
        await File.WriteAllTextAsync(At("trustpolicy.json"), """{"version":"1.0","trustPolicies":[{"name":"acme","registryScopes":["*"],"signatureVerification":{"level":"strict"},"trustStores":["ca:acme"],"trustedIdentities":["*"]}]}""", TestContext.CancellationToken);
        string[] verify = ["verify", $"{name}:1.0", "--notation", "--notation-trust-policy", At("trustpolicy.json"), "--notation-trust-store", At("trust-store")];
        await ExpectAsync(1, "CBG3001", verify);
        await ExpectAsync(0, "", "trust", "migrate", name, "--dct-server", notary.Address.ToString(), "--notation", "--key", At("signer.p12"));
        await ExpectAsync(0, "", verify);
        await ExpectAsync(2, "CBG9009", "trust", "migrate", name, "--dct-server", notary.Address.ToString(), "--expiry", "1h", "--dry-run");
    }

    private async Task<string> SignedByNotaryAsync(NotaryServer notary, string repository, bool serverHasSnapshotKey = true)
    {
        var name = await PushAsync(repository, "1.0", "one");
        await MustAsync(notary, "init", name);
        await MustAsync(notary, "add", name, "1.0", await ManifestAsync(repository, "1.0"));
        await MustAsync(notary, "publish", name);
        if (serverHasSnapshotKey)
        {
            await MustAsync(notary, "key", "rotate", name, "snapshot", "-r");
        }

        return name;
    }

    /// <summary>Delegates to alice and to the releases, as `docker trust signer add` does, and has her sign 1.0.</summary>
    private async Task SignersAsync(NotaryServer notary, string name)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=alice", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(2));
        await File.WriteAllTextAsync(At("alice.crt"), certificate.ExportCertificatePem(), TestContext.CancellationToken);
        await File.WriteAllTextAsync(At("alice.key"), key.ExportPkcs8PrivateKeyPem(), TestContext.CancellationToken);
        await MustAsync(notary, "delegation", "add", name, "targets/releases", At("alice.crt"), "--all-paths");
        await MustAsync(notary, "delegation", "add", name, "targets/alice", At("alice.crt"), "--all-paths");
        await MustAsync(notary, "publish", name);
        await MustAsync(notary, "key", "import", At("alice.key"), "--role", "alice", "--gun", name);
        await MustAsync(notary, "add", name, "1.0", await ManifestAsync(name.Split('/')[^1], "1.0"), "--roles", "targets/releases,targets/alice");
        await MustAsync(notary, "publish", name);
    }

    private static async Task<string> MustAsync(NotaryServer notary, params string[] arguments)
    {
        var result = await notary.ClientAsync(arguments);
        Assert.AreEqual(0, result.ExitCode, $"notary {string.Join(' ', arguments)}: {result.Output}");
        return result.Output;
    }

    private Task<Cbg> ExpectAsync(int exitCode, string error, params string[] arguments) => ExpectAsync(exitCode, error, Variables(), arguments);

    private static async Task<Cbg> ExpectAsync(int exitCode, string error, Dictionary<string, string?> variables, params string[] arguments)
    {
        var result = await Cbg.RunAsync(variables, arguments);
        Assert.AreEqual(exitCode, result.ExitCode, $"cbg {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        StringAssert.Contains(result.Error, error);
        return result;
    }

    private Dictionary<string, string?> Variables(params (string Name, string Value)[] more)
    {
        var variables = new Dictionary<string, string?>(NotaryServer.Passphrases)
        {
            ["CONTAINERBUILDGUARD_TRUST"] = At("store"),
            ["DOCKER_CONFIG"] = At("docker"),
            ["DOCKER_CONTENT_TRUST"] = null,
            ["DOCKER_CONTENT_TRUST_SERVER"] = null,
        };
        foreach (var (name, value) in more)
        {
            variables[name] = value;
        }

        return variables;
    }

    private async Task<string> KeyAsync()
    {
        await ExpectAsync(0, "", "keys", "generate", "--output-key-prefix", At("test"));
        return At("test");
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The manifest under a tag as a file, which the notary client hashes.</summary>
    private async Task<string> ManifestAsync(string repository, string tag)
    {
        using var client = new RegistryClient(new RegistryClientOptions());
        var (_, bytes) = await client.GetManifestAsync(_registry!.Host, repository, tag, TestContext.CancellationToken);
        await File.WriteAllBytesAsync(At($"{tag}.json"), bytes, TestContext.CancellationToken);
        return At($"{tag}.json");
    }

    private async Task<string> PushAsync(string repository, string tag, string content)
    {
        var image = new ImageBuilder().Layer(l => l.File("app/readme.txt", content)).User("1654").Build();
        var set = new ImageSet { Reference = repository, Root = image.Descriptor, Manifests = [(image.Descriptor, image.ManifestBytes)], Images = [image] };
        using var client = new RegistryClient(new RegistryClientOptions());
        await client.PushAsync(set, _registry!.Host, repository, [(image.Digest, tag)], [], TestContext.CancellationToken);
        return $"{_registry.Host}/{repository}";
    }
}
