using System.Text.Json;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>A base image that nobody changed gives no finding of secrets.</summary>
[TestClass]
public sealed class QuietTests
{
    [TestMethod]
    public async Task Debian_with_the_runtime_of_ASP_NET_Core_holds_no_secret()
    {
        Workbench.Require(true, "");
        var run = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["secrets", $"127.0.0.1:{Workbench.Registry.Port}/base/aspnet:10.0", "--platform", "linux/amd64", "--format", "json", "--fail-on", "low", "--no-cache"]);
        Assert.AreEqual(0, run.ExitCode, run.Output);
        using var report = JsonDocument.Parse(run.Output);
        Assert.AreEqual("[]", report.RootElement.GetProperty("findings").GetRawText());
        Assert.AreEqual("[]", report.RootElement.GetProperty("gaps").GetRawText());
    }
}
