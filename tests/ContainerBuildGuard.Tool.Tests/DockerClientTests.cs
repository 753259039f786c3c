using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>Docker Content Trust with the docker client as the judge, over TLS by an authority of the test's own.</summary>
[TestClass]
public sealed class DockerClientTests
{
    private static readonly string Docker = File.Exists("/usr/bin/docker") ? "/usr/bin/docker" : "docker";
    private DirectoryInfo _folder = null!;
    private NotaryServer _notary = null!;
    private RegistryServer _registry = null!;

    public required TestContext TestContext { get; init; }

    [TestInitialize]
    public async Task Begin()
    {
        if (!NotaryServer.IsAvailable || !RegistryServer.IsAvailable || !ProcessRunner.Exists("docker"))
        {
            Assert.Inconclusive("This machine lacks docker, docker-registry, notary or notary-server.");
        }

        _folder = Directory.CreateTempSubdirectory("cbg-docker-client-");
        using var authority = new PrivateAuthority();
        _notary = await NotaryServer.StartAsync(authority);
        _registry = await RegistryServer.StartAsync();

        // Docker keeps the authority of a Notary server here, and the guard finds it there too.
        var certificates = Directory.CreateDirectory(At("docker", "tls", _notary.Address.Authority));
        File.Copy(_notary.AuthorityFile, Path.Combine(certificates.FullName, "ca.crt"));
        await DockerAsync("trust", "key", "generate", "alice", "--dir", _folder.FullName);
        await DockerAsync("trust", "signer", "add", "--key", At("alice.pub"), "alice", Name);
    }

    [TestCleanup]
    public async Task End()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
            await _notary.DisposeAsync();
            _folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public async Task Docker_sees_what_the_guard_signed_as_the_guard_sees_it()
    {
        await PushAsync("1.0", "one");
        await PushAsync("2.0", "two");
        await CbgAsync(1, "verify", $"{Name}:1.0", "--dct");
        StringAssert.Contains((await CbgAsync(0, "sign", $"{Name}:1.0", "--dct")).Output, "in targets/alice, targets/releases");
        var verified = await CbgAsync(0, "verify", $"{Name}:1.0", "--dct", "--dct-signer", "alice");
        StringAssert.Contains(verified.Output, (await _registry.DigestAsync("app", "1.0"))!);
        await CbgAsync(1, "verify", $"{Name}:2.0", "--dct");
        var theirs = JsonNode.Parse(await DockerAsync("trust", "inspect", Name));
        var ours = JsonNode.Parse((await CbgAsync(0, "trust", "migrate", Name, "--dry-run", "--format", "json")).Output)!["inspection"];
        Assert.IsTrue(JsonNode.DeepEquals(theirs, ours), $"{theirs}\n{ours}");
    }

    [TestMethod]
    public async Task What_the_docker_client_trusts_is_the_first_trust_of_the_guard()
    {
        await PushAsync("1.0", "one");
        await CbgAsync(0, "sign", $"{Name}:1.0", "--dct");
        await DockerAsync("trust", "inspect", Name);
        Directory.Delete(At("store"), recursive: true);
        await File.WriteAllTextAsync(At("policy.yaml"), "trust:\n  - dct: { trust-on-first-use: false }\n", TestContext.CancellationToken);
        await CbgAsync(0, "verify", $"{Name}:1.0", "--policy", At("policy.yaml"));
        Directory.Delete(At("store"), recursive: true);
        Directory.Delete(At("docker", "trust", "tuf"), recursive: true);
        StringAssert.Contains((await CbgAsync(1, "verify", $"{Name}:1.0", "--policy", At("policy.yaml"))).Error, "seen for the first time");
    }

