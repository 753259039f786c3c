using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Registries;

[TestClass]
public sealed class ReferrersTests
{
    private static readonly byte[] Empty = "{}"u8.ToArray();

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task What_is_attached_is_found_with_and_without_the_API(bool api)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.HasReferrersApi = api;
        fixture.Registry.PageSize = 2;
        var image = RegistryFixture.Build(1);
        await fixture.PushAsync(image, "app", "1.0", TestContext.CancellationToken);
        using var client = new RegistryClient(fixture.Options);
        for (var i = 0; i < 5; i++)
        {
            await AttachAsync(client, fixture, image, $"application/vnd.test.{i % 2}", i);
        }

        Assert.HasCount(5, (await client.GetReferrersAsync(fixture.Host, "app", image.Digest, TestContext.CancellationToken)).Found);
        Assert.HasCount(2, (await client.GetReferrersAsync(fixture.Host, "app", image.Digest, TestContext.CancellationToken, "application/vnd.test.1")).Found);
        Assert.AreEqual(!api, fixture.Registry.Manifests.ContainsKey($"app:{RegistryClient.FallbackTag(image.Digest)}"));
    }

    [TestMethod]
    public async Task Nothing_attached_is_an_empty_list()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.HasReferrersApi = false;
        using var client = new RegistryClient(fixture.Options);
        Assert.IsEmpty((await client.GetReferrersAsync(fixture.Host, "app", Digest.Sha256("x"u8), TestContext.CancellationToken)).Found);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task What_is_attached_is_found_at_the_registry_and_at_its_mirrors(bool api)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        await using var mirror = await RegistryFixture.StartAsync();
        fixture.Registry.HasReferrersApi = mirror.Registry.HasReferrersApi = api;
        var image = RegistryFixture.Build(1);
        ImageException? missed = null;
        foreach (var place in (RegistryFixture[])[fixture, mirror])
        {
            await place.PushAsync(image, "app", "1.0", TestContext.CancellationToken);
            using var direct = new RegistryClient(place.Options);
            await AttachAsync(direct, place, image, "application/vnd.test.both", 0);
            await AttachAsync(direct, place, image, "application/vnd.test.one", place == fixture ? 1 : 2);
        }

        Assert.HasCount(3, await FindAsync(new RegistryMirror(mirror.Host)));
        Assert.HasCount(api ? 3 : 2, await FindAsync(new RegistryMirror(mirror.Host, DigestOnly: true)));
        Assert.HasCount(2, await FindAsync(new RegistryMirror("localhost:1")));
        Assert.IsNull(missed, "the registry itself was asked");
        fixture.Faults.Add(new Fault("GET", "/", FaultKind.Reset) { Times = 1000 });
        Assert.HasCount(2, await FindAsync(new RegistryMirror(mirror.Host)), "the registry is gone, the mirror is there");
        Assert.AreEqual(ImageError.Unreachable, missed?.Error, "and there may be more");
        var lost = await Assert.ThrowsExactlyAsync<ImageException>(() => FindAsync(new RegistryMirror("localhost:1")));
        Assert.AreEqual(ImageError.Unreachable, lost.Error, "nobody could be asked, which is no empty list");

        async Task<IReadOnlyList<Descriptor>> FindAsync(RegistryMirror of)
        {
            using var client = new RegistryClient(fixture.Options with { Attempts = 1, Hosts = [new RegistryHost { Name = fixture.Host, Mirrors = [of] }] });
            (var found, missed) = await client.GetReferrersAsync(fixture.Host, "app", image.Digest, TestContext.CancellationToken);
            return found;
        }
    }

    [TestMethod]
    public async Task An_entry_that_another_writer_lost_is_written_again()
    {
        var image = RegistryFixture.Build(1);
        var tag = RegistryClient.FallbackTag(image.Digest);
        var thieves = 2;
        await using var fixture = await RegistryFixture.StartAsync(registry => async context =>
        {
            await registry.ServeAsync(context);
            if (context.Request.Method == "PUT" && context.Request.Path.ToString().EndsWith(tag, StringComparison.Ordinal) && thieves-- > 0)
            {
                // Another writer, which read the list before, writes it without the new entry.
                registry.PutManifest("app", tag, MediaTypes.OciIndex, Encoding.UTF8.GetBytes("""{"schemaVersion":2,"manifests":[]}"""));
            }
        });
        fixture.Registry.HasReferrersApi = false;
        fixture.Registry.Put("app", "1.0", image);
        using var client = new RegistryClient(fixture.Options);
        await AttachAsync(client, fixture, image, "application/vnd.test", 1);
        Assert.HasCount(1, (await client.GetReferrersAsync(fixture.Host, "app", image.Digest, TestContext.CancellationToken)).Found);
        Assert.HasCount(2, fixture.Time.Pauses);
    }

    [TestMethod]
    public async Task A_list_that_cannot_be_kept_is_an_error()
    {
        var image = RegistryFixture.Build(1);
        var tag = RegistryClient.FallbackTag(image.Digest);
        await using var fixture = await RegistryFixture.StartAsync(registry => async context =>
        {
            await registry.ServeAsync(context);
            registry.Manifests.TryRemove($"app:{tag}", out _);
        });
        fixture.Registry.HasReferrersApi = false;
        fixture.Registry.Put("app", "1.0", image);
        using var client = new RegistryClient(fixture.Options);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => AttachAsync(client, fixture, image, "application/vnd.test", 1));
        Assert.Contains("does not keep", error.Message);
    }

    [TestMethod]
    public async Task A_fallback_tag_that_is_no_list_is_not_written_over()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.HasReferrersApi = false;
        var image = RegistryFixture.Build(1);
        fixture.Registry.Put("app", "1.0", image);
        fixture.Registry.Put("app", RegistryClient.FallbackTag(image.Digest), image);
        using var client = new RegistryClient(fixture.Options);
        await Assert.ThrowsExactlyAsync<ImageException>(() => AttachAsync(client, fixture, image, "application/vnd.test", 1));
        Assert.AreEqual(MediaTypes.OciManifest, fixture.Registry.Manifests[$"app:{RegistryClient.FallbackTag(image.Digest)}"].MediaType);
    }

    [TestMethod]
    public async Task A_failing_API_is_not_taken_for_an_empty_list()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Faults.Add(new Fault("GET", "/referrers/", FaultKind.Status) { Status = 500, Times = int.MaxValue });
        using var client = new RegistryClient(fixture.Options);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => client.GetReferrersAsync(fixture.Host, "app", Digest.Sha256("x"u8), TestContext.CancellationToken));
        Assert.AreEqual(ImageError.Unreachable, error.Error);
    }

    private async Task AttachAsync(RegistryClient client, RegistryFixture fixture, Image image, string type, int number)
    {
        var config = Descriptor.Of(MediaTypes.OciEmpty, Empty);
        await client.PushBlobAsync(fixture.Host, "app", config, _ => new(new MemoryStream(Empty)), [], TestContext.CancellationToken);
        var manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["artifactType"] = type,
            ["config"] = config.ToJson(),
            ["layers"] = new JsonArray(config.ToJson()),
            ["subject"] = image.Descriptor.ToJson(),
            ["annotations"] = new JsonObject { ["number"] = $"{number}" },
        }.ToJsonString());
        await client.AttachAsync(fixture.Host, "app", image.Digest, Descriptor.Of(MediaTypes.OciManifest, manifest) with { ArtifactType = type }, manifest, TestContext.CancellationToken);
    }
}
