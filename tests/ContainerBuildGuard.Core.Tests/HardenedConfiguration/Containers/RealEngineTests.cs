using System.Formats.Tar;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Containers that a real engine created with bad options. They are created and not started: that works wherever an engine runs.</summary>
[TestClass]
public sealed class RealEngineTests
{
    private static readonly (string Code, string[] Options)[] Bad =
    [
        ("CBG2401", ["--privileged"]), ("CBG2402", ["--user", "0"]), ("CBG2403", ["--cap-add", "SYS_ADMIN"]), ("CBG2404", ["--cap-add", "IPC_LOCK"]), ("CBG2405", []),
        ("CBG2408", ["--security-opt", "seccomp=unconfined"]), ("CBG2409", []), ("CBG2410", ["--network", "host"]), ("CBG2411", ["--pid", "host"]), ("CBG2412", ["--ipc", "host"]), ("CBG2413", ["--uts", "host"]),
        ("CBG2417", ["-v", "/var/run/docker.sock:/s:ro"]), ("CBG2418", ["-v", "/etc:/host-etc"]), ("CBG2420", []), ("CBG2421", []), ("CBG2423", []),
        ("CBG2424", ["-p", "127.0.0.1:99:80"]), ("CBG2425", ["-p", "18080:80"]), ("CBG2426", ["--expose", "22"]), ("CBG2428", ["--device", "/dev/null"]), ("CBG2429", ["--restart", "always"]),
        ("CBG2430", ["--ulimit", "core=-1:-1"]), ("CBG2435", ["-e", "DB_PASSWORD=abc123"]), ("CBG2441", ["--sysctl", "net.ipv4.ip_forward=1"]), ("CBG2444", ["--log-driver", "none"]), ("CBG2446", ["-p", "15432:5432"]),
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Docker_containers_created_with_bad_options_are_found()
    {
        await using var docker = DockerServer.IsAvailable ? await DockerServer.StartAsync() : null;
        if (docker is null)
        {
            Assert.Inconclusive("A Docker daemon does not run here.");
            return;
        }

        var address = new EngineEndpoint(new Uri($"unix://{docker.Socket}"));
        await ImportAsync((name, file) => docker.RunAsync("import", file, name));
        await FindsAsync(address, options => docker.RunAsync(["create", .. options, "cbg-test:1", "/program"]), []);
        await WatchesAsync(address, () => docker.RunAsync("create", "--name", "late", "--privileged", "cbg-test:1", "/program"));
    }

    [TestMethod]
    public async Task Podman_containers_created_with_bad_options_are_found()
    {
        await using var podman = PodmanServer.IsAvailable ? await PodmanServer.StartAsync() : null;
        if (podman is null)
        {
            Assert.Inconclusive("Podman does not run here.");
            return;
        }

        await ImportAsync((name, file) => podman.RunAsync("import", file, name));
        await FindsAsync(new EngineEndpoint(new Uri($"unix://{podman.Socket}")), options => podman.RunAsync(["create", .. options, "cbg-test:1", "/program"]), ["CBG2444"]);
    }

    private static async Task ImportAsync(Func<string, string, Task<ProcessResult>> import)
    {
        var folder = Directory.CreateTempSubdirectory("cbg-import-");
        try
        {
            var file = Path.Combine(folder.FullName, "root.tar");
            await using (var writer = new TarWriter(File.Create(file), TarEntryFormat.Pax))
            {
                await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "program") { Mode = (UnixFileMode)0b111_101_101, DataStream = new MemoryStream("x"u8.ToArray()) });
            }

            var result = await import("cbg-test:1", file);
            Assert.AreEqual(0, result.ExitCode, result.Output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Each bad option in a container of its own, named by its rule; what this engine cannot create is left out, and must be few.</summary>
    private async Task FindsAsync(EngineEndpoint address, Func<string[], Task<ProcessResult>> create, string[] otherwise)
    {
        var created = new List<string>();
        foreach (var (code, options) in Bad.Where(b => !otherwise.Contains(b.Code)))
        {
            if ((await create(["--name", code, .. options])) is { ExitCode: 0 })
            {
                created.Add(code);
            }
        }

        Assert.IsGreaterThan(Bad.Length - 6, created.Count, string.Join(", ", created));
        var result = await ContainerAudit.RunAsync(address, Policy.Default, null, TimeProvider.System, TestContext.CancellationToken);
        var missed = created.Where(code => !result.Findings.Any(f => f.Code == code && f.Location.Path == code));
        Assert.AreEqual("", string.Join(", ", missed));
        Assert.Contains($"asked of {created.Count} containers", result.Asked!);
        Assert.AreEqual(Verdict.Refused, result.Verdict);
    }

    private async Task WatchesAsync(EngineEndpoint address, Func<Task<ProcessResult>> create)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        var watch = ContainerAudit.WatchAsync(address, Policy.Default, null, TimeProvider.System, limit.Token).GetAsyncEnumerator(limit.Token);
        await using var _ = watch;
        Assert.IsTrue(await watch.MoveNextAsync());
        Assert.DoesNotContain("late", watch.Current.Findings.Select(f => f.Location.Path));
        Assert.AreEqual(0, (await create()).ExitCode);

        // What was created just before the list may be told of again first.
        do
        {
            Assert.IsTrue(await watch.MoveNextAsync());
        }
        while (!watch.Current.Findings.Any(f => f.Location.Path == "late"));
        Assert.Contains("CBG2401", watch.Current.Findings.Select(f => f.Code));
    }
}
