using System.Diagnostics;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Interoperation;

/// <summary>Docker and Podman of the test's own, through their API: what is loaded is what was meant, and is read back.</summary>
[TestClass]
public sealed class EngineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Programs.CreateFolder();

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task Docker_takes_the_image_gives_it_back_and_pulls_it()
    {
        if (!DockerServer.IsAvailable)
        {
            Assert.Inconclusive("This machine lacks dockerd, docker or root.");
        }

        await using var docker = await DockerServer.StartAsync();
        if (docker is null)
        {
            Assert.Inconclusive("This machine lacks what a Docker daemon needs.");
            return;
        }

        var engine = new ContainerEngine("docker", name => docker.Variables.GetValueOrDefault(name));
        var image = await RoundTripAsync(engine, "docker-daemon:made:1.0");
        var id = await docker.RunAsync("image", "inspect", "--format", "{{.Id}} {{.Config.User}}", "made:1.0");
        Assert.AreEqual($"{image.Manifest.Config.Digest} 1654", id.Output.Trim());

        Programs.Require("docker-registry");
        await using var registry = await RegistryServer.StartAsync();
        using var client = new RegistryClient(new RegistryClientOptions(_ => null));
        var set = new ImageSet { Reference = "made", Root = image.Descriptor, Manifests = [(image.Descriptor, image.ManifestBytes)], Images = [image] };
        await client.PushAsync(set, registry.Host, "team/app", [(image.Digest, "1.0")], [], TestContext.CancellationToken);
        var pulled = await docker.RunAsync("pull", "-q", $"{registry.Host}/team/app:1.0");
        Assert.AreEqual(0, pulled.ExitCode, pulled.Output);
        Assert.Contains(image.Digest.ToString(), (await docker.RunAsync("image", "inspect", "--format", "{{.RepoDigests}}", $"{registry.Host}/team/app:1.0")).Output);

        var missing = await Assert.ThrowsExactlyAsync<ImageException>(() => EngineSource.OpenAsync("docker-daemon:gone:1", engine, "gone:1", new ImageSourceOptions(), TestContext.CancellationToken));
        Assert.AreEqual(ImageError.NotFound, missing.Error);
    }

    [TestMethod]
    public async Task Podmans_service_takes_the_image_and_gives_it_back()
    {
        Programs.Require("podman");
        Programs.RequireRoot();
        var socket = Path.Combine(_folder.FullName, "podman.sock");
        using var service = Process.Start(new ProcessStartInfo("podman", ["--root", Path.Combine(_folder.FullName, "root"), "--runroot", Path.Combine(_folder.FullName, "run"), "--storage-driver", "vfs", "system", "service", "--time=0", $"unix://{socket}"]) { RedirectStandardError = true })!;
        service.ErrorDataReceived += (_, _) => { };
        service.BeginErrorReadLine();
        try
        {
            var engine = new ContainerEngine("podman", name => name == "CONTAINER_HOST" ? $"unix://{socket}" : null);
            using var http = EngineConnection.Open(new EngineEndpoint(new Uri($"unix://{socket}")))!;
            using var api = new EngineApi(http, "podman");
            for (var attempt = 0; await api.PingAsync(TestContext.CancellationToken) is { } reason; attempt++)
            {
                if (attempt == 100 || service.HasExited)
                {
                    Assert.Inconclusive($"This machine lacks what Podman's service needs ({reason}).");
                }

                await Task.Delay(100, TestContext.CancellationToken);
            }

            await RoundTripAsync(engine, "podman:docker.io/library/made:1.0");
            var missing = await Assert.ThrowsExactlyAsync<ImageException>(() => EngineSource.OpenAsync("podman:gone:1", engine, "localhost/gone:1", new ImageSourceOptions(), TestContext.CancellationToken));
            Assert.AreEqual(ImageError.NotFound, missing.Error, missing.Message);
        }
        finally
        {
            service.Kill(entireProcessTree: true);
            await service.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task<Image> RoundTripAsync(ContainerEngine engine, string reference)
    {
        var image = await Programs.WriteLayoutAsync(Path.Combine(_folder.FullName, "layout"), cancellationToken: TestContext.CancellationToken);
        var archive = Path.Combine(_folder.FullName, "load.tar");
        await using (var file = new FileStream(archive, FileMode.Create, FileAccess.ReadWrite))
        {
            await OciArchiveWriter.WriteAsync(image, "made", ["1.0"], file, TestContext.CancellationToken, forDocker: engine.Name == "docker");
            file.Position = 0;
            await engine.LoadAsync(file, TestContext.CancellationToken);
        }

        await using var set = await EngineSource.OpenAsync(reference, engine, reference[(reference.IndexOf(':', StringComparison.Ordinal) + 1)..], new ImageSourceOptions(), TestContext.CancellationToken);
        CollectionAssert.AreEqual(image.Config.DiffIds, set.Images.Single().Config.DiffIds);
        foreach (var (layer, diffId) in set.Images[0].Manifest.Layers.Zip(image.Config.DiffIds))
        {
            await using var content = LayerStream.Open(await set.Images[0].Blobs.OpenAsync(layer, TestContext.CancellationToken), layer, diffId);
            content.Finish();
        }

        return image;
    }
}
