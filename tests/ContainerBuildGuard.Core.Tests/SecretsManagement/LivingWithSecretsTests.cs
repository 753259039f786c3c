using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Baselines, allowances in the file, and the policy's own detectors.</summary>
[TestClass]
public sealed class LivingWithSecretsTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public required TestContext TestContext { get; set; }

    [TestCleanup]
    public void CleanUp() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task A_baseline_knows_a_secret_again_without_holding_it()
    {
        var (known, added) = ("glpat-" + new Made(1).Fill("{w20}"), "glpat-" + new Made(2).Fill("{w20}"));
        var content = Path.Combine(_folder.FullName, "content");
        var baseline = Path.Combine(_folder.FullName, "secrets.baseline.json");
        Write("content/a.txt", $"token {known}\n");
        var recording = SecretBaseline.ForWriting(baseline);
        await ScanAsync(content, Policy.Default, recording);
        Assert.AreEqual(1, recording.Save());
        Assert.DoesNotContain(known[..8], await File.ReadAllTextAsync(baseline));

        // Moved to another file and line it is still known; another secret in the old place is not.
        Write("content/a.txt", $"\n\ntoken {added}\n");
        Write("content/b/c.txt", $"\n{known}\n");
        var findings = await ScanAsync(content, Policy.Default with { SecretBaseline = baseline });
        Assert.IsNull(findings.Single(f => f.Location.Path == "a.txt").Waiver);
        Assert.Contains("baseline", findings.Single(f => f.Location.Path == "b/c.txt").Waiver!.Reason);

        // Written anew it keeps its key, another baseline has another.
        Assert.AreEqual(SecretBaseline.Load(baseline).Version, SecretBaseline.ForWriting(baseline).Version);
        Assert.AreNotEqual(SecretBaseline.Load(baseline).Version, SecretBaseline.ForWriting(baseline + "2").Version);
        Assert.AreNotEqual(SecretsOptions.Of(Policy.Default).Version, SecretsOptions.Of(Policy.Default with { SecretBaseline = baseline }).Version);
    }

    [TestMethod]
    [DataRow("{}")]
    [DataRow("nothing")]
    [DataRow("""{"version":1,"key":"AAAA"}""")]
    [DataRow("""{"version":1,"key":"AAAA","secrets":[{}]}""")]
    public void What_is_no_baseline_is_an_error(string text)
    {
        Write("b.json", text);
        Assert.AreEqual("CBG9012", Assert.ThrowsExactly<GuardException>(() => SecretBaseline.Load(Path.Combine(_folder.FullName, "b.json"))).Code);
    }

    [TestMethod]
    [DataRow("token = \"{v}\" # cbg:allow-secret CBG4004 used against a fake", true)]
    [DataRow("# cbg:allow-secret CBG4004 used against a fake\ntoken = \"{v}\"", true)]
    [DataRow("<!-- cbg:allow-secret CBG4004 used against a fake -->\n<a>{v}</a>", true)]
    [DataRow("# cbg:allow-secret CBG4004\ntoken = \"{v}\"", false)]
    [DataRow("# cbg:allow-secret CBG4001 another rule\ntoken = \"{v}\"", false)]
    [DataRow("# cbg:allow-secret CBG4004 too far away\n\ntoken = \"{v}\"", false)]
    [DataRow("# cbg:allow-secret\ntoken = \"{v}\"", false)]
    public async Task An_allowance_needs_its_rule_a_reason_and_the_place(string text, bool isAllowed)
    {
        Write("a/app.txt", text.Replace("{v}", "glpat-" + new Made(1).Fill("{w20}"), StringComparison.Ordinal));
        var finding = (await ScanAsync(Path.Combine(_folder.FullName, "a"), Policy.Default)).Single();
        Assert.AreEqual(isAllowed, finding.Waiver is not null);
        Assert.AreEqual(isAllowed ? "allowed in the file: used against a fake" : null, finding.Waiver?.Reason);
    }

    [TestMethod]
    public async Task The_policys_own_detector_finds_its_form()
    {
        var policy = Load("""
            version: 1
            controls:
              secrets-management:
                detectors:
                  - name: contoso-key
                    description: Contoso key
                    keywords: [cto_live_]
                    pattern: 'cto_live_(?<secret>[A-Za-z0-9]{32})'
                    entropy: 3
                    allow: ['AAAA*']
            """);
        Write("a/one.txt", "cto_live_" + new Made(1).Fill("{w32}"));
        Write("a/two.txt", "cto_live_" + new string('b', 32));
        Write("a/three.txt", "cto_live_AAAA" + new Made(1).Fill("{w28}"));
        var finding = (await ScanAsync(Path.Combine(_folder.FullName, "a"), policy)).Single();
        Assert.AreEqual(("CBG4009", "one.txt"), (finding.Code, finding.Location.Path));
        Assert.Contains("Contoso key", finding.Message);
        Assert.AreNotEqual(SecretsOptions.Of(Policy.Default).Version, SecretsOptions.Of(policy).Version);
    }

    [TestMethod]
    [DataRow("name: x-1\n        keywords: [abcd]\n        pattern: '.*'", "matches everything")]
    [DataRow("name: x-1\n        keywords: [abcd]\n        pattern: '[a-z]+'", "matches everything")]
    [DataRow("name: x-1\n        keywords: [abcd]\n        pattern: '(?<=a)b'", "without backtracking")]
    [DataRow("name: x-1\n        keywords: [abcd]\n        pattern: '('", "without backtracking")]
    [DataRow("name: x-1\n        keywords: [abc]\n        pattern: 'abcd-[0-9]{9}'", "at least 4")]
    [DataRow("name: x-1\n        keywords: []\n        pattern: 'abcd-[0-9]{9}'", "keywords is empty")]
    [DataRow("name: X 1\n        keywords: [abcd]\n        pattern: 'abcd-[0-9]{9}'", "is not a name")]
    [DataRow("name: x-1\n        keywords: [abcd]", "needs pattern")]
    [DataRow("name: x-1\n        keywords: [abcd]\n        pattern: 'abcd-[0-9]{9}'\n        entropy: 9", "entropy")]
    public void A_detector_that_says_too_little_is_an_error(string detector, string message)
    {
        var text = $"version: 1\ncontrols:\n  secrets-management:\n    detectors:\n      - {detector}\n";
        Assert.Contains(message, Assert.ThrowsExactly<GuardException>(() => Load(text)).Message);
    }

    [TestMethod]
    public void Every_kind_has_a_remedy_of_its_own()
    {
        foreach (var rule in SecretsRules.All)
        {
            Assert.MatchesRegex("(?i)replace|change|revoke", SecretsRules.RemedyOf(rule));
        }
    }

    private static Policy Load(string text) => PolicyLoader.Parse(text, "containerbuildguard.yaml", RuleCatalog.Codes);

    private void Write(string path, string text)
    {
        var full = Path.Combine(_folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private async Task<IReadOnlyList<Finding>> ScanAsync(string path, Policy policy, SecretBaseline? recording = null) =>
        (await SecretFolderScan.ScanAsync(path, SecretsOptions.Of(policy, recording), TestContext.CancellationToken)).Findings;
}
