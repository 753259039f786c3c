using System.Security.Cryptography;
using System.Text.Json;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary><c>cbg secrets</c> as somebody lives with it: baseline, allowance, own detectors, and the question whether a credential is live.</summary>
[TestClass]
public sealed class SecretsTests
{
    private static readonly string Token = $"glpat-{Text(20)}";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string Sources => Path.Combine(_folder.FullName, "src");

    private string Baseline => Path.Combine(_folder.FullName, "secrets.baseline.json");

    [TestInitialize]
    public void Prepare() => Directory.CreateDirectory(Sources);

    [TestCleanup]
    public void CleanUp() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task A_secret_refuses_and_its_file_is_named()
    {
        Write("deep/app.txt", $"token {Token}\n");
        var run = await Cbg.RunAsync("secrets", Sources, "--format", "json");
        Assert.AreEqual(1, run.ExitCode, run.Error);
        var finding = Findings(run).Single();
        Assert.AreEqual("deep/app.txt", finding.GetProperty("location").GetProperty("path").GetString());
        Assert.AreEqual(1, finding.GetProperty("location").GetProperty("line").GetInt32());
        Assert.AreEqual(JsonValueKind.Null, finding.GetProperty("liveness").ValueKind);
        Assert.DoesNotContain(Token[8..], run.Output + run.Error);
    }

    [TestMethod]
    public async Task A_baseline_that_was_written_lets_the_known_pass_and_refuses_the_new()
    {
        Write("app.txt", $"token {Token}\n");
        var written = await Cbg.RunAsync("secrets", Sources, "--write-baseline", Baseline);
        Assert.AreEqual(0, written.ExitCode, written.Error);
        Assert.Contains("Wrote 1 secrets", written.Error);
        Assert.DoesNotContain(Token[8..], await File.ReadAllTextAsync(Baseline));

        var known = await Cbg.RunAsync("secrets", Sources, "--baseline", Baseline);
        Assert.AreEqual(0, known.ExitCode, known.Output);
        Assert.Contains("1 waived", known.Output);
        Assert.Contains("known: in the baseline secrets.baseline.json", known.Output);

        Write("policy.yaml", "version: 1\ncontrols:\n  secrets-management:\n    baseline: ../secrets.baseline.json\n");
        Assert.AreEqual(0, (await Cbg.RunAsync("secrets", Sources, "--policy", Path.Combine(Sources, "policy.yaml"))).ExitCode);

        Write("new.txt", $"token glpat-{Text(20)}\n");
        var added = await Cbg.RunAsync("secrets", Sources, "--baseline", Baseline);
        Assert.AreEqual(1, added.ExitCode, added.Output);
        Assert.Contains("new.txt", added.Output);
    }

    [TestMethod]
    public async Task An_allowance_in_the_file_is_counted_and_its_reason_told()
    {
        Write("app.yml", $"# cbg:allow-secret CBG4004 a token of the test server\ntoken: {Token}\n");
        var run = await Cbg.RunAsync("secrets", Sources);
        Assert.AreEqual(0, run.ExitCode, run.Output);
        Assert.Contains("no findings, 1 waived", run.Output);
        Assert.Contains("allowed in the file: a token of the test server", run.Output);
    }

    [TestMethod]
    public async Task A_detector_of_the_policy_finds_its_own_form()
    {
        var policy = Path.Combine(_folder.FullName, "policy.yaml");
        await File.WriteAllTextAsync(policy, "version: 1\ncontrols:\n  secrets-management:\n    detectors:\n      - name: contoso-key\n        description: Contoso key\n        keywords: [cto_live_]\n        pattern: 'cto_live_[A-Za-z0-9]{32}'\n");
        Write("app.txt", $"use cto_live_{Text(32)} here\n");
        Assert.AreEqual(0, (await Cbg.RunAsync("secrets", Sources)).ExitCode);
        var run = await Cbg.RunAsync("secrets", Sources, "--policy", policy);
        Assert.AreEqual(1, run.ExitCode, run.Output);
        Assert.Contains("CBG4009  Contoso key in app.txt", run.Output);
    }

    [TestMethod]
    public async Task Asking_whether_it_is_live_and_asking_nobody_exclude_each_other()
    {
        Write("app.txt", $"token {Token}\n");
        var run = await Cbg.RunAsync("secrets", Sources, "--verify-live", "--offline");
        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains("leave one of them out", run.Error);
        Assert.AreEqual("", run.Output);
    }

    [TestMethod]
    public async Task Where_no_service_can_be_asked_nothing_is_sent()
    {
        Write("app.txt", $"token {Token}\n");
        var run = await Cbg.RunAsync("secrets", Sources, "--verify-live", "--format", "json");
        Assert.AreEqual("", run.Error);
        Assert.AreEqual(JsonValueKind.Null, Findings(run).Single().GetProperty("liveness").ValueKind);
    }

    private static JsonElement.ArrayEnumerator Findings(Cbg run) => JsonDocument.Parse(run.Output).RootElement.GetProperty("findings").EnumerateArray();

    private static string Text(int length) => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);

    private void Write(string path, string text)
    {
        var full = Path.Combine(Sources, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
