using System.Text;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Every detector with a shape: tokens made by the shape are found as what they are, near misses are not.</summary>
[TestClass]
public sealed class TokenDetectorTests
{
    /// <summary>Detectors whose tokens another check must pass first; they have tests of their own.</summary>
    private static readonly string[] OwnTests = ["json-web-token", "age-identity"];

    public static IEnumerable<object[]> Shapes => SecretDetectors.All.Where(d => d.Notation is not null && !OwnTests.Contains(d.Id)).Select(d => new object[] { d.Id });

    [TestMethod]
    public void There_are_at_least_250_detectors_and_no_id_twice()
    {
        var all = SecretDetectors.All.Concat(SecretDetectors.Named).ToList();
        Assert.IsGreaterThanOrEqualTo(250, all.Count);
        Assert.HasCount(all.Count, all.Select(d => d.Id).Distinct().ToList());
        foreach (var detector in all)
        {
            Assert.MatchesRegex(new Regex("^[a-z0-9-]+$"), detector.Id);
            Assert.IsGreaterThan(2, detector.Description.Length);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void A_token_of_the_shape_is_found(string id)
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            foreach (var anchor in ShapeParser.Anchors(Notation(id)).Take(2))
            {
                var token = TokenMaker.Make(id, Notation(id), anchor, seed);
                foreach (var text in (string[])[$"x = \"{token}\"\n", $"see {token} here", $"\\n{token}\\n"])
                {
                    var found = SecretScanner.Default.Scan(Encoding.ASCII.GetBytes(text), new FileContext("app/a.txt", IsApp: true));
                    Assert.IsTrue(found.Exists(m => Overlaps(text, token, m.Found)), $"{id}: {text}");
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void What_is_nearly_the_shape_is_not(string id)
    {
        var notation = Notation(id);
        var anchor = ShapeParser.Anchors(notation)[0];
        var token = TokenMaker.Make(id, notation, anchor, seed: 7);
        string[] nearMisses = [token[..(token.IndexOf(anchor, StringComparison.Ordinal) + anchor.Length)] is var head && head.Length < token.Length ? head : head[..^2], token.Replace(anchor, Broken(anchor), StringComparison.Ordinal), $"{(char.IsAsciiLetterOrDigit(token[0]) ? "Qq7" : "")}{Filler(token, anchor)}"];
        foreach (var miss in nearMisses)
        {
            var found = SecretScanner.Default.Scan(Encoding.ASCII.GetBytes($"see {miss} here"), new FileContext("app/a.txt", IsApp: true));
            Assert.IsFalse(found.Exists(m => m.Detector.Id == id), $"{id}: {miss}");
        }
    }

    [TestMethod]
    public void A_github_token_with_a_wrong_checksum_only_looks_like_one()
    {
        var body = new Made(3).Text(Made.Word, 30);
        var good = $"ghp_{body}{Crc32Tokens.Digits(Encoding.ASCII.GetBytes(body))}";
        Assert.AreEqual("CBG4004", Secrets.In($"t {good}").Single().Code());
        var bad = good[..^1] + (good[^1] == 'A' ? 'B' : 'A');
        var match = Secrets.In($"t {bad}").Single();
        Assert.IsTrue(match.IsDoubtful);
        Assert.AreEqual("CBG4008", match.Code());
    }

    [TestMethod]
    public void A_checksum_that_holds_wins_over_every_doubt()
    {
        var body = new string('x', 30);
        Assert.AreEqual("github-token", Secrets.In($"t ghp_{body}{Crc32Tokens.Digits(Encoding.ASCII.GetBytes(body))}").Single().DetectorId);
    }

    [TestMethod]
    public void An_azure_key_is_checked_by_its_checksum()
    {
        var key = AzureKeys.Storage(new Made(5).Bytes(60));
        Assert.AreEqual("azure-storage-key", Secrets.In($"key {key}").Single().DetectorId);
        Assert.IsFalse(Secrets.In($"key {key}").Single().IsDoubtful);
        var bad = $"{(key[0] == 'A' ? 'B' : 'A')}{key[1..]}";
        Assert.IsTrue(Secrets.In($"see {bad} here").Single().IsDoubtful);
    }

    [TestMethod]
    public void An_older_token_of_Azure_DevOps_is_known_by_its_checksum_alone()
    {
        var token = AzureDevOpsToken.Make(new Made(6).Bytes(32));
        Assert.AreEqual(AzureDevOpsToken.Length, token.Length);
        var match = Secrets.In($"{token}\n").Single();
        Assert.AreEqual((AzureDevOpsToken.Id, "CBG4004"), (match.DetectorId, match.Code()));
        Assert.AreEqual(AzureDevOpsToken.Id, Secrets.In($"ado_pat={token}\n").Single().DetectorId);
        Assert.IsEmpty(Secrets.In($"{(token[0] == 'a' ? 'b' : 'a')}{token[1..]}\n"));
        Assert.IsEmpty(Secrets.In($"{token[..^1]}\n"));
        Assert.IsEmpty(Secrets.In($"{token.ToUpperInvariant()}\n"));
    }

    [TestMethod]
    public void Published_emulator_keys_are_no_secrets()
    {
        var azurite = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw" + "==";
        Assert.IsEmpty(SecretScanner.Default.Scan(Encoding.ASCII.GetBytes($"AccountKey={azurite};"), new FileContext("app/a.txt", IsApp: true)).FindAll(m => m.Detector.Id == "azure-storage-key"));
        Assert.IsTrue(KnownPublicValues.Contain(Encoding.ASCII.GetBytes(azurite)));
    }

    [TestMethod]
    public void A_web_token_needs_a_header_that_names_an_algorithm()
    {
        var (header, payload, signature) = (Url("""{"alg":"RS256","kid":"k1"}"""), Url("""{"sub":"9031847","aud":"shop"}"""), new Made(8).Text(Made.Url, 86));
        Assert.AreEqual("json-web-token", Secrets.In($"t {header}.{payload}.{signature}").Single().DetectorId);
        Assert.IsFalse(Secrets.In($"t {Url("""{"no":"algorithm"}""")}.{payload}.{signature}").Exists(m => !m.IsDoubtful));
        Assert.IsEmpty(Secrets.In($"t {header}.{payload}"));

        static string Url(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static string Notation(string id) => SecretScanner.Default.Find(id).Notation!;

    private static bool Overlaps(string text, string token, Found found)
    {
        var at = text.IndexOf(token, StringComparison.Ordinal);
        return found.Start < at + token.Length && found.End > at && !found.Doubtful;
    }

    private static string Broken(string anchor) => anchor.Length > 1 ? $"{anchor[..^1]}{(char)(anchor[^1] == '!' ? '?' : '!')}" : "!";

    /// <summary>The same token with everything but its anchor filled in.</summary>
    private static string Filler(string token, string anchor)
    {
        var at = token.IndexOf(anchor, StringComparison.Ordinal);
        return $"{new string('x', at)}{anchor}{new string('x', token.Length - at - anchor.Length)}";
    }
}
