using System.Text.Json;

namespace ContainerBuildGuard.Tool.Tests;

[TestClass]
public sealed class AuditHostTests
{
    [TestMethod]
    public async Task Json_has_one_entry_for_every_rule_and_no_colour()
    {
        var run = await Cbg.RunAsync("audit", "host", "--format", "json", "--fail-on", "none");
        using var report = JsonDocument.Parse(run.Output);
        Assert.AreEqual(1, report.RootElement.GetProperty("schemaVersion").GetInt32());
        Assert.AreEqual("passed", report.RootElement.GetProperty("verdict").GetString());
        var checks = report.RootElement.GetProperty("checks").EnumerateArray().ToArray();
        Assert.IsGreaterThan(120, checks.Length);
        Assert.AreEqual("all", report.RootElement.GetProperty("profile").GetString());
        Assert.IsInRange(0, 100, report.RootElement.GetProperty("score").GetInt32());
        Assert.AreEqual(0, run.ExitCode);
        Assert.DoesNotContain("\u001b", run.Output);
    }

    [TestMethod]
    public async Task A_finding_at_the_threshold_refuses()
    {
        var host = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var config = Path.Combine(host, "config.json");
        Directory.CreateDirectory(host);
        try
        {
            await File.WriteAllTextAsync(config, $$"""{ "auths": { "registry.corp": { "auth": "{{"bWU6" + "c2VjcmV0"}}" } } }""");
            if (!OperatingSystem.IsLinux())
            {
                Assert.Inconclusive("The audit is for Linux.");
                return;
            }

            File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            Environment.SetEnvironmentVariable("DOCKER_CONFIG", host);
            var run = await Cbg.RunAsync("audit", "host", "--fail-on", "high");
            Assert.AreEqual(1, run.ExitCode);
            Assert.Contains("host: refused", run.Output);
            Assert.Contains("registry.corp", run.Output);
            Assert.DoesNotContain("c2VjcmV0", run.Output + run.Error);
        }
        finally
        {
            Environment.SetEnvironmentVariable("DOCKER_CONFIG", null);
            Directory.Delete(host, recursive: true);
        }
    }

    [TestMethod]
    public async Task A_file_is_written_whole_or_not_at_all()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            var file = Path.Combine(folder, "host.json");
            var run = await Cbg.RunAsync("audit", "host", "--format", "json", "--fail-on", "none", "--output", file);
            Assert.AreEqual("", run.Output);
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(file));
            Assert.HasCount(1, Directory.GetFiles(folder));

            var lost = await Cbg.RunAsync("audit", "host", "--output", Path.Combine(folder, "absent", "host.json"));
            Assert.AreEqual(3, lost.ExitCode);
            Assert.StartsWith("error CBG9012: ", lost.Error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
