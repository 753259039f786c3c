using System.Text.Json;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

[TestClass]
public sealed class AuditDeploymentTests
{
    private const string Baseline = "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: 'a:1' }] }\n";

    [TestMethod]
    public async Task The_sample_deployments_are_clean_and_restricted()
    {
        var folder = Path.Combine(Repository.Root, "samples", "deploy");
        var all = await Cbg.RunAsync("audit", "deployment", folder);
        Assert.AreEqual(0, all.ExitCode, all.Output);
        Assert.Contains("no findings", all.Output);
        var restricted = await Cbg.RunAsync("audit", "deployment", Path.Combine(folder, "kubernetes.yaml"), "--profile", "pss-restricted");
        Assert.AreEqual(0, restricted.ExitCode, restricted.Output);
    }

    [TestMethod]
    [DataRow(Baseline, "pss-baseline", 0)]
    [DataRow(Baseline, "pss-restricted", 1)]
    [DataRow("kind: [", "pss-baseline", 2)]
    [DataRow(Baseline + "---\nkind: [\n", "pss-baseline", 3)]
    [DataRow(Baseline + "---\nkind: [\n", "pss-restricted", 1)]
    [DataRow("a: 1", "pss-baseline", 2)]
    [DataRow("", "pss-baseline", 2)]
    public Task A_profile_alone_decides(string text, string profile, int exitCode) => WithFileAsync(text, async file =>
        Assert.AreEqual(exitCode, (await Cbg.RunAsync("audit", "deployment", file, "--profile", profile)).ExitCode));

    [TestMethod]
    public Task What_nine_in_ten_files_lack_does_not_refuse() => WithFileAsync("services: { web: { image: 'a:1' } }", async file =>
        Assert.AreEqual(0, (await Cbg.RunAsync("audit", "deployment", file)).ExitCode));

    [TestMethod]
    public Task Json_has_places_and_one_entry_for_every_rule() => WithFileAsync("services:\n  web: { image: 'a:1', privileged: true }\n", async file =>
    {
        var run = await Cbg.RunAsync("audit", "deployment", file, "--format", "json");
        Assert.AreEqual(1, run.ExitCode);
        using var report = JsonDocument.Parse(run.Output);
        Assert.AreEqual("refused", report.RootElement.GetProperty("verdict").GetString());
        Assert.IsGreaterThan(60, report.RootElement.GetProperty("checks").GetArrayLength());
        Assert.Contains("asked of 1 containers", report.RootElement.GetProperty("asked").GetString()!);
        var finding = report.RootElement.GetProperty("findings").EnumerateArray().Single(f => f.GetProperty("code").GetString() == "CBG2201");
        Assert.AreEqual("$.services.web.privileged", finding.GetProperty("location").GetProperty("jsonPath").GetString());
        Assert.AreEqual(2, finding.GetProperty("location").GetProperty("line").GetInt32());
        Assert.Contains("+  web: { image: 'a:1', privileged: false }", finding.GetProperty("patch").GetString()!);
    });

    [TestMethod]
    public Task Fix_edits_the_file_and_says_so() => WithFileAsync("services:\n  web:\n    image: a:1\n", async file =>
    {
        var run = await Cbg.RunAsync("audit", "deployment", file, "--fix");
        Assert.Contains("1 edits", run.Error);
        Assert.Contains("no-new-privileges:true", await File.ReadAllTextAsync(file));
    });

    [TestMethod]
    [DataRow("--profile", "pss-none")]
    [DataRow("--pss-version", "two")]
    public Task Wrong_values_are_wrong_usage(string option, string value) => WithFileAsync(Baseline, async file =>
        Assert.AreEqual(2, (await Cbg.RunAsync("audit", "deployment", file, option, value)).ExitCode));

    [TestMethod]
    [DataRow("ingress-controller.helm.yaml", 0, "9 documents")]
    [DataRow("certificates.kustomize.yaml", 0, "7 documents")]
    [DataRow("node-exporter.helm.yaml", 1, "2 documents")]
    [DataRow("delivery.kustomize.yaml", 1, "3 documents")]
    [DataRow("traefik.compose.yaml", 1, "1 documents")]
    public async Task What_helm_and_kustomize_write_is_read_from_standard_input(string project, int exitCode, string documents)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Core.Tests", "HardenedConfiguration", "Deployments", "Projects", project));
        var run = await Cbg.RunWithInputAsync(text, "audit", "deployment", "-", "--format", "json");
        Assert.AreEqual(exitCode, run.ExitCode, run.Error);
        using var report = JsonDocument.Parse(run.Output);
        Assert.Contains(documents, report.RootElement.GetProperty("asked").GetString()!);
        Assert.Contains("; 0 could not be read", report.RootElement.GetProperty("asked").GetString()!);
    }

    [TestMethod]
    [DataRow("", 2)]
    [DataRow("Error: INSTALLATION FAILED: chart not found\n", 2)]
    [DataRow(Baseline + "---\n{{ if .Values.on }}\nkind: Pod\n{{ end }}\n", 3)]
    public async Task Standard_input_that_is_no_manifest_never_passes(string text, int exitCode) =>
        Assert.AreEqual(exitCode, (await Cbg.RunWithInputAsync(text, "audit", "deployment", "-")).ExitCode);

    [TestMethod]
    public async Task Standard_input_over_the_limit_is_said_and_not_kept()
    {
        var run = await Cbg.RunWithInputAsync(new string('#', 33 << 20), "audit", "deployment", "-");
        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains("over the limit", run.Output);
    }

    [TestMethod]
    public async Task A_missing_file_is_wrong_input()
    {
        var run = await Cbg.RunAsync("audit", "deployment", "/nonexistent.yaml");
        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains("no such file", run.Output);
    }

    private static async Task WithFileAsync(string text, Func<string, Task> act)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var file = Path.Combine(folder.FullName, "a.yaml");
            await File.WriteAllTextAsync(file, text);
            await act(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
