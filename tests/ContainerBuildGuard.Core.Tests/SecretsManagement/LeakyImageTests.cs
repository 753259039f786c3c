using System.IO.Compression;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Reports;
using ContainerBuildGuard.SecretsManagement.Corpus;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Images and folders with secrets: each is found at its place, and its value is in no output.</summary>
[TestClass]
public sealed class LeakyImageTests
{
    private const string Sdk = ".NET SDK Container Tooling, version 10";

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public async Task Forty_planted_secrets_are_found_at_forty_places_and_are_in_no_output()
    {
        var planted = PlantedSecrets.Files(new Made(77));
        Assert.HasCount(40, planted);
        var image = new ImageBuilder().Layer(l => planted.ToList().ForEach(f => l.File(f.Path, f.Content)), Sdk);
        var findings = await CheckAsync(image);
        CollectionAssert.IsSubsetOf(planted.Select(p => p.Path).ToList(), findings.Select(f => f.Location.Path).ToList());
        Assert.HasCount(40, findings.Select(f => f.Location.Path).Distinct().ToList());

        // A preview shows at most four characters and a quarter; anything longer of a value would be a leak.
        foreach (var text in await EveryOutputAsync(findings))
        {
            foreach (var (path, _, secret) in planted)
            {
                var longest = Math.Min(4, secret.Length / 4);
                Assert.DoesNotContain(secret.Substring(secret.Length / 2 - 3, 6 + longest), text, path);
                Assert.DoesNotContain(secret[..(longest + 4)], secret.StartsWith("-----", StringComparison.Ordinal) || secret.StartsWith('<') ? "" : text, path);
            }
        }
    }

    [TestMethod]
    public async Task A_clean_image_has_no_finding()
    {
        var innocent = InnocentCorpus.Build(5, heldOut: false).Where((_, i) => i % 7 == 0).ToList();
        var image = new ImageBuilder().Layer(l => innocent.ForEach(c => l.File($"app/{innocent.IndexOf(c)}/{c.Path}", c.Content)), Sdk);
        Assert.IsEmpty(await CheckAsync(image));
    }

    [TestMethod]
    public async Task A_file_that_a_later_layer_deletes_is_still_found()
    {
        var token = "glpat-" + new Made(4).Fill("{w20}");
        var finding = (await CheckAsync(new ImageBuilder().Layer(l => l.File("app/a.txt", token), Sdk).Layer(l => l.Whiteout("app/a.txt"), Sdk))).Single();
        Assert.Contains("still in the image", finding.Message);
    }

