using System.Text.RegularExpressions;
using ContainerBuildGuard.SecretsManagement.Corpus;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Every detector that is code and no shape has two secrets and three near misses at least in <c>Corpus/Matchers.txt</c>: <c>id + path | content</c> and <c>id - path | content</c>.</summary>
[TestClass]
public sealed partial class MatcherTests
{
    /// <summary>Those that read binary files, or a token by its checksum alone; KeyTests and TokenDetectorTests have theirs.</summary>
    private static readonly string[] OwnTests = [KeyStores.Pkcs12, KeyStores.JavaKeyStore, KeyStores.StrongName, AzureDevOpsToken.Id];

    private static readonly ILookup<string, (bool IsSecret, string Path, string Content)> Cases = Read().ToLookup(c => c.Id, c => (c.IsSecret, c.Path, c.Content));

    public static IEnumerable<object[]> Matchers => SecretDetectors.All.Where(d => d.Notation is null).Concat(SecretDetectors.Named).Where(d => !OwnTests.Contains(d.Id)).Select(d => new object[] { d.Id });

    public static IEnumerable<object[]> Commands => CommandLines.Rules.Select((r, i) => new object[] { i, r.Command });

    [TestMethod]
    public void Every_case_is_of_a_detector() => Assert.AreEqual("", string.Join(' ', Cases.Select(c => c.Key).Except(Matchers.Select(m => (string)m[0]))));

    [TestMethod]
    [DynamicData(nameof(Matchers))]
    public void A_matcher_finds_its_secrets_and_no_near_miss(string id)
    {
        Assert.IsGreaterThanOrEqualTo(2, Cases[id].Count(c => c.IsSecret), "secrets");
        Assert.IsGreaterThanOrEqualTo(3, Cases[id].Count(c => !c.IsSecret), "near misses");
        for (var seed = 1; seed <= 3; seed++)
        {
            foreach (var (isSecret, path, text) in Cases[id])
            {
                var content = ObservedCorpus.Fill(text, new Made(seed));
                var found = Secrets.In(content, $"app/{path}");
                Assert.AreEqual(isSecret, found.Exists(m => m.DetectorId == id), $"{content}: {string.Join(' ', found.Select(m => m.DetectorId))}");
            }
        }
    }

    /// <summary>Each command, by the way in which it takes a password.</summary>
    [TestMethod]
    [DynamicData(nameof(Commands))]
    public void A_command_gives_its_password_away_and_nothing_else(int rule, string command)
    {
        var (form, options) = (CommandLines.Rules[rule].Form, CommandLines.Rules[rule].Options);
        for (var seed = 1; seed <= 2; seed++)
        {
            var password = new Made(seed).Fill("{w14}");
            foreach (var option in options.DefaultIfEmpty(""))
            {
                var content = Line(option, password);
                Assert.IsTrue(Secrets.In(content, "app/run.sh").Exists(m => m.Position <= content.IndexOf(password, StringComparison.Ordinal) && m.Position + m.Length >= content.IndexOf(password, StringComparison.Ordinal) + password.Length), content);
                foreach (var miss in (string[])[Line(option, "$VALUE"), Line(option, "<password>"), $"{command}{(form == CommandLines.Form.Share ? "/delete Z: , ," : "--help")}"])
                {
                    Assert.IsFalse(Secrets.In(miss, "app/run.sh").Exists(m => m.DetectorId == "command-line-login"), miss);
                }
            }
        }

        string Line(string option, string password) => form switch
        {
            CommandLines.Form.Login => $"{command}{option.TrimStart()} ops:{password} https://contoso.com\n",
            CommandLines.Form.Glued => $"{command}-h db{option}{password} shop\n",
            CommandLines.Form.Apart or CommandLines.Form.Either => $"{command}x{option}{(option.EndsWith(':') ? "" : " ")}{password} y\n",
            CommandLines.Form.Share => $"{command}Z: \\\\fs01\\share /user:ops {password}\n",
            _ => $"{command} {string.Concat(Enumerable.Repeat("word ", CommandLines.Rules[rule].Place))}{password}\n",
        };
    }

    private static IEnumerable<(string Id, bool IsSecret, string Path, string Content)> Read()
    {
        using var reader = new StreamReader(typeof(MatcherTests).Assembly.GetManifestResourceStream("Matchers.txt")!);
        while (reader.ReadLine() is { } line)
        {
            var match = Case().Match(line);
            yield return match.Success ? (match.Groups[1].Value, match.Groups[2].Value == "+", match.Groups[3].Value, match.Groups[4].Value) : throw new FormatException(line);
        }
    }

    [GeneratedRegex(@"^(\S+) ([+-]) (\S+) \| (.*)$")]
    private static partial Regex Case();
}
