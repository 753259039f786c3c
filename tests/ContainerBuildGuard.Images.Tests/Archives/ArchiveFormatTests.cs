using System.IO.Compression;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>Archives of every format and compression, right and hostile.</summary>
[TestClass]
public sealed class ArchiveFormatTests : IDisposable
{
    private readonly ArchiveFile _archive = new();
    private readonly Image _one = new ImageBuilder().User("1").Layer(l => l.File("a", "one")).Build();
    private readonly Image _two = new ImageBuilder().User("2").Layer(l => l.File("a", "two")).Build();

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _archive.Dispose();

    [TestMethod]
    [DataRow("plain")]
    [DataRow("gzip")]
    [DataRow("zstd")]
    public async Task Each_compression_is_read_and_leaves_nothing_behind(string compression)
    {
        var padding = Random.Shared.Next(1 << 20);
        _archive.AddLayout([_one.Descriptor], _one).Add("padding", new byte[padding]).Write();
        var length = new FileInfo(_archive.Path).Length;
        _archive.Write(compression switch
        {
            "gzip" => s => new GZipStream(s, CompressionLevel.Fastest),
            "zstd" => s => new ZstdSharp.CompressionStream(s),
            _ => null,
        });
        await using (var set = await OpenAsync($"oci-archive:{_archive.Path}"))
        {
            Assert.AreEqual(_one.Digest, set.Root.Digest);
            await ReadLayersAsync(set);
            Assert.HasCount(compression == "plain" ? 0 : 1, Inflated(length));
        }

        Assert.IsEmpty(Inflated(length));
    }

    [TestMethod]
    public async Task A_concatenated_gzip_is_read_whole()
    {
        _archive.AddLayout([_one.Descriptor], _one).Write();
        var plain = await File.ReadAllBytesAsync(_archive.Path, TestContext.CancellationToken);
        await using (var file = File.Create(_archive.Path))
        {
            foreach (var part in (byte[][])[plain[..700], plain[700..]])
            {
                await using var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
                await gzip.WriteAsync(part, TestContext.CancellationToken);
            }
        }

        await using var set = await OpenAsync(_archive.Path);
        await ReadLayersAsync(set);
    }

    [TestMethod]
    [DataRow("BZh91AY", ImageError.Unsupported, "bzip2")]
    [DataRow("\u001f\u008b\u0008damaged", ImageError.Malformed, "inflated")]
    public async Task What_cannot_be_inflated_is_refused(string content, ImageError expected, string words)
    {
        await File.WriteAllBytesAsync(_archive.Path, content.Select(c => (byte)c).ToArray(), TestContext.CancellationToken);
        var error = await RefusedAsync(expected);
        Assert.Contains(words, error.Message);
    }

