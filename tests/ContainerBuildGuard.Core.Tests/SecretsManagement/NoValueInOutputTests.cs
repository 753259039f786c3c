using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Reports;
using ContainerBuildGuard.SecretsManagement.Corpus;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Whatever detector finds it: a value is in no report of any format, in no baseline and in no file of the cache.</summary>
[TestClass]
public sealed class NoValueInOutputTests
{
    private const int Probe = 10;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public required TestContext TestContext { get; set; }

    [TestCleanup]
    public void CleanUp() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task No_output_of_any_format_holds_a_value_of_any_detector()
    {
        var secrets = Secrets().ToList();
        var image = new ImageBuilder().Layer(layer => secrets.ForEach(s => layer.File(s.Path, s.Content)), ".NET SDK Container Tooling, version 10");
        var recording = SecretBaseline.ForWriting(Path.Combine(_folder.FullName, "secrets.baseline.json"));
        var control = new SecretsControl(SecretsOptions.Of(Policy.Default, recording));
        var options = new InspectionOptions { Limits = InspectionLimits.Default, Cache = FactCache.Open(Path.Combine(_folder.FullName, "cache")) };
        var inspection = await ImageInspector.InspectAsync(image.Build(), [.. control.CreateObservers()], options, TestContext.CancellationToken);
        var findings = (await control.JudgeAsync(inspection, TestContext.CancellationToken)).Findings;
        Assert.IsGreaterThan(secrets.Count * 9 / 10, findings.Select(f => f.Location.Path).Distinct().Count());
        Assert.IsGreaterThan(200, recording.Save());

        var judgement = PolicyJudge.Judge(Policy.Default, findings, [], TimeProvider.System);
        var result = new GuardResult { Reference = "test", Verdict = judgement.Verdict, Findings = judgement.Findings, Refusing = judgement.Refusing, Controls = [Control.SecretsManagement] };
        foreach (var writer in ReportWriters.All)
        {
            await using var file = File.Create(Path.Combine(_folder.FullName, writer.Name));
            await writer.WriteAsync(result, new ReportContext(DateTimeOffset.UnixEpoch), file, TestContext.CancellationToken);
        }

        var written = _folder.GetFiles("*", SearchOption.AllDirectories);
        Assert.IsGreaterThan(ReportWriters.All.Count + 1, written.Length);
        foreach (var file in written)
        {
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file.FullName, TestContext.CancellationToken));
            foreach (var (path, _, value) in secrets)
            {
                // The end of a value is random in every form; a preview shows of the beginning what the contract allows.
                Assert.DoesNotContain(value[^Probe..], text, $"{path} in {file.Name}");
            }
        }
    }

    private static IEnumerable<(string Path, string Content, string Value)> Secrets()
    {
        foreach (var detector in SecretDetectors.All.Where(d => d.Notation is not null))
        {
            var token = TokenMaker.Make(detector.Id, detector.Notation!, ShapeParser.Anchors(detector.Notation!)[0], seed: 9);
            if (token.Length >= 2 * Probe)
            {
                yield return ($"app/{detector.Id}.txt", $"x = \"{token}\"\n", token);
            }
        }

        var number = 0;
        foreach (var labelled in SecretCorpus.Build(12, heldOut: false).Where(c => c.Secret.Length >= 2 * Probe && !c.Secret.EndsWith('\n') && !c.Family.StartsWith("connection", StringComparison.Ordinal) && !c.Family.StartsWith("pem", StringComparison.Ordinal)))
        {
            yield return ($"app/{number++}/{labelled.Path}", labelled.Content, labelled.Secret);
        }
    }
}
