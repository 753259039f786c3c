using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>Bases that others than Sigstore vouch for: a real Notary server over TLS, and signatures of the Notary Project.</summary>
[TestClass]
public sealed class BaseImageTrustTests : IDisposable
{
    private static readonly DateTimeOffset Yesterday = DateTimeOffset.UtcNow.AddDays(-1);
    private readonly SmallBase _base = new();
    private readonly PrivateAuthority _authority = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-base-trust-");

    public required TestContext TestContext { get; init; }

    [TestInitialize]
    public void Require() => Workbench.Require(NotaryServer.IsAvailable, "notary or notary-server");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task A_base_that_a_notary_server_signs_is_built_on_until_its_tag_moves_or_nobody_answers()
    {
        await using var notary = await NotaryServer.StartAsync(_authority);
        var set = await _base.PushAsync("signed");
        await SignAsync(notary, set);
        using var project = _base.Project($$"""
            registries: [{ host: '{{notary.Address.Authority}}', certificate-authority: ca.crt }]
            base-images: { verify: [{ by: signatures, dct: { server: '{{notary.Address}}' } }] }
            """).File("ca.crt", _authority.Pem);
        var built = await PublishAsync(project);
        Assert.AreEqual(0, built.ExitCode, built.Output);
        Assert.Contains($"Built on {_base.Name}@{set.Root.Digest}, verified (signatures: targets of {_base.Repository}", built.Output);

        await _base.PushAsync("moved");
        await RefusedAsync(project, "CBG3101", $"is signed for {set.Root.Digest}");
        await _base.PushAsync("signed");
        await notary.StopAsync();
        await RefusedAsync(project, "CBG3035", "could not be looked up");
    }

    [TestMethod]
    public async Task With_Dockers_content_trust_on_a_signed_tag_is_built_on_and_another_is_not()
    {
        await using var notary = await NotaryServer.StartAsync(_authority);
        await SignAsync(notary, await _base.PushAsync("signed"));
        await _base.PushAsync("unsigned", tag: "2");
        Directory.CreateDirectory(At("docker", "tls", notary.Address.Authority));
        await File.WriteAllTextAsync(At("docker", "tls", notary.Address.Authority, "ca.crt"), _authority.Pem, TestContext.CancellationToken);
        (string, string?)[] on = [("DOCKER_CONTENT_TRUST", "1"), ("DOCKER_CONTENT_TRUST_SERVER", notary.Address.ToString())];
        using var project = _base.Project();
        var built = await PublishAsync(project, [], on);
        Assert.AreEqual(0, built.ExitCode, built.Output);
        Assert.Contains("verified (DOCKER_CONTENT_TRUST: targets of", built.Output);
        var unsigned = await PublishAsync(project, [$"-p:ContainerBaseImage={_base.Repository}:2"], on);
        Assert.AreEqual(1, unsigned.ExitCode, unsigned.Output);
        Assert.Contains("error CBG3101", unsigned.Output);
        Assert.Contains("its tag '2' is not signed", unsigned.Output);
        Assert.DoesNotContain("Building image", unsigned.Output);
        var off = await PublishAsync(project, [$"-p:ContainerBaseImage={_base.Repository}:2"], ("DOCKER_CONTENT_TRUST", "0"));
        Assert.AreEqual(0, off.ExitCode, off.Output);
    }

    [TestMethod]
    public async Task Each_platform_of_a_base_with_signatures_of_the_Notary_Project_is_verified_and_built_on()
    {
        using var pki = new TestPki(Yesterday);
        await _base.PushAsync("unsigned");
        using var project = _base.Project(Written("root.pem"), "<RuntimeIdentifiers>linux-x64;linux-arm64</RuntimeIdentifiers><SelfContained>false</SelfContained>").File("root.pem", pki.Root.ExportCertificatePem());
        await RefusedAsync(project, "CBG3101", "it has no signature of the Notary Project");
        await project.AssertNothingArrivedAsync();

        await NotationAsync(pki);
        var built = await PublishAsync(project);
        Assert.AreEqual(0, built.ExitCode, built.Output);
        Assert.Contains($"Built on {_base.Name}@{await _base.DigestAsync()}, verified (signatures: CN=signer, O=acme", built.Output);
        using var strangers = new TestPki(Yesterday);
        await RefusedAsync(project.File("root.pem", strangers.Root.ExportCertificatePem()), "CBG3101", "leads to no certificate");
    }

    [TestMethod]
    public async Task A_base_whose_signers_revocation_cannot_be_asked_is_an_error_and_one_whose_is_revoked_is_refused()
    {
        TestOcsp? answer = null;
        await using var responder = new AnswerServer(request => new ServerAnswer(200, answer!.Respond(request.Body), "application/ocsp-response"));
        using var pki = new TestPki(Yesterday, new Uri(responder.Address, "ocsp"));
        await _base.PushAsync("signed");
        await NotationAsync(pki);
        using var project = _base.Project(Written("root.pem")).File("root.pem", pki.Root.ExportCertificatePem());
        answer = new TestOcsp { Signer = pki.Issuer, From = Yesterday.AddHours(1), Status = 3 };
        await RefusedAsync(project, "CBG3020", "try later");
        answer = answer with { Status = 0, Until = DateTimeOffset.UtcNow.AddHours(1), RevokedAt = Yesterday.AddHours(2) };
        await RefusedAsync(project, "CBG3101", "was revoked at");
    }