    [TestMethod]
    public async Task A_server_whose_certificate_nobody_vouches_for_is_not_asked()
    {
        await PushAsync("1.0", "one");
        File.Delete(At("docker", "tls", _notary.Address.Authority, "ca.crt"));
        StringAssert.Contains((await CbgAsync(3, "verify", $"{Name}:1.0", "--dct")).Error, "certificate");

        // The policy names authorities of Notary servers as it does those of registries.
        await File.WriteAllTextAsync(At("policy.yaml"), $"registries:\n  - host: {_notary.Address.Authority}\n    certificate-authority: {_notary.AuthorityFile}\n", TestContext.CancellationToken);
        StringAssert.Contains((await CbgAsync(1, "verify", $"{Name}:1.0", "--dct", "--policy", At("policy.yaml"))).Error, "CBG3031");
    }

    [TestMethod]
    public async Task A_docker_client_with_content_trust_pulls_what_the_guard_signed_and_the_guard_trusts_what_docker_pushed()
    {
        await using var server = DockerServer.IsAvailable ? await DockerServer.StartAsync() : null;
        if (server is null)
        {
            Assert.Inconclusive("This machine cannot run a Docker daemon.");
        }

        await PushAsync("1.0", "one");
        await PushAsync("2.0", "two");
        await CbgAsync(0, "sign", $"{Name}:1.0", "--dct");
        var on = Variables(server.Variables);
        on["DOCKER_CONTENT_TRUST"] = "1";
        var pulled = await ProcessRunner.RunAsync(Docker, ["pull", $"{Name}:1.0"], environment: on);
        Assert.AreEqual(0, pulled.ExitCode, pulled.Output);
        StringAssert.Contains(pulled.Output, (await _registry.DigestAsync("app", "1.0"))!);
        var refused = await ProcessRunner.RunAsync(Docker, ["pull", $"{Name}:2.0"], environment: on);
        Assert.AreNotEqual(0, refused.ExitCode, refused.Output);
        await CbgAsync(1, "verify", $"{Name}:2.0", "--dct");

        // The other way round: docker signs while it pushes.
        Assert.AreEqual(0, (await ProcessRunner.RunAsync(Docker, ["tag", $"{Name}@{await _registry.DigestAsync("app", "1.0")}", $"{Name}:3.0"], environment: on)).ExitCode);
        var pushed = await ProcessRunner.RunAsync(Docker, ["push", $"{Name}:3.0"], environment: on);
        Assert.AreEqual(0, pushed.ExitCode, pushed.Output);
        await CbgAsync(0, "verify", $"{Name}:3.0", "--dct", "--dct-signer", "alice");
    }

    private string Name => $"{_registry.Host}/app";

    private string At(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    private Dictionary<string, string?> Variables(IReadOnlyDictionary<string, string?>? more = null) => new(NotaryServer.Passphrases.Concat(more ?? new Dictionary<string, string?>()))
    {
        ["CONTAINERBUILDGUARD_TRUST"] = At("store"),
        ["DOCKER_CONFIG"] = At("docker"),
        ["DOCKER_CONTENT_TRUST"] = null,
        ["DOCKER_CONTENT_TRUST_SERVER"] = _notary.Address.GetLeftPart(UriPartial.Authority),
    };

    private async Task<string> DockerAsync(params string[] arguments)
    {
        var result = await ProcessRunner.RunAsync(Docker, arguments, environment: Variables());
        Assert.AreEqual(0, result.ExitCode, $"docker {string.Join(' ', arguments)}: {result.Output}");
        return result.Output;
    }

    private async Task<Cbg> CbgAsync(int exitCode, params string[] arguments)
    {
        var result = await Cbg.RunAsync(Variables(), arguments);
        Assert.AreEqual(exitCode, result.ExitCode, $"cbg {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result;
    }

    private async Task PushAsync(string tag, string content)
    {
        var image = new ImageBuilder().Layer(l => l.File("app/readme.txt", content)).User("1654").Build();
        var set = new ImageSet { Reference = Name, Root = image.Descriptor, Manifests = [(image.Descriptor, image.ManifestBytes)], Images = [image] };
        using var client = new RegistryClient(new RegistryClientOptions());
        await client.PushAsync(set, _registry.Host, "app", [(image.Digest, tag)], [], TestContext.CancellationToken);
    }
}
