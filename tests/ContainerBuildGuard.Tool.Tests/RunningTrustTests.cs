using System.Text.Json;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>Containers of a real engine whose images came from a real registry, one signed as the policy asks and one not.</summary>
[TestClass]
public sealed class RunningTrustTests
{
    private const string Code = "CBG2447";
    private static readonly DirectoryInfo Folder = Directory.CreateTempSubdirectory("cbg-running-trust-");

    public required TestContext TestContext { get; init; }

    [ClassCleanup]
    public static void Delete() => Folder.Delete(recursive: true);

    [TestMethod]
    public async Task Docker_containers_of_unsigned_images_are_found()
    {
        await using var docker = DockerServer.IsAvailable && RegistryServer.IsAvailable ? await DockerServer.StartAsync() : null;
        if (docker is null)
        {
            Assert.Inconclusive("A Docker daemon or a registry does not run here.");
            return;
        }

        await JudgesAsync(docker.Socket, docker.RunAsync, []);
    }

    [TestMethod]
    public async Task Podman_containers_of_unsigned_images_are_found()
    {
        await using var podman = PodmanServer.IsAvailable && RegistryServer.IsAvailable ? await PodmanServer.StartAsync() : null;
        if (podman is null)
        {
            Assert.Inconclusive("Podman or a registry does not run here.");
            return;
        }

        await JudgesAsync(podman.Socket, podman.RunAsync, ["--tls-verify=false"]);
    }

    private async Task JudgesAsync(string socket, Func<string[], Task<ProcessResult>> engine, string[] pullOptions)
    {
        await using var registry = await RegistryServer.StartAsync();
        var key = Path.Combine(Folder.FullName, Path.GetRandomFileName());
        await DoneAsync("keys", "generate", "--output-key-prefix", key);
        var policy = key + ".yaml";
        await File.WriteAllTextAsync(policy, $"trust:\n  - images: ['localhost:*/covered/*']\n    signed-by: [{{ key: {Path.GetFileName(key)}.pub }}]\n", TestContext.CancellationToken);
        foreach (var (name, repository) in new[] { ("signed", "covered/signed"), ("unsigned", "covered/unsigned"), ("stranger", "elsewhere") })
        {
            var image = await TinyImage.PushAsync(registry, repository, TestContext.CancellationToken);
            if (name == "signed")
            {
                await DoneAsync("sign", image, "--key", key + ".key");
            }

            await OkAsync(["pull", .. pullOptions, image]);
            await OkAsync(["create", "--name", name, image, "/program"]);
        }

        // An image that no registry has: whether it is signed cannot be known, which is not the same as unsigned.
        await OkAsync(["commit", "unsigned", "made-here:1"]);
        await OkAsync(["create", "--name", "local", "made-here:1", "/program"]);

        var (findings, reason) = await AuditAsync();
        CollectionAssert.AreEquivalent(new[] { "unsigned high", "stranger medium" }, findings);
        Assert.Contains("1 could not be asked", reason);

        // Signing it is the remedy.
        await DoneAsync("sign", $"{registry.Host}/covered/unsigned:1.0", "--key", key + ".key");
        CollectionAssert.AreEquivalent(new[] { "stranger medium" }, (await AuditAsync()).Findings);

        // No registry is asked offline, so that nothing is found out but what no rule covers.
        (findings, reason) = await AuditAsync("--offline");
        CollectionAssert.AreEquivalent(new[] { "stranger medium" }, findings);
        Assert.Contains("3 could not be asked", reason);

        async Task OkAsync(string[] arguments)
        {
            var result = await engine(arguments);
            Assert.AreEqual(0, result.ExitCode, result.Output);
        }

        async Task<(string[] Findings, string Reason)> AuditAsync(params string[] options)
        {
            var audit = await Cbg.RunAsync(["audit", "containers", "--host", $"unix://{socket}", "--policy", policy, "--format", "json", .. options]);
            using var json = JsonDocument.Parse(audit.Output);
            return ([.. json.RootElement.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("code").GetString() == Code)
                    .Select(f => $"{f.GetProperty("location").GetProperty("path").GetString()} {f.GetProperty("severity").GetString()}")],
                json.RootElement.GetProperty("checks").EnumerateArray().Single(c => c.GetProperty("code").GetString() == Code).GetProperty("reason").GetString()!);
        }
    }

    private static async Task DoneAsync(params string[] arguments)
    {
        var run = await Cbg.RunAsync(arguments);
        Assert.AreEqual(0, run.ExitCode, run.Error);
    }
}
