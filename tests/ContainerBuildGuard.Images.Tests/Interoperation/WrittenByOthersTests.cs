using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Interoperation;

/// <summary>Images that the field's programs write are read.</summary>
[TestClass]
public sealed class WrittenByOthersTests : IDisposable
{
    private readonly DirectoryInfo _folder = Programs.CreateFolder();

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("oci-archive:{0}/out.tar:copy:1", null, "oci-archive:{0}/out.tar")]
    [DataRow("oci:{0}/out:copy", null, "oci:{0}/out:copy")]
    [DataRow("docker-archive:{0}/out.tar:copy:1", null, "docker-archive:{0}/out.tar:copy:1")]
    [DataRow("oci:{0}/out:zstd", "--dest-compress --dest-compress-format=zstd", "{0}/out")]
    public async Task Skopeo(string destination, string? options, string reference)
    {
        Programs.Require("skopeo");
        var image = await Programs.WriteLayoutAsync(At("layout"), cancellationToken: TestContext.CancellationToken);
        var copy = await ProcessRunner.RunAsync("skopeo", ["copy", "-q", .. options?.Split(' ') ?? [], $"oci:{At("layout")}:made:1.0", Of(destination)]);
        Assert.AreEqual(0, copy.ExitCode, copy.Output);
        var (set, paths) = await Programs.ReadAsync(Of(reference), TestContext.CancellationToken);
        Check(set, paths);
        Assert.AreEqual(options is null && !destination.StartsWith("docker", StringComparison.Ordinal), image.Digest == set.Root.Digest);
        if (options?.Contains("zstd", StringComparison.Ordinal) == true)
        {
            Assert.AreEqual(MediaTypes.OciLayerZstd, set.Images[0].Manifest.Layers[0].MediaType);
        }
    }

    [TestMethod]
    [DataRow("oci-archive")]
    [DataRow("docker-archive")]
    public async Task Podman(string format)
    {
        Programs.Require("podman", "skopeo");
        Programs.RequireRoot();
        await Programs.WriteLayoutAsync(At("layout"), cancellationToken: TestContext.CancellationToken);
        string[] own = ["--root", At("root"), "--runroot", At("run"), "--storage-driver", "vfs"];
        await ProcessRunner.MustAsync("podman", [.. own, "pull", "-q", $"oci:{At("layout")}:made:1.0"]);
        var id = (await ProcessRunner.MustAsync("podman", [.. own, "images", "-q"])).Trim();
        await ProcessRunner.MustAsync("podman", [.. own, "tag", id, "localhost/made:1.0"]);
        await ProcessRunner.MustAsync("podman", [.. own, "save", "-q", "--format", format, "-o", At("out.tar"), "localhost/made:1.0"]);
        var (set, paths) = await Programs.ReadAsync($"{format}:{At("out.tar")}:localhost/made:1.0", TestContext.CancellationToken);
        Check(set, paths);
    }

    [TestMethod]
    [DataRow("oci:{0}/out:built", "{0}/out")]
    [DataRow("docker-archive:{0}/out.tar:built:1", "{0}/out.tar")]
    public async Task Buildah(string destination, string reference)
    {
        Programs.Require("buildah");
        Programs.RequireRoot();
        await Programs.WriteLayoutAsync(At("layout"), cancellationToken: TestContext.CancellationToken);
        string[] own = ["--root", At("root"), "--runroot", At("run"), "--storage-driver", "vfs"];
        var container = (await ProcessRunner.MustAsync("buildah", [.. own, "from", "-q", $"oci:{At("layout")}:made:1.0"])).Trim();
        await File.WriteAllTextAsync(At("added.txt"), "added", TestContext.CancellationToken);
        await ProcessRunner.MustAsync("buildah", [.. own, "copy", "-q", container, At("added.txt"), "/app/added.txt"]);
        await ProcessRunner.MustAsync("buildah", [.. own, "commit", "-q", container, Of(destination)]);
        var (set, paths) = await Programs.ReadAsync(Of(reference), TestContext.CancellationToken);
        Check(set, paths);
        Assert.Contains("app/added.txt", paths);
    }

    [TestMethod]
    public async Task Umoci()
    {
        Programs.Require("umoci");
        await Programs.WriteLayoutAsync(At("layout"), "1.0", TestContext.CancellationToken);
        await ProcessRunner.MustAsync("umoci", "tag", "--image", $"{At("layout")}:made:1.0", "second");
        await File.WriteAllTextAsync(At("added.txt"), "added", TestContext.CancellationToken);
        await ProcessRunner.MustAsync("umoci", "insert", "--image", $"{At("layout")}:second", At("added.txt"), "/app/added.txt");
        await ProcessRunner.MustAsync("umoci", "config", "--image", $"{At("layout")}:second", "--config.user", "1655");
        var (set, paths) = await Programs.ReadAsync($"oci:{At("layout")}:second", TestContext.CancellationToken);
        Assert.AreEqual("1655", set.Images.Single().Config.User);
        Assert.Contains("app/added.txt", paths);
        Assert.Contains("app/data.bin", paths);
    }

    private static void Check(ImageSet set, HashSet<string> paths)
    {
        Assert.AreEqual("1654", set.Images.Single().Config.User);
        Assert.Contains("app/data.bin", paths);
        Assert.Contains("etc/passwd", paths);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private string Of(string template) => template.Replace("{0}", _folder.FullName, StringComparison.Ordinal);
}
