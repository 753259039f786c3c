using System.Text.Json;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>sign, attest and verify as a user runs them, with a real registry (which lacks the referrers API) and a Sigstore on loopback.</summary>
[TestClass]
public sealed class TrustTests
{
    private static RegistryServer? _registry;
    private static SigstoreServer? _sigstore;
    private static DirectoryInfo _folder = null!;
    private static string _token = "";

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext _)
    {
        _folder = Directory.CreateTempSubdirectory("cbg-trust-");
        _registry = RegistryServer.IsAvailable ? await RegistryServer.StartAsync() : null;
        _sigstore = await SigstoreServer.StartAsync();
        _token = At("token");
        await File.WriteAllTextAsync(_token, SigstoreServer.Token);
    }

    [ClassCleanup]
    public static async Task Stop()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }

        if (_sigstore is not null)
        {
            await _sigstore.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    [TestMethod]
    [DataRow("bundle", 1)]
    [DataRow("bundle", 2)]
    [DataRow("legacy", 1)]
    public async Task An_image_signed_by_an_identity_verifies_by_that_identity_alone(string format, int rekor)
    {
        var image = await PushAsync($"{format}-{rekor}");
        await DoneAsync("sign", image, "--identity-token-file", _token, "--trusted-root", Sigstore.TrustedRootPath, "--signing-config", Sigstore.SigningConfigPath(rekor), "--signature-formats", format);
        var verified = await DoneAsync(["verify", image, .. Identity(SigstoreServer.Subject), "--signature-formats", format, "--format", "json"]);
        using var json = JsonDocument.Parse(verified.Output);
        Assert.AreEqual("passed", json.RootElement.GetProperty("verdict").GetString());
        Assert.AreEqual(format, json.RootElement.GetProperty("signatures")[0].GetProperty("format").GetString());
        Assert.AreEqual(SigstoreServer.Subject, json.RootElement.GetProperty("signatures")[0].GetProperty("identity").GetString());
        var other = await Cbg.RunAsync(["verify", image, .. Identity("https://ci.example/other")]);
        Assert.AreEqual(1, other.ExitCode, other.Error);
        StringAssert.Contains(other.Error, "CBG3002");
        StringAssert.Contains(other.Error, SigstoreServer.Subject);
    }

    [TestMethod]
    public async Task The_legacy_form_is_not_written_where_it_cannot_carry_the_log_entry()
    {
        var image = await PushAsync("uncarried");
        var signed = await Cbg.RunAsync("sign", image, "--identity-token-file", _token, "--trusted-root", Sigstore.TrustedRootPath, "--signing-config", Sigstore.SigningConfigPath(2), "--signature-formats", "legacy");
        Assert.AreEqual(3, signed.ExitCode, signed.Error);
        StringAssert.Contains(signed.Error, "CBG3006");
        StringAssert.Contains((await Cbg.RunAsync(["verify", image, .. Identity(SigstoreServer.Subject)])).Error, "CBG3001");
    }

    [TestMethod]
    public async Task A_policy_asks_for_the_signature_and_the_guards_report()
    {
        var image = await PushAsync("policy");
        await KeysAsync();
        var policy = At("policy.yaml");
        await File.WriteAllTextAsync(policy, """
            fail-on: none
            controls: { content-security: { require-advisories: false } }
            trust:
              - images: ["localhost:*/policy"]
                signed-by: [{ key: test.pub }]
                attestations: [{ type: guard, verdict: passed, max-age: 1d }]
            """, TestContext.CancellationToken);
        await DoneAsync("sign", image, "--key", At("test.key"));
        var without = await Cbg.RunAsync("verify", image, "--policy", policy);
        Assert.AreEqual(1, without.ExitCode, without.Error);
        StringAssert.Contains(without.Error, "CBG3004");
        await DoneAsync("attest", image, "--type", "guard", "--key", At("test.key"), "--policy", policy, "--advisories", Path.Combine(Repository.Root, "samples", "advisories"));
        StringAssert.Contains((await DoneAsync("verify", image, "--policy", policy)).Output, "attested https://containerbuildguard.dev/attestation/report/v1");
        var uncovered = await Cbg.RunAsync("verify", image.Replace("policy:", "elsewhere:", StringComparison.Ordinal), "--policy", policy);
        Assert.AreEqual(1, uncovered.ExitCode, uncovered.Error);
        StringAssert.Contains(uncovered.Error, "CBG3008");
    }

    [TestMethod]
    public async Task A_custom_predicate_is_attested_and_required_by_its_uri()
    {
        var image = await PushAsync("custom");
        await KeysAsync();
        await File.WriteAllTextAsync(At("review.json"), """{"reviewed":true}""", TestContext.CancellationToken);
        await DoneAsync("sign", image, "--key", At("test.key"));
        await DoneAsync("attest", image, "--type", "https://example.test/review/v1", "--predicate", At("review.json"), "--key", At("test.key"), "--signature-formats", "bundle;legacy");
        await DoneAsync("verify", image, "--key", At("test.pub"), "--attestation", "https://example.test/review/v1");
        Assert.AreEqual(1, (await Cbg.RunAsync("verify", image, "--key", At("test.pub"), "--attestation", "https://example.test/other/v1")).ExitCode);
    }

    [TestMethod]
    [DataRow("bundle", "")]
    [DataRow("legacy", "")]
    [DataRow("bundle", "--offline")]
    public async Task An_attached_VEX_document_counts_where_a_trusted_signer_signed_it(string format, string option)
    {
        await KeysAsync();
        var image = await PushAsync($"vex-{format}{option}", l => l.File("app/Lib.dll", "code").File("app/App.deps.json", """
            {"runtimeTarget":{"name":"t"},"targets":{"t":{"App/1.0.0":{"dependencies":{"Lib":"1.0.0"}},"Lib/1.0.0":{"runtime":{"lib/Lib.dll":{}}}}},"libraries":{"App/1.0.0":{"type":"project"},"Lib/1.0.0":{"type":"package"}}}
            """));
        var osv = At($"{format}{option}.osv.json");
        await File.WriteAllTextAsync(osv, """{"id":"GHSA-1","modified":"2026-11-20T00:00:00Z","database_specific":{"severity":"HIGH"},"affected":[{"package":{"ecosystem":"NuGet","name":"Lib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}""", TestContext.CancellationToken);
        // No product: it is about the image that it is attached to.
        await File.WriteAllTextAsync(At($"{format}{option}.vex.json"), """{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://example.test/vex","author":"tests","timestamp":"2026-11-01T00:00:00Z","version":1,"statements":[{"vulnerability":{"name":"GHSA-1"},"status":"not_affected","justification":"vulnerable_code_not_in_execute_path"}]}""", TestContext.CancellationToken);
        await DoneAsync("keys", "generate", "--output-key-prefix", At($"other-{format}{option}"));
        async Task<Cbg> ScanAsync(string signer)
        {
            var policy = At($"vex-{format}{option}.yaml");
            await File.WriteAllTextAsync(policy, signer.Length == 0 ? "version: 1\n" : $"version: 1\ntrust:\n  - images: [\"localhost:*/vex-*\"]\n    signed-by: [{{ {signer} }}]\n", TestContext.CancellationToken);
            return await Cbg.RunAsync(["scan", image, "--advisories", osv, "--policy", policy, "--format", "json", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        }

        Assert.AreEqual(1, (await ScanAsync("key: test.pub")).ExitCode);
        await DoneAsync("attest", image, "--type", "openvex", "--predicate", At($"{format}{option}.vex.json"), "--key", At("test.key"), "--signature-formats", format);
        var accepted = await ScanAsync("key: test.pub");
        Assert.AreEqual(0, accepted.ExitCode, accepted.Output + accepted.Error);
        StringAssert.Contains(accepted.Output, "attached to the image and signed by");
        // Another signer's word does not count and is named; without a rule nobody is asked.
        var refused = await ScanAsync($"key: other-{format}{option}.pub");
        Assert.AreEqual(1, refused.ExitCode, refused.Error);
        StringAssert.Contains(refused.Output, "CBG1024");
        Assert.AreEqual(1, (await ScanAsync("")).ExitCode);
        // Signers of the Notary Project vouch for images alone.
        var unable = await ScanAsync($"notation: {{ ca: [\"sha256:{new string('a', 64)}\"], identities: [\"*\"] }}");
        Assert.AreEqual(1, unable.ExitCode, unable.Error);
        StringAssert.Contains(unable.Output, "CBG1024");
        StringAssert.Contains(unable.Output, "vouch for the image only");
    }

    [TestMethod]
    public async Task An_archive_is_signed_in_a_file_beside_it()
    {
        await KeysAsync();
        var (archive, bundle) = (At("app.tar"), At("app.tar.sigstore.json"));
        await using (var file = File.Create(archive))
        {
            await OciArchiveWriter.WriteAsync(TinyImage.Build("archive"), "app", ["1.0"], file, TestContext.CancellationToken);
        }

        await DoneAsync("sign", archive, "--bundle", bundle, "--key", At("test.key"));
        await DoneAsync("verify", archive, "--bundle", bundle, "--key", At("test.pub"));
        await using (var file = File.Create(archive))
        {
            await OciArchiveWriter.WriteAsync(TinyImage.Build("another"), "app", ["1.0"], file, TestContext.CancellationToken);
        }

        var other = await Cbg.RunAsync("verify", archive, "--bundle", bundle, "--key", At("test.pub"));
        Assert.AreEqual(1, other.ExitCode, other.Error);
        StringAssert.Contains(other.Error, "CBG3002");
    }

    [TestMethod]
    [DataRow("sigstore.dev")]
    [DataRow("sigstage.dev", "--trusted-root", "staging")]
    public async Task Offline_the_trust_of_this_machine_is_used_and_its_age_is_said(string instance, params string[] options)
    {
        var image = await PushAsync($"offline-{instance}");
        await KeysAsync();
        await DoneAsync("sign", image, "--key", At("test.key"));
        var result = await Cbg.RunAsync(new Dictionary<string, string?> { ["CONTAINERBUILDGUARD_TRUST"] = At("no-trust") }, ["verify", image, "--offline", "--certificate-identity", "a", "--certificate-oidc-issuer", "b", "--format", "json", .. options]);
        Assert.AreEqual(1, result.ExitCode, result.Error);
        using var json = JsonDocument.Parse(result.Output);
        StringAssert.Matches(json.RootElement.GetProperty("trust").GetString(), new($@"^trust of {instance} as it shipped with this version, \d+ days old$"));
        StringAssert.Contains(result.Error, "signed by a key, and an identity is asked for");
    }

    [TestMethod]
    [DataRow("verify", "localhost:1/app:1.0")]
    [DataRow("verify", "localhost:1/app:1.0", "--certificate-identity", "a")]
    [DataRow("verify", "localhost:1/app:1.0", "--key", "/nowhere.pub")]
    [DataRow("verify", "localhost:1/app:1.0", "--key", "a", "--attestation", "nothing")]
    [DataRow("sign", "localhost:1/app:1.0", "--key", "/nowhere.key")]
    [DataRow("attest", "localhost:1/app:1.0", "--type", "nothing", "--key", "a")]
    public async Task Wrong_usage_is_exit_code_2(params string[] arguments)
    {
        var result = await Cbg.RunAsync(arguments);
        Assert.AreEqual(2, result.ExitCode, result.Error);
        StringAssert.Matches(result.Error, new(@"^error CBG\d{4}: [^\n]+\.\n$"));
    }

    [TestMethod]
    public async Task A_registry_that_cannot_be_reached_is_exit_code_3()
    {
        await KeysAsync();
        Assert.AreEqual(3, (await Cbg.RunAsync("verify", "localhost:1/app:1.0", "--key", At("test.pub"))).ExitCode);
    }

    [TestMethod]
    public async Task What_a_mirror_lists_is_not_the_whole_where_the_registry_is_gone()
    {
        var image = await PushAsync("mirrored");
        await KeysAsync();
        await DoneAsync("keys", "generate", "--output-key-prefix", At("stranger"));
        var policy = At("mirrored.yaml");
        await File.WriteAllTextAsync(policy, $"registries: [{{ host: 'localhost:1', mirrors: [{{ location: '{_registry!.Host}' }}] }}]\n", TestContext.CancellationToken);
        string[] verify = ["verify", "localhost:1/mirrored:1.0", "--policy", policy, "--key", At("test.pub")];
        await DoneAsync("sign", image, "--key", At("stranger.key"));
        var unknown = await Cbg.RunAsync(verify);
        Assert.AreEqual(3, unknown.ExitCode, unknown.Error);
        StringAssert.Contains(unknown.Error, "CBG9005");
        await DoneAsync("sign", image, "--key", At("test.key"));
        await DoneAsync(verify);
    }

    private static SigstoreServer Sigstore
    {
        get
        {
            if (_sigstore is null)
            {
                Assert.Inconclusive("node, npm or the npm packages of sigstore-js are not to be had here.");
            }

            return _sigstore;
        }
    }

    private static string At(string name) => Path.Combine(_folder.FullName, name);

    private static string[] Identity(string subject) =>
        ["--certificate-identity", subject, "--certificate-oidc-issuer", SigstoreServer.Issuer, "--trusted-root", Sigstore.TrustedRootPath];

    private static readonly SemaphoreSlim Making = new(1);

    private static async Task KeysAsync()
    {
        await Making.WaitAsync();
        try
        {
            if (!File.Exists(At("test.pub")))
            {
                await DoneAsync("keys", "generate", "--output-key-prefix", At("test"));
            }
        }
        finally
        {
            Making.Release();
        }
    }

    private static async Task<Cbg> DoneAsync(params string[] arguments)
    {
        var result = await Cbg.RunAsync(arguments);
        Assert.AreEqual(0, result.ExitCode, result.Error);
        return result;
    }

    private async Task<string> PushAsync(string repository, Action<LayerBuilder>? layer = null)
    {
        if (_registry is null)
        {
            Assert.Inconclusive("docker-registry is not installed.");
        }

        return await TinyImage.PushAsync(_registry, repository, TestContext.CancellationToken, layer);
    }
}
