using System.Text;
using ContainerBuildGuard.SecretsManagement.Corpus;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What is found and what is falsely reported on labelled files that are made at run time: those that the detectors were developed against, and others kept aside.</summary>
/// <remarks>
/// Once a set has been learnt from, its figure says that nothing was lost, no more. What the detectors found of a set that nobody had looked at: unseen 85.6 % (0.6 % falsely
/// reported), field 83.7 % (2.1 %), field apart 86.3 % before field was learnt from and 90.7 % (2.4 %) after, field third 79.9 % (0.0 %), first 80.1 % (0.3 %), second 82.6 % (3.5 %), third 93.2 % (1.1 %), fourth 79.9 % (0.0 %),
/// fifth 73.5 % (1.1 %), sixth 89.7 % (0.5 %) after fifth was learnt from, seventh 100.0 % (0.0 %) after sixth was: plain cases whose values come from the same maker as those of the earlier sets, eighth 90.6 % (1.3 %).
/// </remarks>
[TestClass]
public sealed class SecretCorpusTests
{
    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow("known", 1, 98.0, 0.5)]
    [DataRow("held out", 2, 95.0, 1.0)]
    [DataRow("unseen", 3, 90.0, 1.0)]
    [DataRow("field", 4, 98.0, 1.0)]
    [DataRow("field apart", 5, 96.0, 1.0)]
    [DataRow("field third", 6, 96.0, 1.0)]
    [DataRow("first", 7, 98.0, 0.5)]
    [DataRow("second", 8, 95.0, 0.5)]
    [DataRow("third", 9, 97.0, 0.6)]
    [DataRow("fourth", 10, 86.0, 0.6)]
    [DataRow("fifth", 11, 95.0, 0.5)]
    [DataRow("sixth", 12, 94.0, 0.6)]
    [DataRow("seventh", 13, 99.0, 0.0)]
    [DataRow("eighth", 14, 90.0, 0.0)]
    public void Nearly_every_secret_is_found_with_hardly_a_false_alarm(string set, int seed, double leastFound, double mostFalse)
    {
        var (labelledSecrets, labelledInnocents) = set switch
        {
            "known" or "held out" => (SecretCorpus.Build(seed, set == "held out"), InnocentCorpus.Build(seed, set == "held out")),
            "unseen" => (UnseenCorpus.Secrets(seed), UnseenCorpus.Innocent(seed)),
            "first" or "second" or "third" or "fourth" or "fifth" or "sixth" or "seventh" or "eighth" => (ObservedCorpus.Read(set, secrets: true, seed), ObservedCorpus.Read(set, secrets: false, seed)),
            "field third" => (FieldSecrets.BuildThird(seed), FieldInnocents.BuildThird(seed)),
            _ => (FieldSecrets.Build(seed, set == "field apart"), FieldInnocents.Build(seed, set == "field apart")),
        };
        var (secrets, innocent) = (Judge(labelledSecrets), Judge(labelledInnocents));
        var (found, alarms) = (100.0 * secrets.Count(c => c.Found.Count > 0) / secrets.Count, 100.0 * innocent.Count(c => c.Found.Count > 0) / innocent.Count);
        foreach (var (labelled, _) in secrets.Where(c => c.Found.Count == 0))
        {
            TestContext.WriteLine($"MISSED {labelled.Family} | {labelled.Content.Trim().ReplaceLineEndings(" ")[..Math.Min(240, labelled.Content.Trim().Length)]}");
        }

        foreach (var (labelled, matches) in innocent.Where(c => c.Found.Count > 0))
        {
            TestContext.WriteLine($"FALSE {matches[0].DetectorId} {labelled.Family} | {labelled.Content.Trim().ReplaceLineEndings(" ")[..Math.Min(240, labelled.Content.Trim().Length)]}");
        }

        TestContext.WriteLine($"{set}: {found:F1} % of {secrets.Count} found, {alarms:F2} % of {innocent.Count} falsely reported");
        Assert.IsGreaterThanOrEqualTo(leastFound, found);
        Assert.IsLessThanOrEqualTo(mostFalse, alarms);
    }

    private static List<(LabelledCase Case, List<SecretMatch> Found)> Judge(IEnumerable<LabelledCase> cases)
    {
        var scanner = new ContentScanner(SecretScanner.Default);
        return [.. cases.Select(c => (c, scanner.ScanWhole(Encoding.UTF8.GetBytes(c.Content), new FileContext(c.Path, IsApp: true), _ => { })))];
    }
}
