using System.Text;

namespace ContainerBuildGuard.Images;

[TestClass]
public sealed class ManifestParserTests
{
    private const string Digest0 = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Config = $$"""{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest0}}","size":2}""";
    private const string Layer = $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{{Digest0}}","size":3}""";

    [TestMethod]
    [DataRow("")]
    [DataRow("""  "mediaType":"application/vnd.oci.image.manifest.v1+json", """)]
    [DataRow("""  "mediaType":"application/vnd.docker.distribution.manifest.v2+json", """)]
    public void A_manifest_is_read(string mediaType)
    {
        var manifest = ManifestParser.ParseManifest(Bytes($$"""{"schemaVersion":2,{{mediaType}}"config":{{Config}},"layers":[{{Layer}}],"unknown":1}"""));
        Assert.AreEqual(3, manifest.Layers.Single().Size);
    }

    [TestMethod]
    public void An_artifact_s_type_and_subject_are_read()
    {
        var manifest = ManifestParser.ParseManifest(Bytes($$"""{"schemaVersion":2,"artifactType":"application/x","config":{{Config}},"layers":[],"subject":{{Layer}} }"""));
        Assert.AreEqual("application/x", manifest.ArtifactType);
        Assert.AreEqual(3, manifest.Subject!.Size);
    }

    [TestMethod]
    public void An_index_and_its_platforms_are_read()
    {
        var index = ManifestParser.ParseIndex(Bytes($$"""{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{Digest0}}","size":5,"platform":{"os":"linux","architecture":"arm","variant":"v7"} }]}"""));
        Assert.AreEqual("linux/arm/v7", index.Manifests.Single().Platform!.ToString());
    }

    [TestMethod]
    [DataRow("""{"schemaVersion":1,"name":"x","fsLayers":[]}""", ImageError.Unsupported, "schema 1")]
    [DataRow("""{"schemaVersion":2,"mediaType":"application/vnd.unknown"}""", ImageError.Unsupported, "application/vnd.unknown")]
    [DataRow("""{"schemaVersion":2,"config":§config,"layers":[],"manifests":[]}""", ImageError.Malformed, "manifest and an index")]
    [DataRow("""{"schemaVersion":2,"config":§config,"layers":[],"Layers":[§layer]}""", ImageError.Malformed, "'Layers'")]
    [DataRow("""{"schemaVersion":2,"config":§config,"layers":[],"layerſ":[§layer]}""", ImageError.Malformed, "layer")]
    [DataRow("""{"schemaVersion":2,"config":§config,"layers":[],"layers":[§layer]}""", ImageError.Malformed, "layers")]
    [DataRow("""{"schemaVersion":2,"config":{"mediaType":"x","digest":"sha256:0","size":2},"layers":[]}""", ImageError.Malformed, "sha256:0")]
    [DataRow("""{"schemaVersion":2,"config":{"mediaType":"x","digest":"§digest","size":-2},"layers":[]}""", ImageError.Malformed, "negative")]
    [DataRow("""{"schemaVersion":2,"config":{"mediaType":"x","digest":"§digest","size":99999999999999999999},"layers":[]}""", ImageError.Malformed, "")]
    [DataRow("""{"schemaVersion":2,"config":§config}""", ImageError.Malformed, "'layers'")]
    [DataRow("""{"schemaVersion":2,"config":§config,"layers":null}""", ImageError.Malformed, "'layers'")]
    [DataRow("[]", ImageError.Malformed, "object")]
    [DataRow("", ImageError.Malformed, "")]
    [DataRow("{", ImageError.Malformed, "")]
    public void What_is_read_in_two_ways_or_in_none_is_refused(string json, ImageError expected, string words)
    {
        var bytes = Bytes(json.Replace("§config", Config, StringComparison.Ordinal).Replace("§layer", Layer, StringComparison.Ordinal).Replace("§digest", Digest0, StringComparison.Ordinal));
        var error = Assert.ThrowsExactly<ImageException>(() => ManifestParser.ParseManifest(bytes));
        Assert.AreEqual(expected, error.Error);
        Assert.Contains(words, error.Message);
    }

    [TestMethod]
    public void Depth_and_counts_are_limited()
    {
        Assert.AreEqual(ImageError.Malformed, Assert.ThrowsExactly<ImageException>(() => ManifestParser.ParseManifest(Bytes(new string('[', 100_000)))).Error);
        var layers = string.Join(',', Enumerable.Repeat(Layer, 1001));
        var error = Assert.ThrowsExactly<ImageException>(() => ManifestParser.ParseManifest(Bytes($$"""{"schemaVersion":2,"config":{{Config}},"layers":[{{layers}}]}""")));
        Assert.AreEqual(ImageError.LimitExceeded, error.Error);
        Assert.Contains("1000", error.Message);
        Assert.AreEqual(ImageError.LimitExceeded, Assert.ThrowsExactly<ImageException>(() => ManifestParser.ParseIndex(Bytes($$"""{"schemaVersion":2,"manifests":[{{layers}}]}"""))).Error);
    }

    [TestMethod]
    [DataRow("""{"os":"linux","config":{"User":"1654","user":"0"},"rootfs":{"type":"layers","diff_ids":[]}}""")]
    [DataRow("""{"os":"linux","config":{"User":"1654"},"Config":{"User":"0"},"rootfs":{"type":"layers","diff_ids":[]}}""")]
    [DataRow("""{"os":"linux","config":{"User":"1654","User":"0"},"rootfs":{"type":"layers","diff_ids":[]}}""")]
    [DataRow("""{"os":"linux","config":{"User":5},"rootfs":{"type":"layers","diff_ids":[]}}""")]
    [DataRow("""{"os":"linux","config":[],"rootfs":{"type":"layers","diff_ids":["x"]}}""")]
    [DataRow("""{"os":"linux"}""")]
    public void A_configuration_that_is_read_in_two_ways_or_in_none_is_refused(string json) =>
        Assert.AreEqual(ImageError.Malformed, Assert.ThrowsExactly<ImageException>(() => ConfigParser.Parse(Bytes(json))).Error);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
