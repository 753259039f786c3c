using System.Runtime.InteropServices;
using System.Text.Json;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>What everybody ships and nobody wrote gives no finding: the templates of the SDK, and the shared frameworks.</summary>
[TestClass]
public sealed class QuietSecretsTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    [TestCleanup]
    public void CleanUp() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("web")]
    [DataRow("worker")]
    [DataRow("blazor")]
    [DataRow("mvc")]
    public async Task A_template_of_the_SDK_is_quiet_as_sources_and_published(string template)
    {
        var (sources, published) = (Path.Combine(_folder.FullName, "src"), Path.Combine(_folder.FullName, "publish"));
        await ProcessRunner.MustAsync("dotnet", "new", template, "--name", "Shop", "--output", sources);
        await ProcessRunner.MustAsync("dotnet", "publish", sources, "--output", published, "--nologo", "-v", "quiet");
        await AssertQuietAsync(published, least: 4);
        Directory.Delete(Path.Combine(sources, "bin"), recursive: true);
        await AssertQuietAsync(sources, least: 4);
    }

    [TestMethod]
    [DataRow("Microsoft.NETCore.App")]
    [DataRow("Microsoft.AspNetCore.App")]
    public async Task A_shared_framework_is_quiet(string framework)
    {
        var shared = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", framework);
        if (!Directory.Exists(shared))
        {
            Assert.Inconclusive($"{framework} is not installed beside the runtime of this test.");
        }

        await AssertQuietAsync(Path.GetFullPath(shared), least: 100);
    }

    private static async Task AssertQuietAsync(string folder, int least)
    {
        Assert.IsGreaterThanOrEqualTo(least, Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count(), folder);
        var run = await Cbg.RunAsync("secrets", folder, "--format", "json", "--fail-on", "low");
        using var report = JsonDocument.Parse(run.Output);
        Assert.AreEqual("", string.Join('\n', report.RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("message").GetString())));
        Assert.AreEqual("[]", report.RootElement.GetProperty("gaps").GetRawText());
        Assert.AreEqual(0, run.ExitCode, run.Error);
    }
}
