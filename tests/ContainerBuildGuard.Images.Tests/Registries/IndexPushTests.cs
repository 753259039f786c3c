using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images.Archives;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Images.Registries;

/// <summary>An index as BuildKit writes it, with an attestation beside each image, arrives whole, also what is no image in it.</summary>
[TestClass]
public sealed class IndexPushTests : IDisposable
{
    private readonly ArchiveFile _archive = new();
    private readonly Image _amd64 = new ImageBuilder().Layer(l => l.File("a", "amd64")).Build();
    private readonly Image _arm64 = new ImageBuilder { Architecture = "arm64" }.Layer(l => l.File("a", "arm64")).Build();

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _archive.Dispose();

    [TestMethod]
    [DataRow(null)]
    [DataRow("linux/arm64")]
    public async Task Everything_that_the_index_lists_is_pushed(string? platform)
    {
        var (root, statement) = Write();
        await using var fixture = await RegistryFixture.StartAsync();
        await using var set = await ImageSource.OpenAsync(_archive.Path, new ImageSourceOptions { Platform = platform is null ? null : Platform.Parse(platform) }, TestContext.CancellationToken);
        using var client = new RegistryClient(fixture.Options);
        await client.PushAsync(set, fixture.Host, "app", [(root.Digest, "1.0"), (_arm64.Digest, "1.0-arm64")], [], TestContext.CancellationToken);
        var pulled = await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.AreEqual(root.Digest, pulled.Root.Digest);
        Assert.HasCount(2, pulled.Images);
        Assert.IsTrue(fixture.Registry.Blobs.ContainsKey($"app@{statement}"));
        Assert.AreEqual(_arm64.Digest, (await fixture.PullAsync("app:1.0-arm64", TestContext.CancellationToken)).Root.Digest);
    }

    [TestMethod]
    public async Task No_tag_moves_where_one_of_its_blobs_cannot_be_read()
    {
        var (root, statement) = Write(damaged: true);
        await using var fixture = await RegistryFixture.StartAsync();
        await using var set = await ImageSource.OpenAsync(_archive.Path, new ImageSourceOptions(), TestContext.CancellationToken);
        using var client = new RegistryClient(fixture.Options);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => client.PushAsync(set, fixture.Host, "app", [(root.Digest, "1.0")], [], TestContext.CancellationToken));
        Assert.AreEqual(ImageError.DigestMismatch, error.Error);
        Assert.Contains(statement.ToString(), error.Message);
        Assert.IsEmpty(fixture.Registry.Manifests);
    }

    private (Descriptor Root, Digest Statement) Write(bool damaged = false)
    {
        var statement = "an in-toto statement"u8.ToArray();
        var layer = Descriptor.Of("application/vnd.in-toto+json", statement);
        var config = Encoding.UTF8.GetBytes($$"""{"architecture":"unknown","os":"unknown","rootfs":{"type":"layers","diff_ids":["{{layer.Digest}}"]} }""");
        var manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Descriptor.Of(MediaTypes.OciConfig, config).ToJson(),
            ["layers"] = new JsonArray(layer.ToJson()),
        }.ToJsonString());
        var attestation = Descriptor.Of(MediaTypes.OciManifest, manifest) with { Platform = new Platform("unknown", "unknown") };
        var index = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JsonArray(_amd64.Descriptor.ToJson(), _arm64.Descriptor.ToJson(), attestation.ToJson()),
        }.ToJsonString());
        var root = Descriptor.Of(MediaTypes.OciIndex, index);
        statement[0] ^= (byte)(damaged ? 1 : 0);
        _archive.AddLayout([root], _amd64, _arm64).AddBlob(root.Digest, index).AddBlob(attestation.Digest, manifest)
            .AddBlob(Digest.Sha256(config), config).AddBlob(layer.Digest, statement).Write();
        return (root, layer.Digest);
    }
}
