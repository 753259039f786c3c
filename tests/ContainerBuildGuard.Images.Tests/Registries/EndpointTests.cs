using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Registries;

/// <summary>Which hosts are spoken to, how, and with whose credentials.</summary>
[TestClass]
public sealed class EndpointTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_private_authority_is_trusted_where_certs_d_names_it()
    {
        using var authority = new PrivateAuthority();
        await using var fixture = await RegistryFixture.StartAsync(certificate: authority.IssueServer());
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        var refused = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken));
        Assert.Contains("does not verify", refused.Message);
        Assert.IsEmpty(fixture.Server.Requests);
        WriteAuthority(fixture, authority);
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
    }

    [TestMethod]
    public async Task A_private_authority_is_trusted_where_the_settings_name_it()
    {
        using var authority = new PrivateAuthority();
        await using var fixture = await RegistryFixture.StartAsync(certificate: authority.IssueServer());
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        var file = Path.Combine(fixture.Home, "ca.pem");
        await File.WriteAllTextAsync(file, authority.Pem, TestContext.CancellationToken);
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken, fixture.Options with { Hosts = [new RegistryHost { Name = fixture.Host, CertificateAuthority = file }] });
    }

    [TestMethod]
    public async Task A_client_certificate_of_certs_d_is_shown()
    {
        using var authority = new PrivateAuthority();
        var (certificate, key, thumbprint) = authority.IssueClient();
        await using var fixture = await RegistryFixture.StartAsync(certificate: authority.IssueServer(), client: thumbprint);
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        WriteAuthority(fixture, authority);
        await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken));
        Assert.IsEmpty(fixture.Server.Requests);
        var folder = Path.Combine(fixture.Home, "certs.d", fixture.Host);
        await File.WriteAllTextAsync(Path.Combine(folder, "client.cert"), certificate, TestContext.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "client.key"), key, TestContext.CancellationToken);
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
    }

    [TestMethod]
    public async Task Another_authority_and_another_name_are_not_trusted()
    {
        using var authority = new PrivateAuthority();
        using var other = new PrivateAuthority();
        await using var wrongAuthority = await RegistryFixture.StartAsync(certificate: other.IssueServer());
        await using var wrongName = await RegistryFixture.StartAsync(certificate: authority.IssueServer("registry.example"));
        foreach (var fixture in (RegistryFixture[])[wrongAuthority, wrongName])
        {
            WriteAuthority(fixture, authority);
            var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken));
            Assert.Contains("does not verify", error.Message);
            Assert.IsEmpty(fixture.Server.Requests);
        }
    }

    [TestMethod]
    public async Task A_registry_named_insecure_need_not_verify()
    {
        using var authority = new PrivateAuthority();
        await using var fixture = await RegistryFixture.StartAsync(certificate: authority.IssueServer());
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        fixture.Environment["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = $"other.example;{fixture.Host}";
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
    }

    [TestMethod]
    public async Task A_host_that_is_not_this_machine_is_not_spoken_to_over_plain_HTTP()
    {
        // RFC 2606 keeps .invalid from ever resolving; what counts is which scheme would have been used.
        using var client = new RegistryClient(new RegistryClientOptions(_ => null) { Attempts = 1 });
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => client.ListTagsAsync("registry.invalid", "app", TestContext.CancellationToken));
        Assert.AreEqual(ImageError.Unreachable, error.Error);
        Assert.IsFalse(RegistryHttp.IsLoopback("registry.invalid"));
        Assert.IsFalse(RegistryHttp.IsLoopback("localhost.example:5000"));
        Assert.IsTrue(RegistryHttp.IsLoopback("[::1]:5000"));
        Assert.IsTrue(RegistryHttp.IsLoopback("127.0.0.2"));
    }

    [TestMethod]
    public async Task Credentials_do_not_follow_a_redirect_to_another_host()
    {
        var image = RegistryFixture.Build();
        var elsewhere = new MemoryRegistry();
        elsewhere.Put("app", "1.0", image);
        await using var storage = await LoopbackServer.StartAsync(elsewhere.ServeAsync);
        await using var fixture = await RegistryFixture.StartAsync(registry => async context =>
        {
            if (context.Request.Headers.Authorization.Count == 0)
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"test\"";
            }
            else if (context.Request.Path.ToString().Contains("/blobs/", StringComparison.Ordinal))
            {
                context.Response.StatusCode = 307;
                context.Response.Headers.Location = $"http://{storage.Host}{context.Request.Path}";
            }
            else
            {
                await registry.ServeAsync(context);
            }
        });
        fixture.Registry.Put("app", "1.0", image);
        fixture.Environment["DOTNET_CONTAINER_REGISTRY_UNAME"] = "robot";
        fixture.Environment["DOTNET_CONTAINER_REGISTRY_PWORD"] = "made-up-word";
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.IsNotEmpty(storage.Requests);
        Assert.IsTrue(storage.Authorizations.All(a => a.Length == 0));
    }

    [TestMethod]
    public async Task A_redirect_from_TLS_to_plain_HTTP_is_refused()
    {
        using var authority = new PrivateAuthority();
        await using var plain = await LoopbackServer.StartAsync(_ => Task.CompletedTask);
        await using var fixture = await RegistryFixture.StartAsync(_ => context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = $"http://{plain.Host}/";
            return Task.CompletedTask;
        }, authority.IssueServer());
        WriteAuthority(fixture, authority);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken));
        Assert.Contains("plain HTTP", error.Message);
        Assert.IsEmpty(plain.Requests);
    }

    [TestMethod]
    public async Task Redirects_without_end_end()
    {
        await using var fixture = await RegistryFixture.StartAsync(_ => context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = $"{context.Request.Path}?again";
            return Task.CompletedTask;
        });
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken));
        Assert.AreEqual(ImageError.Unsupported, error.Error);
    }

    [TestMethod]
    public async Task A_mirror_is_asked_first_and_the_registry_where_it_fails()
    {
        var image = RegistryFixture.Build();
        await using var mirror = await RegistryFixture.StartAsync();
        await using var fixture = await RegistryFixture.StartAsync();
        mirror.Registry.Put("cache/app", "1.0", image);
        fixture.Registry.Put("app", "1.0", image);
        var options = fixture.Options with { Hosts = [new RegistryHost { Name = fixture.Host, Mirrors = [new RegistryMirror($"{mirror.Host}/cache")] }] };
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken, options);
        Assert.IsEmpty(fixture.Server.Requests);

        mirror.Registry.Blobs.Clear();
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken, options);
        Assert.IsNotEmpty(fixture.Server.Requests);
    }

    [TestMethod]
    public async Task A_mirror_for_digests_is_not_asked_for_tags()
    {
        var image = RegistryFixture.Build();
        await using var mirror = await RegistryFixture.StartAsync();
        await using var fixture = await RegistryFixture.StartAsync();
        mirror.Registry.Put("app", "1.0", RegistryFixture.Build(1));
        mirror.Registry.Put("app", "old", image);
        fixture.Registry.Put("app", "1.0", image);
        var options = fixture.Options with { Hosts = [new RegistryHost { Name = fixture.Host, Mirrors = [new RegistryMirror(mirror.Host, DigestOnly: true)] }] };
        Assert.AreEqual(image.Digest, (await fixture.PullAsync("app:1.0", TestContext.CancellationToken, options)).Root.Digest);
        Assert.IsTrue(mirror.Server.Requests.Where(r => r.Contains("/app/", StringComparison.Ordinal)).All(r => r.Contains("sha256:", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_mirror_that_lies_gives_no_image()
    {
        await using var mirror = await RegistryFixture.StartAsync();
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build(1);
        mirror.Registry.Put("app", "1.0", image);
        mirror.Registry.Blobs[$"app@{image.Manifest.Layers[0].Digest}"][100] ^= 1;
        var options = fixture.Options with { Hosts = [new RegistryHost { Name = fixture.Host, Mirrors = [new RegistryMirror(mirror.Host)] }] };
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken, options));
        Assert.AreEqual(ImageError.DigestMismatch, error.Error);
    }

    [TestMethod]
    public async Task A_blocked_registry_is_not_spoken_to()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var options = fixture.Options with { Hosts = [new RegistryHost { Name = fixture.Host, Blocked = true }] };
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken, options));
        Assert.AreEqual(ImageError.Denied, error.Error);
        Assert.IsEmpty(fixture.Server.Requests);
    }

    private static void WriteAuthority(RegistryFixture fixture, PrivateAuthority authority)
    {
        var folder = Directory.CreateDirectory(Path.Combine(fixture.Home, "certs.d", fixture.Host));
        File.WriteAllText(Path.Combine(folder.FullName, "ca.crt"), authority.Pem);
    }
}
