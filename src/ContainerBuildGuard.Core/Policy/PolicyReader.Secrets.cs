using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace ContainerBuildGuard.Policies;

/// <summary>The policy's own secret detectors: what cannot be searched for quickly, or would match anything, is an error here and not a surprise later.</summary>
internal sealed partial class PolicyReader
{
    private const int ShortestKeyword = 4;

    /// <summary>Texts without a secret, of every kind that a folder holds: a pattern that matches one of them would match everything.</summary>
    private static readonly string[] Innocent =
        ["", " ", "x", "0", "The quick brown fox jumps over the lazy dog.", "public static int Add(int left, int right) => left + right;", "{ \"name\": \"value\", \"count\": 12 }", "https://www.example.org/index.html?id=1", "key = value"];

    private SecretDetectorDefinition ReadSecretDetector(YamlNode node)
    {
        var values = Members(node, "a detector", "name", "description", "keywords", "pattern", "entropy", "allow").ToDictionary(m => m.Key, m => m.Node);
        YamlNode Needed(string key) => values.TryGetValue(key, out var n) ? n : throw Error(node, $"a detector needs {key}");
        var name = Text(Needed("name"), "name");
        return new SecretDetectorDefinition
        {
            Name = SafeName().IsMatch(name) ? name : throw Error(values["name"], $"'{name}' is not a name: small letters, digits and hyphens"),
            Description = values.TryGetValue("description", out var description) ? Text(description, "description") : name,
            Keywords = Items(Needed("keywords"), "keywords").Any() ? [.. Items(values["keywords"], "keywords").Select(ReadKeyword)] : throw Error(values["keywords"], "keywords is empty: name a literal that occurs in every such secret"),
            Pattern = ReadPattern(Needed("pattern")),
            Entropy = values.TryGetValue("entropy", out var entropy) ? ReadEntropy(entropy) : 0,
            Allow = values.TryGetValue("allow", out var allow) ? [.. Items(allow, "allow").Select(n => Text(n, "allow"))] : [],
        };
    }

    private string ReadKeyword(YamlNode node) =>
        Text(node, "a keyword") is var keyword && keyword.Length >= ShortestKeyword && keyword.All(c => c is >= ' ' and < (char)0x7F) ? keyword
        : throw Error(node, $"a keyword has at least {ShortestKeyword} characters, all ASCII");

    private string ReadPattern(YamlNode node)
    {
        var pattern = Text(node, "pattern");
        try
        {
            var regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return Innocent.FirstOrDefault(regex.IsMatch) is not { } matched ? pattern
                : throw Error(node, $"the pattern matches everything ({(matched.Length == 0 ? "the empty text" : $"'{matched}'")} too): say more of the secret's form");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Error(node, $"the pattern is not a regular expression that runs without backtracking ({e.Message.TrimEnd('.')})");
        }
    }

    private double ReadEntropy(YamlNode node) =>
        double.TryParse(Text(node, "entropy"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var bits) && bits <= 8 ? bits : throw Error(node, "entropy is a number of bits from 0 to 8");

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{1,60}$")]
    private static partial Regex SafeName();
}
