using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Registries;

[TestClass]
public sealed class UploadTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_large_blob_goes_in_chunks()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        await PushAsync(fixture, 100_000, 30_000);
        Assert.HasCount(4, fixture.Server.Requests.Where(r => r.StartsWith("PATCH ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task The_registrys_least_chunk_is_kept()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.LeastChunk = 60_000;
        await PushAsync(fixture, 100_000, 30_000);
        Assert.HasCount(2, fixture.Server.Requests.Where(r => r.StartsWith("PATCH ", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow(FaultKind.Status)]
    [DataRow(FaultKind.Reset)]
    [DataRow(FaultKind.ResetInContent)]
    [DataRow(FaultKind.LoseAnswer)]
    public async Task A_broken_chunk_costs_a_chunk(FaultKind kind)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Faults.Add(new Fault("PATCH", "/blobs/uploads/", kind) { Times = 2 });
        await PushAsync(fixture, 100_000, 30_000);
        Assert.HasCount(1, fixture.Server.Requests.Where(r => r.StartsWith("POST ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_session_that_the_registry_forgot_begins_anew()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Faults.Add(new Fault("PATCH", "/blobs/uploads/", FaultKind.Reset));
        fixture.Faults.Add(new Fault("GET", "/blobs/uploads/", FaultKind.Status) { Status = 404 });
        await PushAsync(fixture, 100_000, 30_000);
        Assert.HasCount(2, fixture.Server.Requests.Where(r => r.StartsWith("POST ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_registry_without_chunks_gets_the_whole()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.TakesChunks = false;
        await PushAsync(fixture, 100_000, 30_000);
        Assert.HasCount(1, fixture.Server.Requests.Where(r => r.StartsWith("PUT ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task What_the_repository_has_is_not_sent()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build();
        await fixture.PushAsync(image, "app", "1.0", TestContext.CancellationToken);
        fixture.Server.Requests.Clear();
        await fixture.PushAsync(image, "app", "2.0", TestContext.CancellationToken);
        Assert.IsEmpty(fixture.Server.Requests.Where(r => r.StartsWith("POST ", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Blobs_of_another_repository_are_mounted()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build();
        await fixture.PushAsync(image, "base", "1.0", TestContext.CancellationToken);
        fixture.Server.Requests.Clear();
        await fixture.PushAsync(image, "app", "1.0", TestContext.CancellationToken, null, "base");
        Assert.IsEmpty(fixture.Server.Requests.Where(r => r.StartsWith("PUT /v2/app/blobs", StringComparison.Ordinal)));
        Assert.AreEqual(image.Digest, (await fixture.PullAsync("app:1.0", TestContext.CancellationToken)).Root.Digest);
    }

    [TestMethod]
    public async Task Where_nothing_is_mounted_it_goes_into_the_session_that_the_registry_began_and_no_other_stays_open()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Mounts = false;
        await fixture.PushAsync(RegistryFixture.Build(), "app", "1.0", TestContext.CancellationToken, null, "base", "other");
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.AreEqual(0, fixture.Registry.OpenSessions);
        Assert.IsEmpty(fixture.Server.Requests.Where(r => r.StartsWith("POST ", StringComparison.Ordinal) && !r.Contains("?mount=", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void The_environment_of_the_SDK_sets_chunks_and_parallelism()
    {
        var options = new RegistryClientOptions(n => n switch { "SDK_CONTAINER_REGISTRY_CHUNKED_UPLOAD_SIZE_BYTES" => "4096", "DOTNET_CONTAINER_REGISTRY_PARALLEL_UPLOAD" => "false", _ => null });
        Assert.AreEqual(4096, options.ChunkBytes);
        Assert.AreEqual(1, options.Parallelism);
    }

    private async Task PushAsync(RegistryFixture fixture, int bytes, int chunk)
    {
        var content = new byte[bytes];
        new Random(1).NextBytes(content);
        using var client = new RegistryClient(fixture.Options with { ChunkBytes = chunk });
        var descriptor = Descriptor.Of(MediaTypes.OciLayerTar, content);
        await client.PushBlobAsync(fixture.Host, "app", descriptor, _ => new(new VerifyingStream(new MemoryStream(content), descriptor, "test")), [], TestContext.CancellationToken);
        CollectionAssert.AreEqual(content, fixture.Registry.Blobs[$"app@{descriptor.Digest}"]);
    }
}
