using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>What MSBuild users expect of any target: logs, loggers, the multi-threaded build, Ctrl+C.</summary>
[TestClass]
public sealed class BuildBehaviourTests
{
    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task A_multi_threaded_build_is_guarded()
    {
        using var project = new GuardedProject();
        var refused = await project.PublishToRegistryAsync("-mt", "-p:ContainerUser=root");
        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        Assert.Contains("error CBG2001", refused.Output);
        await project.AssertNothingArrivedAsync();
        var passed = await project.PublishToRegistryAsync("-mt");
        Assert.AreEqual(0, passed.ExitCode, passed.Output);
        Assert.IsNotNull(await project.TagAsync());
    }

    [TestMethod]
    public async Task A_publish_after_another_is_rehearsed_beside_the_compiler()
    {
        using var project = new GuardedProject();
        var first = await project.PublishToRegistryAsync("-v:d");
        project.File("Program.cs", """Console.WriteLine("changed");""");
        var second = await project.PublishToRegistryAsync("-v:d");
        Assert.IsGreaterThan(Begin(first, "Csc"), Begin(first, "RehearseGuard"));
        Assert.IsLessThan(Begin(second, "Csc"), Begin(second, "RehearseGuard"));
        Assert.IsEmpty(Directory.GetFileSystemEntries(project.Folder, "*.rehearsal", SearchOption.AllDirectories));

        var other = await project.BuildAsync("-v:d");
        Assert.AreEqual(0, other.ExitCode, other.Output);
        Assert.DoesNotContain("RehearseGuard", other.Output);

        static int Begin(ProcessResult publish, string task)
        {
            Assert.AreEqual(0, publish.ExitCode, publish.Output);
            var begin = publish.Output.IndexOf($"Task \"{task}\"", StringComparison.Ordinal);
            Assert.IsGreaterThanOrEqualTo(0, begin, publish.Output);
            return begin;
        }
    }

    [TestMethod]
    public async Task A_binary_log_holds_neither_the_key_nor_a_secret_that_was_found()
    {
        var secret = "Gehe" + "im-" + Guid.NewGuid().ToString("N")[..8];
        var key = await File.ReadAllTextAsync(Workbench.PrivateKey);
        using var project = new GuardedProject().File("appsettings.json", $$"""{ "Main": "Server=db;Database=d;User Id=u;Password={{secret}}" }""");
        var result = await project.PublishAsync(
            new Dictionary<string, string?> { ["CBG_TEST_KEY"] = key },
            $"-p:ContainerRegistry={Workbench.Registry.Host}", "-p:ContainerBuildGuardKey=env://CBG_TEST_KEY", "-bl:log.binlog");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("error CBG4002", result.Output);
        var log = Inflate(Path.Combine(project.Folder, "log.binlog"));
        Assert.Contains("CBG_TEST_KEY", log);
        Assert.DoesNotContain(secret, log);
        Assert.DoesNotContain(key.Split('\n')[1], log);
    }

    [TestMethod]
    public async Task The_terminal_logger_shows_the_refusal()
    {
        using var project = new GuardedProject(properties: "<ContainerUser>root</ContainerUser>");
        var result = await project.PublishToRegistryAsync("-tl:on");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("CBG2001", result.Output);
        await project.AssertNothingArrivedAsync();
    }

    [TestMethod]
    public async Task Ctrl_C_during_the_push_ends_the_build_red()
    {
        using var silent = new SilentServer();
        using var project = new GuardedProject();
        await InterruptAsync(silent, project, silent.Host, "ContainerBuildGuard passed");
    }

    [TestMethod]
    public async Task Ctrl_C_while_the_base_is_looked_at_ends_the_build_red()
    {
        using var silent = new SilentServer();
        using var project = new GuardedProject(properties: $"<ContainerBaseImage>{silent.Host}/base/app:1</ContainerBaseImage>").File("containerbuildguard.yaml", "version: 1\nbase-images: { max-age: 30d }\n");
        await InterruptAsync(silent, project, Workbench.Registry.Host, "Building image");
    }

    private static async Task InterruptAsync(SilentServer silent, GuardedProject project, string registry, string never)
    {
        using var publish = project.StartPublish($"-p:ContainerRegistry={registry}");
        await Task.WhenAny(silent.Connected, publish.Ended);
        Assert.IsFalse(publish.Ended.IsCompleted, publish.Output);
        var waited = Stopwatch.StartNew();
        await ProcessRunner.MustAsync("kill", "-INT", $"{publish.Id}");
        Assert.AreEqual(1, await publish.Ended, publish.Output);
        Assert.IsLessThan(TimeSpan.FromSeconds(30), waited.Elapsed, publish.Output);
        Assert.DoesNotContain(never, publish.Output);
    }

    private static string Inflate(string path)
    {
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
