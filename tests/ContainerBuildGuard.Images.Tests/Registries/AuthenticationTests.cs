using System.Text;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Registries;

[TestClass]
public sealed class AuthenticationTests
{
    private readonly TokenGate _gate = new("robot", "made-up-word");

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task One_token_does_for_a_whole_pull()
    {
        await using var fixture = await StartAsync();
        SetCredentials(fixture, "made-up-word");
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.AreEqual(1, _gate.Issued);
    }

    [TestMethod]
    public async Task One_token_does_for_a_whole_push_and_for_what_it_reads()
    {
        await using var fixture = await StartAsync();
        SetCredentials(fixture, "made-up-word");
        await fixture.PushAsync(RegistryFixture.Build(), "other", "1.0", TestContext.CancellationToken);
        Assert.AreEqual(1, _gate.Issued);
    }

    [TestMethod]
    public async Task A_token_that_expired_is_replaced_before_it_is_sent()
    {
        await using var fixture = await StartAsync();
        _gate.Time = fixture.Time;
        SetCredentials(fixture, "made-up-word");
        using var client = new RegistryClient(fixture.Options);
        await client.ListTagsAsync(fixture.Host, "app", TestContext.CancellationToken);
        fixture.Time.Advance(_gate.Lifetime);
        await client.ListTagsAsync(fixture.Host, "app", TestContext.CancellationToken);
        Assert.AreEqual(2, _gate.Issued);
        Assert.HasCount(5, fixture.Server.Requests.Where(r => r.Contains("/v2/app/tags", StringComparison.Ordinal) || r.Contains("/token", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_token_that_was_taken_back_is_replaced()
    {
        await using var fixture = await StartAsync();
        SetCredentials(fixture, "made-up-word");
        using var client = new RegistryClient(fixture.Options);
        await client.ListTagsAsync(fixture.Host, "app", TestContext.CancellationToken);
        _gate.Revoke();
        Assert.AreEqual("1.0", (await client.ListTagsAsync(fixture.Host, "app", TestContext.CancellationToken)).Single());
    }

    [TestMethod]
    public async Task Reading_needs_no_account_where_the_registry_wants_none()
    {
        await using var fixture = await StartAsync();
        _gate.AnonymousPull = true;
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PushAsync(RegistryFixture.Build(), "app", "2.0", TestContext.CancellationToken));
        Assert.AreEqual(ImageError.Unauthorized, error.Error);
    }

    [TestMethod]
    public async Task A_wrong_password_is_an_error_that_does_not_show_it()
    {
        await using var fixture = await StartAsync();
        SetCredentials(fixture, "another-word");
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken));
        Assert.AreEqual(ImageError.Unauthorized, error.Error);
        Assert.DoesNotContain("another-word", error.ToString());
    }

    [TestMethod]
    public async Task An_identity_token_is_traded_for_access_tokens()
    {
        await using var fixture = await StartAsync();
        _gate.IdentityToken = "identity";
        await WriteConfigAsync(fixture, $$"""{"auths":{"{{fixture.Host}}":{"identitytoken":"identity"} } }""");
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.Contains("POST /token", fixture.Server.Requests.ToArray());
    }

    [TestMethod]
    public async Task Docker_s_configuration_has_the_credentials()
    {
        await using var fixture = await StartAsync();
        await WriteConfigAsync(fixture, $$"""{"auths":{"{{fixture.Host}}":{"auth":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes("robot:made-up-word"))}}"} } }""");
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
    }

    [TestMethod]
    [DataRow("""Basic realm="x", Bearer realm="{0}",service="s",scope="{1}" """)]
    [DataRow("""Negotiate abcdef==, Bearer service="s,t", realm="{0}" """)]
    public async Task The_Bearer_challenge_is_found_among_several(string challenge)
    {
        await using var fixture = await StartAsync();
        _gate.Challenge = challenge;
        SetCredentials(fixture, "made-up-word");
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
    }

    [TestMethod]
    [DataRow("Bearer realm=\"http://token.example/\",service=\"s\"")]
    [DataRow("Bearer realm=\"not an address\"")]
    [DataRow("Bearer service=\"s\"")]
    public async Task Credentials_are_not_sent_to_a_token_server_without_TLS(string challenge)
    {
        await using var fixture = await StartAsync();
        _gate.Challenge = challenge.Replace("{", "{{", StringComparison.Ordinal);
        SetCredentials(fixture, "made-up-word");
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken));
        Assert.Contains("names no safe token server", error.Message);
    }

    [TestMethod]
    [DataRow(500, ImageError.Unreachable)]
    [DataRow(429, ImageError.Unreachable)]
    [DataRow(403, ImageError.Unauthorized)]
    public async Task A_token_server_that_fails_is_said_so(int status, ImageError expected)
    {
        await using var fixture = await StartAsync();
        SetCredentials(fixture, "made-up-word");
        fixture.Faults.Add(new Fault("GET", "/token", FaultKind.Status) { Status = status, Times = int.MaxValue });
        Assert.AreEqual(expected, (await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken))).Error);
    }

    [TestMethod]
    public async Task A_token_server_that_fails_once_is_asked_again()
    {
        await using var fixture = await StartAsync();
        SetCredentials(fixture, "made-up-word");
        fixture.Faults.Add(new Fault("GET", "/token", FaultKind.Reset));
        fixture.Faults.Add(new Fault("GET", "/token", FaultKind.Truncate));
        fixture.Faults.Add(new Fault("GET", "/token", FaultKind.Status) { Status = 503 });
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
    }

    [TestMethod]
    public async Task Basic_is_answered_and_kept()
    {
        await using var fixture = await RegistryFixture.StartAsync(registry => async context =>
        {
            if (context.Request.Headers.Authorization.Count == 0)
            {
                context.Response.StatusCode = 401;
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"test\"";
                return;
            }

            await registry.ServeAsync(context);
        });
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        SetCredentials(fixture, "made-up-word");
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.HasCount(1, fixture.Server.Authorizations.Where((a, i) => a.Length == 0 && fixture.Server.Requests.ElementAt(i).Contains("/app/", StringComparison.Ordinal)));
    }

    private async Task<RegistryFixture> StartAsync()
    {
        var fixture = await RegistryFixture.StartAsync(registry => _gate.Before(registry.ServeAsync));
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        return fixture;
    }

    private static void SetCredentials(RegistryFixture fixture, string password)
    {
        fixture.Environment["DOTNET_CONTAINER_REGISTRY_UNAME"] = "robot";
        fixture.Environment["DOTNET_CONTAINER_REGISTRY_PWORD"] = password;
    }

    private static async Task WriteConfigAsync(RegistryFixture fixture, string json)
    {
        var folder = Directory.CreateDirectory(Path.Combine(fixture.Home, ".docker"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "config.json"), json);
    }
}