    [TestMethod]
    public async Task A_bomb_is_stopped_at_the_limit()
    {
        _archive.Add("zeros", new byte[50_000_000]).Write(s => new GZipStream(s, CompressionLevel.Fastest));
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => ImageSource.OpenAsync(_archive.Path, new ImageSourceOptions { Limits = new ImageLimits { ArchiveBytes = 1 << 20 } }, TestContext.CancellationToken));
        Assert.AreEqual(ImageError.LimitExceeded, error.Error);
        Assert.Contains("1048576", error.Message);
    }

    [TestMethod]
    public async Task Of_several_images_one_is_named()
    {
        var first = _one.Descriptor with { Annotations = _one.Descriptor.Annotations.Add("org.opencontainers.image.ref.name", "1.0") };
        var second = _two.Descriptor with { Annotations = _two.Descriptor.Annotations.Add("io.containerd.image.name", "docker.io/library/two:2.0") };
        _archive.AddLayout([first, second], _one, _two).Write();
        Assert.Contains("1.0, docker.io/library/two:2.0", (await RefusedAsync(ImageError.InvalidReference)).Message);
        foreach (var (name, expected) in ((string, Image)[])[("1.0", _one), ("two:2.0", _two), ("docker.io/library/two:2.0", _two), ("@1", _two)])
        {
            await using var set = await OpenAsync($"oci-archive:{_archive.Path}:{name}");
            Assert.AreEqual(expected.Digest, set.Root.Digest);
        }

        Assert.Contains("1.0", (await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync($"oci-archive:{_archive.Path}:3.0"))).Message);
    }

    [TestMethod]
    public async Task A_Docker_archive_is_read_by_name_and_its_layers_by_diff_id()
    {
        DockerArchive((_one, ["one:1", "one:latest"]), (_two, ["registry.example/two:1"])).Write();
        await RefusedAsync(ImageError.InvalidReference);
        foreach (var (name, user) in ((string, string)[])[("one:1", "1"), ("docker.io/library/one:latest", "1"), ("registry.example/two:1", "2"), ("@1", "2")])
        {
            await using var set = await OpenAsync($"docker-archive:{_archive.Path}:{name}");
            Assert.AreEqual(user, set.Images.Single().Config.User);
            await ReadLayersAsync(set);
        }
    }

    [TestMethod]
    public async Task A_layer_that_repeats_as_a_link_is_read()
    {
        var image = new ImageBuilder().Layer(l => l.File("a", "same")).Layer(l => l.File("a", "same")).Build();
        var layer = image.Manifest.Layers[0];
        _archive.Add("config.json", image.ConfigBytes.ToArray())
            .Add("x/layer.tar", Inflate(ArchiveFile.Content(image, layer)))
            .Link("y/layer.tar", "../x/layer.tar")
            .Add("manifest.json", System.Text.Json.Nodes.JsonNode.Parse("""[{"Config":"config.json","RepoTags":null,"Layers":["x/layer.tar","y/layer.tar"]}]""")!)
            .Write();
        await using var set = await OpenAsync($"docker-archive:{_archive.Path}");
        Assert.AreEqual(MediaTypes.DockerLayerTar, set.Images.Single().Manifest.Layers[1].MediaType);
        await ReadLayersAsync(set);
    }

    [TestMethod]
    public async Task A_plain_layer_that_is_not_its_diff_id_is_no_layer()
    {
        _archive.Add("config.json", _one.ConfigBytes.ToArray()).Add("layer.tar", Inflate(ArchiveFile.Content(_two, _two.Manifest.Layers[0])))
            .Add("manifest.json", System.Text.Json.Nodes.JsonNode.Parse("""[{"Config":"config.json","Layers":["layer.tar"]}]""")!).Write();
        await using var set = await OpenAsync(_archive.Path);
        Assert.AreEqual(ImageError.DigestMismatch, (await Assert.ThrowsExactlyAsync<ImageException>(() => ReadLayersAsync(set))).Error);
    }

    [TestMethod]
    public async Task Both_formats_at_once_must_say_the_same()
    {
        _archive.AddLayout([_one.Descriptor], _one, _two).AddDockerManifest((_one, ["a:1"])).Write();
        await using (await OpenAsync(_archive.Path))
        {
        }

        using var other = new ArchiveFile();
        other.AddLayout([_one.Descriptor], _one, _two).AddDockerManifest((_two, ["a:1"])).Write();
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(other.Path));
        Assert.AreEqual(ImageError.Malformed, error.Error);
        Assert.Contains("another by its manifest.json", error.Message);
    }

    [TestMethod]
    public async Task Entries_that_repeat_must_be_equal()
    {
        _archive.AddLayout([_one.Descriptor], _one, _one).Write();
        await using (var set = await OpenAsync(_archive.Path))
        {
            await ReadLayersAsync(set);
        }

        using var other = new ArchiveFile();
        other.AddLayout([_two.Descriptor], _two).AddLayout([_one.Descriptor], _one).Write();
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(other.Path));
        Assert.AreEqual(ImageError.Malformed, error.Error);
        Assert.Contains("several times", error.Message);
    }

    [TestMethod]
    public async Task Platforms_that_an_engine_did_not_export_are_absent()
    {
        var index = System.Text.Encoding.UTF8.GetBytes(new System.Text.Json.Nodes.JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new System.Text.Json.Nodes.JsonArray(_one.Descriptor.ToJson(), _two.Descriptor.ToJson()),
        }.ToJsonString());
        var root = Descriptor.Of(MediaTypes.OciIndex, index);
        _archive.AddLayout([root], _one).AddBlob(root.Digest, index).Write();
        await using var set = await OpenAsync(_archive.Path);
        Assert.AreEqual(_one.Digest, set.Images.Single().Digest);
        Assert.AreEqual(_two.Digest, set.Absent.Single().Digest);
    }

    [TestMethod]
    public async Task An_archive_that_lacks_what_it_names_is_malformed()
    {
        _archive.AddLayout([_one.Descriptor]).Write();
        await RefusedAsync(ImageError.Malformed);
    }

    [TestMethod]
    [DataRow("repositories", "older than 1.10")]
    [DataRow("readme.txt", "lacks index.json")]
    public async Task A_tar_that_is_no_image_archive_says_so(string entry, string words)
    {
        _archive.Add(entry, "{}"u8.ToArray()).Write();
        Assert.Contains(words, (await RefusedAsync(ImageError.Unsupported)).Message);
    }

    [TestMethod]
    public async Task Too_many_entries_are_over_the_limit()
    {
        for (var i = 0; i < 20; i++)
        {
            _archive.Add($"{i}", []);
        }

        _archive.Write();
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => ImageSource.OpenAsync(_archive.Path, new ImageSourceOptions { Limits = new ImageLimits { ArchiveEntries = 10 } }, TestContext.CancellationToken));
        Assert.AreEqual(ImageError.LimitExceeded, error.Error);
    }

    [TestMethod]
    public async Task A_layout_folder_is_recognised_and_its_version_read()
    {
        _archive.AddLayout([_one.Descriptor], _one).Write();
        var folder = Directory.CreateTempSubdirectory("cbg-layout:with-a-colon-");
        await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(_archive.Path, folder.FullName, overwriteFiles: true, TestContext.CancellationToken);
        foreach (var reference in (string[])[folder.FullName, $"oci:{folder.FullName}", $"oci:{folder.FullName}:@0"])
        {
            await using var set = await OpenAsync(reference);
            Assert.AreEqual(_one.Digest, set.Root.Digest);
        }

        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "oci-layout"), """{"imageLayoutVersion":"2.0.0"}""", TestContext.CancellationToken);
        Assert.AreEqual(ImageError.Unsupported, (await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(folder.FullName))).Error);
        folder.Delete(recursive: true);
    }

    private ArchiveFile DockerArchive(params (Image Image, string[] Names)[] images)
    {
        foreach (var (image, _) in images)
        {
            _archive.AddBlob(image.Manifest.Config.Digest, image.ConfigBytes.ToArray());
            foreach (var layer in image.Manifest.Layers)
            {
                _archive.AddBlob(layer.Digest, ArchiveFile.Content(image, layer));
            }
        }

        return _archive.AddDockerManifest(images);
    }

    private Task<ImageSet> OpenAsync(string reference) => ImageSource.OpenAsync(reference, new ImageSourceOptions(), TestContext.CancellationToken);

    private async Task<ImageException> RefusedAsync(ImageError expected)
    {
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => OpenAsync(_archive.Path));
        Assert.AreEqual(expected, error.Error, error.Message);
        return error;
    }

    private async Task ReadLayersAsync(ImageSet set)
    {
        foreach (var layer in set.Images.Single().Manifest.Layers)
        {
            await using var stream = await set.Images.Single().Blobs.OpenAsync(layer, TestContext.CancellationToken);
            await stream.CopyToAsync(Stream.Null, TestContext.CancellationToken);
        }
    }

    private static byte[] Inflate(byte[] gzip)
    {
        using var stream = new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>Temporary copies of this test's archive, known by its length.</summary>
    private static List<string> Inflated(long length) =>
        [.. Directory.EnumerateDirectories(Path.GetTempPath(), "cbg-??????").Select(d => Path.Combine(d, "image.tar")).Where(f => File.Exists(f) && new FileInfo(f).Length == length)];
}
