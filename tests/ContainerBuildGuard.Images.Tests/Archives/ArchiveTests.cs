using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Images;

[TestClass]
public sealed class ArchiveTests
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"cbg-{Path.GetRandomFileName()}.tar");

    public TestContext TestContext { get; set; } = null!;

    [TestCleanup]
    public void Clean() => File.Delete(_path);

    [TestMethod]
    public async Task A_written_archive_reads_back_with_the_same_digest()
    {
        var image = new ImageBuilder().User("1654").Layer(l => l.File("app/a.txt", "a")).Build();
        await WriteAsync(image);
        await using var set = await ImageSource.OpenAsync(_path, new ImageSourceOptions(), TestContext.CancellationToken);
        Assert.AreEqual(image.Digest, set.Root.Digest);
        Assert.AreEqual("1654", set.Images.Single().Config.User);
    }

    [TestMethod]
    public async Task A_truncated_archive_is_malformed()
    {
        await WriteAsync(new ImageBuilder().Layer(l => l.File("app/a.txt", new string('a', 100_000))).Build());
        await using (var file = File.OpenWrite(_path))
        {
            file.SetLength(700);
        }

        Assert.AreEqual(ImageError.Malformed, (await Assert.ThrowsExactlyAsync<ImageException>(() => ImageSource.OpenAsync(_path, new ImageSourceOptions(), TestContext.CancellationToken))).Error);
    }

    [TestMethod]
    public async Task What_is_no_archive_is_refused()
    {
        await File.WriteAllTextAsync(_path, "not a tar", TestContext.CancellationToken);
        Assert.AreEqual(ImageError.Malformed, (await Assert.ThrowsExactlyAsync<ImageException>(() => ImageSource.OpenAsync(_path, new ImageSourceOptions(), TestContext.CancellationToken))).Error);
    }

    [TestMethod]
    public async Task A_missing_archive_is_not_found() =>
        Assert.AreEqual(ImageError.NotFound, (await Assert.ThrowsExactlyAsync<ImageException>(() => ImageSource.OpenAsync($"oci-archive:{_path}", new ImageSourceOptions(), TestContext.CancellationToken))).Error);

    private async Task WriteAsync(Image image)
    {
        await using var file = File.Create(_path);
        await OciArchiveWriter.WriteAsync(image, "app", ["1.0"], file, TestContext.CancellationToken);
    }
}
