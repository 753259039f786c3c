using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Interoperation;

/// <summary>A real registry, behind what stands before registries, between this library and the field's programs.</summary>
[TestClass]
public sealed class RegistryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Programs.CreateFolder();
    private readonly Dictionary<string, string> _environment = new()
    {
        ["DOTNET_CONTAINER_REGISTRY_UNAME"] = "robot",
        ["DOTNET_CONTAINER_REGISTRY_PWORD"] = "made-up-word",
    };

    public TestContext TestContext { get; set; } = null!;

    private RegistryClientOptions Options => new(n => n == "HOME" ? _folder.FullName : _environment.GetValueOrDefault(n)) { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(5) };

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task What_is_pushed_in_chunks_behind_tokens_and_TLS_skopeo_copies_with_its_digest()
    {
        Programs.Require("docker-registry", "skopeo");
        await using var registry = await RegistryServer.StartAsync();
        using var relay = new RegistryRelay(registry);
        using var authority = new PrivateAuthority();
        await using var front = await LoopbackServer.StartAsync(new TokenGate("robot", "made-up-word").Before(relay.ServeAsync), authority.IssueServer());
        var certificates = Directory.CreateDirectory(At($".docker/certs.d/{front.Host}"));
        await File.WriteAllTextAsync(Path.Combine(certificates.FullName, "ca.crt"), authority.Pem, TestContext.CancellationToken);
        var image = await PushAsync(front.Host, Options with { ChunkBytes = 50_000 });

        // skopeo checks our token server and certificate with code that is not ours.
        await ProcessRunner.MustAsync("skopeo", "copy", "-q", "--preserve-digests", "--src-cert-dir", certificates.FullName, "--src-creds", "robot:made-up-word", $"docker://{front.Host}/team/app:1.0", $"oci:{At("copy")}:x");
        await using var copied = await ImageSource.OpenAsync($"oci:{At("copy")}", new ImageSourceOptions(), TestContext.CancellationToken);
        Assert.AreEqual(image.Digest, copied.Root.Digest);
        var inspected = await ProcessRunner.MustAsync("skopeo", "inspect", "--cert-dir", certificates.FullName, "--creds", "robot:made-up-word", $"docker://{front.Host}/team/app:1.0");
        Assert.Contains(image.Digest.ToString(), inspected);
        var (set, paths) = await Programs.ReadAsync($"{front.Host}/team/app:1.0", TestContext.CancellationToken, Options);
        Assert.AreEqual(image.Digest, set.Root.Digest);
        Assert.Contains("app/data.bin", paths);
    }

    [TestMethod]
    public async Task A_registry_that_verifies_tokens_itself_takes_ours()
    {
        Programs.Require("docker-registry");
        using var authority = new PrivateAuthority();
        var gate = new TokenGate("robot", "made-up-word") { Signer = new SignedTokens(authority.IssueServer("tokens"), "test issuer", "test service") };
        await using var tokens = await LoopbackServer.StartAsync(gate.Before(_ => Task.CompletedTask));
        await File.WriteAllTextAsync(At("issuer.pem"), authority.Pem, TestContext.CancellationToken);
        await using var registry = await RegistryServer.StartAsync(auth: $"auth: {{ token: {{ realm: 'http://{tokens.Host}/token', service: test service, issuer: test issuer, rootcertbundle: {At("issuer.pem")} }} }}\n");
        var image = await PushAsync(registry.Host, Options);
        var (set, _) = await Programs.ReadAsync($"{registry.Host}/team/app:1.0", TestContext.CancellationToken, Options);
        Assert.AreEqual(image.Digest, set.Root.Digest);
        using (var client = new RegistryClient(Options))
        {
            Assert.Contains("team/app", await client.ListRepositoriesAsync(registry.Host, TestContext.CancellationToken));
            await client.PushAsync(SetOf(image), registry.Host, "team/copy", [(image.Digest, "1.0")], ["team/app"], TestContext.CancellationToken);
        }

        _environment["DOTNET_CONTAINER_REGISTRY_PWORD"] = "another-word";
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => Programs.ReadAsync($"{registry.Host}/team/app:1.0", TestContext.CancellationToken, Options));
        Assert.AreEqual(ImageError.Unauthorized, error.Error);
    }

    [TestMethod]
    public async Task Podman_pulls_what_is_pushed_behind_Basic_and_inspects_it()
    {
        Programs.Require("docker-registry", "htpasswd", "podman");
        Programs.RequireRoot();
        await using var registry = await RegistryServer.StartAsync("robot", "made-up-word");
        var image = await PushAsync(registry.Host, Options);
        string[] own = ["--root", At("root"), "--runroot", At("run"), "--storage-driver", "vfs"];
        await ProcessRunner.MustAsync("podman", [.. own, "pull", "-q", "--tls-verify=false", "--creds", "robot:made-up-word", $"{registry.Host}/team/app:1.0"]);
        var digest = await ProcessRunner.MustAsync("podman", [.. own, "image", "inspect", "--format", "{{.Digest}} {{.User}}", $"{registry.Host}/team/app:1.0"]);
        Assert.AreEqual($"{image.Digest} 1654", digest.Trim());
    }

    [TestMethod]
    public async Task Images_of_skopeo_in_every_format_are_pulled()
    {
        Programs.Require("docker-registry", "skopeo");
        await using var registry = await RegistryServer.StartAsync();
        var image = await Programs.WriteLayoutAsync(At("layout"), cancellationToken: TestContext.CancellationToken);
        await ProcessRunner.MustAsync("skopeo", "copy", "-q", "--dest-compress", "--dest-compress-format", "zstd", $"oci:{At("layout")}:made:1.0", $"oci:{At("zstd")}:made:1.0");
        foreach (var (tag, source, format) in ((string, string, string)[])[("oci", "layout", "oci"), ("docker", "layout", "v2s2"), ("zstd", "zstd", "oci")])
        {
            await ProcessRunner.MustAsync("skopeo", "copy", "-q", "--format", format, "--dest-tls-verify=false", $"oci:{At(source)}:made:1.0", $"docker://{registry.Host}/team/{tag}:1");
            var (set, paths) = await Programs.ReadAsync($"{registry.Host}/team/{tag}:1", TestContext.CancellationToken);
            Assert.Contains("app/data.bin", paths);
            Assert.AreEqual(await registry.DigestAsync($"team/{tag}", "1"), set.Root.Digest.ToString());
            Assert.AreEqual(tag == "oci", set.Root.Digest == image.Digest);
            Assert.AreEqual(tag switch { "docker" => MediaTypes.DockerLayerGzip, "zstd" => MediaTypes.OciLayerZstd, _ => MediaTypes.OciLayerGzip }, set.Images.Single().Manifest.Layers[0].MediaType);
        }

        using var client = new RegistryClient(new RegistryClientOptions(_ => null));
        Assert.HasCount(3, await client.ListRepositoriesAsync(registry.Host, TestContext.CancellationToken));
    }

    public static IEnumerable<object[]> Steps =>
        from step in new[] { ("HEAD", "/blobs/"), ("POST", "/blobs/uploads/"), ("PATCH", "/blobs/uploads/"), ("PUT", "/blobs/uploads/"), ("PUT", "/manifests/sha256:"), ("PUT", "/manifests/1.0"), ("GET", "/manifests/1.0"), ("GET", "/blobs/") }
        from kind in new[] { FaultKind.Status, FaultKind.Reset, FaultKind.Truncate, FaultKind.LoseAnswer, FaultKind.ResetInContent }
        select new object[] { step.Item1, step.Item2, kind };

    /// <summary>Reading changes nothing; an answer that is truncated was given; and a tag whose writing alone lost its answer is whole.</summary>
    public static IEnumerable<object[]> StepsOfPushing => Steps.Where(s =>
        s[0] is not "GET" && s[2] is not FaultKind.Truncate && !(s[2] is FaultKind.LoseAnswer && s[1] is "/manifests/1.0"));

    [TestMethod]
    [DynamicData(nameof(Steps))]
    public async Task A_fault_at_any_step_before_a_real_registry_ends_in_the_whole_image(string method, string path, FaultKind kind)
    {
        Programs.Require("docker-registry");
        await using var registry = await RegistryServer.StartAsync();
        using var relay = new RegistryRelay(registry);
        await using var front = await LoopbackServer.StartAsync(relay.ServeAsync);
        front.Faults.Add(new Fault(method, path, kind) { Times = 2, Status = 503 });
        var image = await PushAsync(front.Host, Options with { ChunkBytes = 100_000 });
        var (set, _) = await Programs.ReadAsync($"{front.Host}/team/app:1.0", TestContext.CancellationToken, Options);
        Assert.AreEqual(image.Digest, set.Root.Digest);
        Assert.AreEqual(2, front.Faults.Happened);
    }

    [TestMethod]
    [DynamicData(nameof(StepsOfPushing))]
    public async Task A_fault_that_stays_leaves_no_tag_on_a_real_registry(string method, string path, FaultKind kind)
    {
        Programs.Require("docker-registry");
        await using var registry = await RegistryServer.StartAsync();
        using var relay = new RegistryRelay(registry);
        await using var front = await LoopbackServer.StartAsync(relay.ServeAsync);
        front.Faults.Add(new Fault(method, path, kind) { Times = int.MaxValue, Status = 503 });
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => PushAsync(front.Host, Options with { ChunkBytes = 100_000 }));
        Assert.AreEqual(ImageError.Unreachable, error.Error);
        Assert.IsNull(await registry.DigestAsync("team/app", "1.0"));
    }

    private async Task<Image> PushAsync(string host, RegistryClientOptions options)
    {
        var image = await Programs.WriteLayoutAsync(At($"layout-{Guid.NewGuid():N}"), cancellationToken: TestContext.CancellationToken);
        using var client = new RegistryClient(options);
        await client.PushAsync(SetOf(image), host, "team/app", [(image.Digest, "1.0")], [], TestContext.CancellationToken);
        return image;
    }

    private static ImageSet SetOf(Image image) => new() { Reference = "made", Root = image.Descriptor, Manifests = [(image.Descriptor, image.ManifestBytes)], Images = [image] };

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
