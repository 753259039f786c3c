using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Images.Registries;

/// <summary>Foreign layers (Windows base images) are named as such, neither fetched from wherever a manifest says nor pushed.</summary>
[TestClass]
public sealed class ForeignLayerTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(MediaTypes.DockerLayerForeign)]
    [DataRow("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")]
    [DataRow("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd")]
    public async Task A_foreign_layer_that_the_registry_lacks_is_named(string mediaType)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var (image, foreign) = WithForeignLayer(mediaType);
        fixture.Registry.PutManifest("app", "1.0", image.Manifest.MediaType, image.ManifestBytes.ToArray());
        fixture.Registry.Blobs[$"app@{image.Manifest.Config.Digest}"] = image.ConfigBytes.ToArray();
        await using var set = await fixture.OpenAsync("app:1.0", TestContext.CancellationToken);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => set.Images.Single().Blobs.OpenAsync(foreign, TestContext.CancellationToken).AsTask());
        Assert.AreEqual(ImageError.Unsupported, error.Error);
        Assert.Contains("foreign", error.Message);
        Assert.Contains(mediaType, error.Message);
    }

    [TestMethod]
    public async Task A_foreign_layer_is_not_pushed()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var (image, foreign) = WithForeignLayer(MediaTypes.DockerLayerForeign);
        await fixture.PushAsync(image, "app", "1.0", TestContext.CancellationToken);
        Assert.IsEmpty(fixture.Server.Requests.Where(r => r.Contains(foreign.Digest.Hex, StringComparison.Ordinal)));
    }

    private static (Image Image, Descriptor Foreign) WithForeignLayer(string mediaType)
    {
        var image = RegistryFixture.Build(1, 100);
        var foreign = Descriptor.Of(mediaType, "elsewhere"u8) with { Urls = ["https://elsewhere.example/layer"] };
        var bytes = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = image.Manifest.Config.ToJson(),
            ["layers"] = new JsonArray(foreign.ToJson(), image.Manifest.Layers[0].ToJson()),
        }.ToJsonString());
        return (image with { Descriptor = Descriptor.Of(MediaTypes.OciManifest, bytes), ManifestBytes = bytes, Manifest = ManifestParser.ParseManifest(bytes) }, foreign);
    }
}
