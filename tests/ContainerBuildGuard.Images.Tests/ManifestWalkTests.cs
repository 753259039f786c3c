using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Images;

[TestClass]
public sealed class ManifestWalkTests
{
    private readonly MemoryBlobStore _blobs = new();

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Nested_indexes_lead_to_their_images_and_artifacts_are_kept_as_manifests()
    {
        var attestation = Manifest("amd64", mediaType: "application/vnd.in-toto+json") with { Platform = new Platform("unknown", "unknown") };
        var root = Index(Index(Manifest("amd64"), attestation), Manifest("arm64"));
        await using var set = await OpenAsync(root);
        CollectionAssert.AreEqual(new[] { "linux/amd64", "linux/arm64" }, set.Images.Select(i => i.Platform.ToString()).ToArray());
        Assert.HasCount(5, set.Manifests);
        Assert.AreEqual(root.Digest, set.Manifests[^1].Descriptor.Digest);
    }

    [TestMethod]
    public async Task The_index_s_word_chooses_the_image_as_it_does_in_an_engine()
    {
        // What runs under linux/arm64 is what the index lists there, whatever its configuration says.
        var disguised = Manifest("s390x") with { Platform = new Platform("linux", "arm64", "v8") };
        await using var set = await OpenAsync(Index(Manifest("amd64"), disguised), "linux/arm64");
        Assert.AreEqual(disguised.Digest, set.Images.Single().Digest);
    }

    [TestMethod]
    public async Task The_nearest_variant_is_chosen()
    {
        Descriptor Of(string variant) => Manifest($"arm-{variant}") with { Platform = new Platform("linux", "arm", variant) };
        var root = Index(Of("v5"), Of("v6"), Of("v8"));
        await using var set = await OpenAsync(root, "linux/arm/v7");
        Assert.AreEqual("arm-v6", set.Images.Single().Config.Architecture);
        await using var all = await OpenAsync(root, "linux/arm");
        Assert.HasCount(3, all.Images);
    }

    [TestMethod]
    public async Task An_image_that_hides_among_unknown_platforms_is_an_image()
    {
        var hidden = Manifest("amd64") with { Platform = new Platform("unknown", "unknown") };
        await using var set = await OpenAsync(Index(Manifest("arm64"), hidden));
        Assert.HasCount(2, set.Images);
    }

    [TestMethod]
    [DataRow("application/vnd.custom.config+json")]
    [DataRow("application/octet-stream")]
    public async Task An_image_with_a_strange_configuration_type_is_an_image(string configType)
    {
        await using var set = await OpenAsync(Manifest("amd64", configType: configType));
        Assert.HasCount(1, set.Images);
    }

    [TestMethod]
    public async Task An_artifact_with_tar_layers_and_no_file_system_is_none()
    {
        await using var set = await OpenAsync(Manifest("amd64", configType: "application/vnd.custom.config+json", config: new JsonObject { ["name"] = "chart" }));
        Assert.IsEmpty(set.Images);
    }

    [TestMethod]
    public async Task A_missing_platform_is_not_found_and_those_there_are_named()
    {
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(Index(Manifest("amd64"), Manifest("arm64")), "windows/amd64"));
        Assert.AreEqual(ImageError.NotFound, error.Error);
        Assert.Contains("linux/amd64, linux/arm64", error.Message);
    }

    [TestMethod]
    public async Task Depth_and_number_of_manifests_are_limited()
    {
        var deep = Manifest("amd64");
        for (var i = 0; i < 6; i++)
        {
            deep = Index(deep);
        }

        Assert.AreEqual(ImageError.LimitExceeded, (await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(deep))).Error);
        var wide = Index([.. Enumerable.Range(0, 20).Select(i => Index([.. Enumerable.Range(0, 20).Select(j => Manifest($"a{i}-{j}"))]))]);
        Assert.AreEqual(ImageError.LimitExceeded, (await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(wide))).Error);
    }

    [TestMethod]
    public async Task An_index_that_repeats_itself_is_walked_once()
    {
        var level = Manifest("amd64");
        for (var i = 0; i < 4; i++)
        {
            level = Index([.. Enumerable.Repeat(level, 200)]);
        }

        await using var set = await OpenAsync(level);
        Assert.HasCount(1, set.Images);
        Assert.HasCount(5, set.Manifests);
    }

    [TestMethod]
    public async Task A_manifest_that_is_named_an_index_is_refused()
    {
        var manifest = Manifest("amd64");
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(Index(manifest with { MediaType = MediaTypes.OciIndex })));
        Assert.AreEqual(ImageError.Malformed, error.Error);
    }

    [TestMethod]
    public async Task Metadata_over_its_limit_is_not_read()
    {
        var manifest = Manifest("amd64");
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(Index(manifest with { Size = 500L << 20 })));
        Assert.AreEqual(ImageError.LimitExceeded, error.Error);
        Assert.Contains("4194304", error.Message);
    }

    private Task<ImageSet> OpenAsync(Descriptor root, string? platform = null) =>
        ManifestWalk.OpenAsync("test", root, _blobs, null, new ImageSourceOptions { Platform = platform is null ? null : Platform.Parse(platform) }, TestContext.CancellationToken);

    private Descriptor Manifest(string architecture, string mediaType = MediaTypes.OciLayerGzip, string configType = MediaTypes.OciConfig, JsonObject? config = null)
    {
        var layer = Descriptor.Of(mediaType, Encoding.UTF8.GetBytes(architecture));
        config ??= new JsonObject { ["architecture"] = architecture, ["os"] = "linux", ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(layer.Digest.ToString()) } };
        return Add(MediaTypes.OciManifest, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Add(configType, config).ToJson(),
            ["layers"] = new JsonArray(layer.ToJson()),
        });
    }

    private Descriptor Index(params Descriptor[] manifests) => Add(MediaTypes.OciIndex, new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciIndex,
        ["manifests"] = new JsonArray([.. manifests.Select(m => (JsonNode)m.ToJson())]),
    });

    private Descriptor Add(string mediaType, JsonObject json) => _blobs.Add(mediaType, Encoding.UTF8.GetBytes(json.ToJsonString()));
}
