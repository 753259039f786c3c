using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;
using Microsoft.AspNetCore.Http;

namespace ContainerBuildGuard.Images.Engines;

/// <summary>An engine's API, good and bad, inside the test.</summary>
[TestClass]
public sealed class EngineApiTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("cbg-home-");
    private readonly Image _image = new ImageBuilder().Layer(l => l.File("a", new string('a', 10_000))).Build();

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _home.Delete(recursive: true);

    [TestMethod]
    public async Task An_image_is_read_and_its_archive_deleted()
    {
        await using var server = await StartAsync();
        await using (var set = await OpenAsync(server))
        {
            Assert.AreEqual(_image.Digest, set.Root.Digest);
        }

        Assert.Contains("GET /images/get?names=team%2Fapp%3A1", server.Requests.ToArray());
    }

    [TestMethod]
    public async Task An_engine_behind_TLS_is_spoken_to_with_the_users_certificates()
    {
        using var authority = new PrivateAuthority();
        await using var server = await StartAsync(certificate: authority.IssueServer());
        await File.WriteAllTextAsync(Path.Combine(_home.FullName, "ca.pem"), authority.Pem, TestContext.CancellationToken);
        var engine = Engine(server, ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", _home.FullName));
        await using var set = await EngineSource.OpenAsync("docker-daemon:x", engine, "x", new ImageSourceOptions(), TestContext.CancellationToken);
        Assert.AreEqual(_image.Digest, set.Root.Digest);
    }

    [TestMethod]
    public async Task An_engine_whose_certificate_does_not_verify_is_not_used()
    {
        using var authority = new PrivateAuthority();
        await using var server = await StartAsync(certificate: authority.IssueServer());
        var engine = Engine(server, ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", _home.FullName));
        await Assert.ThrowsExactlyAsync<ImageException>(() => EngineSource.OpenAsync("docker-daemon:x", engine, "x", new ImageSourceOptions(), TestContext.CancellationToken));
        Assert.IsEmpty(server.Requests);
    }

    [TestMethod]
    [DataRow(404, """{"message":"reference does not exist"}""", ImageError.NotFound)]
    [DataRow(500, """{"message":"reference does not exist"}""", ImageError.NotFound)]
    [DataRow(500, """{"message":"disk on fire"}""", ImageError.Unreachable)]
    public async Task An_engine_that_refuses_is_quoted(int status, string body, ImageError expected)
    {
        await using var server = await StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(server));
        Assert.AreEqual(expected, error.Error);
        Assert.AreEqual(body.Contains("fire", StringComparison.Ordinal), error.Message.Contains("fire", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow(FaultKind.Truncate)]
    [DataRow(FaultKind.Reset)]
    public async Task An_engine_that_breaks_off_gives_no_image(FaultKind kind)
    {
        await using var server = await StartAsync();
        server.Faults.Add(new Fault("GET", "/images/get", kind));
        Assert.AreEqual(ImageError.Unreachable, (await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(server))).Error);
    }

    [TestMethod]
    public async Task An_export_over_the_limit_is_stopped()
    {
        await using var server = await StartAsync();
        var options = new ImageSourceOptions { Limits = new ImageLimits { ArchiveBytes = 4096 } };
        Assert.AreEqual(ImageError.LimitExceeded, (await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(server, options))).Error);
    }

    [TestMethod]
    [DataRow("""{"stream":"Loaded image: app:1"}""", null)]
    [DataRow("""{"stream":"Loading"}§{"errorDetail":{"message":"no space"},"error":"no space"}""", "no space")]
    public async Task A_load_that_fails_in_the_middle_is_an_error(string answer, string? words)
    {
        var received = 0L;
        await using var server = await StartAsync(async context =>
        {
            using var copy = new MemoryStream();
            await context.Request.Body.CopyToAsync(copy);
            received = copy.Length;
            await context.Response.WriteAsync(answer.Replace('§', '\n'));
        });
        using var archive = new MemoryStream(new byte[300_000]);
        var load = Engine(server).LoadAsync(archive, TestContext.CancellationToken);
        if (words is null)
        {
            await load;
        }
        else
        {
            Assert.Contains(words, (await Assert.ThrowsExactlyAsync<ImageException>(() => load)).Message);
        }

        Assert.AreEqual(300_000, received);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("--output=/etc/passwd")]
    public async Task What_would_be_an_option_is_no_name(string name) =>
        await Assert.ThrowsExactlyAsync<ImageException>(() => ContainerEngine.Docker.SaveAsync(name, "x", ImageLimits.Default, TestContext.CancellationToken));

    private Task<LoopbackServer> StartAsync(RequestDelegate? serve = null, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null) => LoopbackServer.StartAsync(context => context.Request.Path.Value switch
    {
        "/_ping" => context.Response.WriteAsync("OK"),
        _ when serve is not null => serve(context),
        _ => WriteArchiveAsync(context),
    }, certificate);

    private async Task WriteArchiveAsync(HttpContext context)
    {
        using var archive = new MemoryStream();
        await OciArchiveWriter.WriteAsync(_image, "team/app", ["1"], archive, context.RequestAborted);
        await context.Response.Body.WriteAsync(archive.ToArray());
    }

    private Task<ImageSet> OpenAsync(LoopbackServer server, ImageSourceOptions? options = null) =>
        EngineSource.OpenAsync("docker-daemon:team/app:1", Engine(server), "team/app:1", options ?? new ImageSourceOptions(), TestContext.CancellationToken);

    private ContainerEngine Engine(LoopbackServer server, params (string Name, string Value)[] more) =>
        new("docker", name => name == "DOCKER_HOST" ? $"tcp://{server.Host}" : name == "HOME" ? _home.FullName : more.FirstOrDefault(m => m.Name == name).Value);
}
