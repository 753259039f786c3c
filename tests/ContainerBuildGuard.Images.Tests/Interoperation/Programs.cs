using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Interoperation;

/// <summary>What the tests against real programs share.</summary>
internal static class Programs
{
    /// <summary>Skips a test whose programs this machine lacks.</summary>
    public static void Require(params string[] commands)
    {
        var missing = commands.Where(c => !ProcessRunner.Exists(c)).ToList();
        if (missing.Count > 0)
        {
            Assert.Inconclusive($"This machine lacks {string.Join(", ", missing)}.");
        }
    }

    /// <summary>Skips a test for whose programs this user may do too little.</summary>
    public static void RequireRoot()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("Engines of the test's own need root.");
        }
    }

    /// <summary>A small image that runs nothing, with files that no compression makes small, its layers as an archive in an OCI layout folder.</summary>
    public static async Task<Image> WriteLayoutAsync(string folder, string tag = "1.0", CancellationToken cancellationToken = default)
    {
        var content = new byte[300_000];
        new Random(7).NextBytes(content);
        var image = new ImageBuilder().User("1654").Entrypoint("/bin/app").Env("A=b").Label("made-by", "test")
            .Layer(l => l.Directory("bin").File("bin/app", "#!/bin/true\n", 0b111_101_101).File("etc/passwd", "root:x:0:0::/:\n"), "base")
            .Layer(l => l.File("app/data.bin", content).SymbolicLink("app/link", "data.bin"), "app").Build();
        Directory.CreateDirectory(folder);
        var archive = Path.Combine(folder, "image.tar");
        await using (var file = File.Create(archive))
        {
            await OciArchiveWriter.WriteAsync(image, "made", [tag], file, cancellationToken);
        }

        await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(archive, folder, overwriteFiles: true, cancellationToken);
        File.Delete(archive);
        return image;
    }

    /// <summary>Opens a reference, reads every layer to its end, which verifies digest and diff ID, and returns the paths in all of them.</summary>
    public static async Task<(ImageSet Set, HashSet<string> Paths)> ReadAsync(string reference, CancellationToken cancellationToken, RegistryClientOptions? options = null)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        await using var set = await ImageSource.OpenAsync(reference, new ImageSourceOptions { Registry = options ?? new RegistryClientOptions(_ => null) }, cancellationToken);
        foreach (var image in set.Images)
        {
            foreach (var (layer, diffId) in image.Manifest.Layers.Zip(image.Config.DiffIds))
            {
                await using var content = LayerStream.Open(await image.Blobs.OpenAsync(layer, cancellationToken), layer, diffId);
                using var reader = new TarReader(content);
                while (reader.MoveNext())
                {
                    paths.Add(reader.Current.Name.TrimStart('.', '/').TrimEnd('/'));
                }

                content.Finish();
            }
        }

        return (set, paths);
    }

    /// <summary>A folder for one test, all lower case: Podman and Buildah make a name of the path.</summary>
    public static DirectoryInfo CreateFolder() => Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"cbg-i-{Guid.NewGuid().ToString("N")[..8]}"));
}