    [TestMethod]
    public async Task Offline_what_was_kept_verifies_and_everything_else_could_not_be_checked()
    {
        TestPki? issued = null;
        await using var responder = new AnswerServer(request =>
            new ServerAnswer(200, new TestOcsp { Signer = issued!.Issuer, From = Yesterday.AddHours(1), Until = DateTimeOffset.UtcNow.AddHours(1) }.Respond(request.Body), "application/ocsp-response"));
        using var pki = issued = new TestPki(Yesterday, new Uri(responder.Address, "ocsp"));
        await using var notary = await NotaryServer.StartAsync();
        await SignAsync(notary, await _base.PushAsync("signed"));
        await NotationAsync(pki);
        await File.WriteAllTextAsync(At("root.pem"), pki.Root.ExportCertificatePem(), TestContext.CancellationToken);
        await File.WriteAllTextAsync(At("policy.yaml"), $"version: 1\ntrust: [{{ dct: {{ server: '{notary.Address}' }}, signed-by: [{{ notation: {{ ca: [root.pem], identities: ['*'] }} }}] }}]\n", TestContext.CancellationToken);
        string[] verify = ["verify", _base.Name, "--policy", At("policy.yaml")];
        await ExpectAsync(3, "CBG3035", [.. verify, "--offline"]);
        await ExpectAsync(0, "", verify);
        await ExpectAsync(0, "", [.. verify, "--offline"]);
        Directory.Delete(At("data"), recursive: true);
        await ExpectAsync(3, "CBG3020", [.. verify, "--offline"]);
    }

    private static string Written(string root) =>
        $"base-images: {{ verify: [{{ by: signatures, every-platform: true, signed-by: [{{ notation: {{ ca: [{root}], identities: ['x509.subject: C=US, ST=WA, O=acme'] }} }}] }}] }}";

    private async Task RefusedAsync(GuardedProject project, string code, string why)
    {
        var result = await PublishAsync(project);
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains($"error {code}", result.Output);
        Assert.Contains(why, result.Output);
        Assert.DoesNotContain("Building image", result.Output);
    }

    private Task<ProcessResult> PublishAsync(GuardedProject project) => PublishAsync(project, []);

    private Task<ProcessResult> PublishAsync(GuardedProject project, string[] arguments, params (string Name, string? Value)[] environment) =>
        project.PublishAsync(Variables(environment), [$"-p:ContainerRegistry={Workbench.Registry.Host}", .. arguments]);

    private async Task ExpectAsync(int exitCode, string said, params string[] arguments)
    {
        var result = await ProcessRunner.RunAsync(Workbench.Products.Cbg, arguments, environment: Variables());
        Assert.AreEqual(exitCode, result.ExitCode, result.Output);
        Assert.Contains(said, result.Output);
    }

    /// <summary>Signs the base's index and images as a user would.</summary>
    private async Task NotationAsync(TestPki pki)
    {
        await File.WriteAllBytesAsync(At("signer.p12"), pki.Pkcs12Of(pki.CodeSigner()), TestContext.CancellationToken);
        await ProcessRunner.MustAsync(Workbench.Products.Cbg, "sign", _base.Name, "--notation", "--key", At("signer.p12"));
    }

    /// <summary>Signs the base's tag with the notary client.</summary>
    private async Task SignAsync(NotaryServer notary, ImageSet set)
    {
        await File.WriteAllBytesAsync(At("manifest.json"), set.Manifests[^1].Bytes.ToArray(), TestContext.CancellationToken);
        foreach (var arguments in (string[][])[["init", _base.Repository], ["add", _base.Repository, "1", At("manifest.json")], ["publish", _base.Repository]])
        {
            var result = await notary.ClientAsync(arguments);
            Assert.AreEqual(0, result.ExitCode, result.Output);
        }
    }

    /// <summary>What is trusted and kept is the test's own.</summary>
    private Dictionary<string, string?> Variables(params (string Name, string? Value)[] more)
    {
        var variables = new Dictionary<string, string?> { ["CONTAINERBUILDGUARD_TRUST"] = At("trust"), ["XDG_DATA_HOME"] = At("data"), ["DOCKER_CONFIG"] = At("docker"), ["DOCKER_CONTENT_TRUST"] = null, ["DOCKER_CONTENT_TRUST_SERVER"] = null };
        foreach (var (name, value) in more)
        {
            variables[name] = value;
        }

        return variables;
    }

    private string At(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);
}