    [TestMethod]
    public async Task Utf16_is_read_to_its_end_whichever_byte_comes_first()
    {
        var token = "glpat-" + new Made(4).Fill("{w20}");
        var text = string.Concat(Enumerable.Repeat("a line of a long export\r\n", 4000)) + token + "\r\n";
        var image = new ImageBuilder().Layer(l => l.File("app/big.txt", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)]).File("app/little.txt", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]), Sdk);
        var limits = InspectionLimits.Default with { WindowBytes = 64 << 10, OverlapBytes = 8 << 10 };
        var findings = await CheckAsync(image, limits);
        CollectionAssert.AreEquivalent(new[] { "app/big.txt", "app/little.txt" }, findings.ConvertAll(f => f.Location.Path));
    }

    [TestMethod]
    public async Task An_archive_in_a_base_layer_is_opened_too()
    {
        var token = "glpat-" + new Made(4).Fill("{w20}");
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var writer = new StreamWriter(zip.CreateEntry("conf/app.yml").Open());
            writer.Write($"token: {token}\n");
        }

        var image = new ImageBuilder().Layer(l => l.File("opt/tool.jar", stream.ToArray())).Layer(l => l.File("app/a", "x"), Sdk);
        var finding = (await CheckAsync(image)).Single();
        Assert.AreEqual("opt/tool.jar", finding.Location.Path);
        Assert.Contains("!conf/app.yml", finding.Message);
    }

    [TestMethod]
    [DataRow(64 << 20, 1, 0)]
    [DataRow(4096, 0, 1)]
    public async Task The_limit_of_the_policy_says_how_large_an_archive_is_opened(int limit, int found, int gaps)
    {
        var made = new Made(4);
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("conf/app.yml").Open();
            // Letters alone take fewer bits than bytes: nothing of the text stands in the archive as it is.
            entry.Write(Encoding.ASCII.GetBytes($"token: glpat-{made.Fill("{w20}")}\n{made.Text("abcd efgh\n", 20_000)}"));
        }

        var image = new ImageBuilder().Layer(l => l.File("app/tool.jar", stream.ToArray()), Sdk);
        var policy = Policy.Default with { Limits = InspectionLimits.Default with { WholeFileBytes = limit } };
        var control = new SecretsControl(SecretsOptions.Of(policy));
        var inspection = await ImageInspector.InspectAsync(image.Build(), [.. control.CreateObservers()], policy.Limits, TestContext.CancellationToken);
        var result = await control.JudgeAsync(inspection, TestContext.CancellationToken);
        Assert.HasCount(found, result.Findings);
        Assert.HasCount(gaps, result.Gaps);
        Assert.IsEmpty(inspection.Gaps);
    }

    [TestMethod]
    public async Task Environment_labels_history_and_commands_are_searched()
    {
        var made = new Made(15);
        var image = new ImageBuilder()
            .Layer(l => l.File("app/a", "x"), $"RUN curl -u ci:{made.Fill("{w16}")} https://feed")
            .Env($"Smtp__Password={made.Fill("{w14}")}", "PATH=/usr/bin")
            .Label("token", "glpat-" + made.Fill("{w20}"))
            .Entrypoint("dotnet", "app.dll", $"--api-key={made.Fill("{w40}")}");
        var findings = await CheckAsync(image);
        Assert.HasCount(4, findings, string.Join('\n', findings.Select(f => f.Message)));
        foreach (var place in (string[])["'Smtp__Password'", "'token'", "history", "start command"])
        {
            Assert.IsTrue(findings.Exists(f => f.Message.Contains(place, StringComparison.Ordinal)), place);
        }
    }

    [TestMethod]
    public async Task Facts_that_were_kept_give_the_same_findings()
    {
        var (folder, token) = (Directory.CreateTempSubdirectory(), "glpat-" + new Made(4).Fill("{w20}"));
        try
        {
            var image = new ImageBuilder().Layer(l => l.File("app/a.txt", token), Sdk).Build();
            var options = new InspectionOptions { Limits = InspectionLimits.Default, Cache = FactCache.Open(folder.FullName) };
            var results = new List<string>();
            for (var run = 0; run < 2; run++)
            {
                var control = new SecretsControl(SecretsOptions.Of(Policy.Default));
                var inspection = await ImageInspector.InspectAsync(image, [.. control.CreateObservers()], options, TestContext.CancellationToken);
                results.Add(string.Join('\n', (await control.JudgeAsync(inspection, TestContext.CancellationToken)).Findings.Select(f => f.Message + f.Fingerprint)));
            }

            Assert.AreNotEqual("", results[0]);
            Assert.AreEqual(results[0], results[1]);
            foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
            {
                Assert.DoesNotContain(token[4..], Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file.FullName)));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<List<Finding>> CheckAsync(ImageBuilder builder, InspectionLimits? limits = null)
    {
        var control = new SecretsControl(SecretsOptions.Of(Policy.Default));
        var inspection = await ImageInspector.InspectAsync(builder.Build(), [.. control.CreateObservers()], limits ?? InspectionLimits.Default, TestContext.CancellationToken);
        var result = await control.JudgeAsync(inspection, TestContext.CancellationToken);
        Assert.IsEmpty(inspection.Gaps.Concat(result.Gaps));
        return [.. result.Findings];
    }

    private async Task<List<string>> EveryOutputAsync(List<Finding> findings)
    {
        var judgement = PolicyJudge.Judge(Policy.Default, findings, [], TimeProvider.System);
        var result = new GuardResult { Reference = "test", Verdict = judgement.Verdict, Findings = judgement.Findings, Refusing = judgement.Refusing, Controls = [Control.SecretsManagement], Gaps = [] };
        var outputs = new List<string>();
        foreach (var writer in ReportWriters.All)
        {
            using var stream = new MemoryStream();
            await writer.WriteAsync(result, new ReportContext(DateTimeOffset.UnixEpoch), stream, TestContext.CancellationToken);
            outputs.Add(Encoding.UTF8.GetString(stream.ToArray()));
        }

        return outputs;
    }
}
