using System.Collections.Immutable;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace ContainerBuildGuard.Policies;

/// <content>The keys <c>trust</c> and <c>attest</c>.</content>
internal sealed partial class PolicyReader
{
    private static readonly string[] TrustKeys = ["images", "signed-by", "threshold", "every-platform", "attestations", "dct"];
    private static readonly string[] AttestNames = ["slsa-provenance", "cyclonedx", "spdx", "vulnerabilities", "guard"];

    private ImmutableArray<string> ReadAttest(YamlNode node) =>
        [.. Items(node, "attest").Select(n => Text(n, "attest") is var name && AttestNames.Contains(name) ? name : throw Error(n, $"'{name}' is no attestation that a publish makes{Suggestion(name, AttestNames)}: {string.Join(", ", AttestNames)}"))];

    private TrustRule ReadTrustRule(YamlNode node) =>
        ReadTrust(node, Members(node, "a trust rule", TrustKeys).Select(m => KeyValuePair.Create(m.Key, m.Node)));

    private TrustRule ReadTrust(YamlNode node, IEnumerable<KeyValuePair<string, YamlNode>> members)
    {
        var rule = new TrustRule { Signers = [] };
        foreach (var (key, value) in members)
        {
            rule = key switch
            {
                "images" => rule with { Images = [.. Items(value, key).Select(n => Text(n, key))] },
                "signed-by" => rule with { Signers = [.. Items(value, key).Select(ReadSigner)] },
                "threshold" => rule with { Threshold = ReadCount(value, key) },
                "every-platform" => rule with { EveryPlatform = ReadFlag(value, key) },
                "dct" => rule with { Dct = ReadDct(value) },
                _ => rule with { Attestations = [.. Items(value, key).Select(ReadAttestation)] },
            };
        }

        return rule.Signers.IsEmpty && (rule.Dct is null || !rule.Attestations.IsEmpty) ? throw Error(node, "a trust rule needs signed-by, a list of keys, identities or one notation, or dct, which attestations are none of")
            : !rule.Signers.IsEmpty && rule.Threshold > rule.Signers.Length ? throw Error(node, $"the threshold is {rule.Threshold}, and signed-by lists {rule.Signers.Length}: nothing could meet it")
            : rule.Signers.Any(s => s.Notation is not null) && (rule.Signers.Length > 1 || !rule.Attestations.IsEmpty) ? throw Error(node, "a notation signer is its rule's only one and makes no attestations: its trust policy says who may sign")
            : rule;
    }

    private TrustedSigner ReadSigner(YamlNode node)
    {
        var nodes = Members(node, "a signer", ["notation", "key", "identity", "identity-pattern", "issuer", "issuer-pattern", .. TrustedSigner.ClaimNames]).ToDictionary(m => m.Key, m => m.Node);
        if (nodes.TryGetValue("notation", out var notation))
        {
            return nodes.Count == 1 ? new TrustedSigner { Notation = ReadNotation(notation) } : throw Error(node, "a signer is a key, an identity or notation, not several of them");
        }

        var values = nodes.ToDictionary(n => n.Key, n => (Value: Text(n.Value, n.Key), Node: n.Value));
        if (values.TryGetValue("key", out var key))
        {
            return values.Count == 1
                ? new TrustedSigner { Key = key.Value.Contains("://", StringComparison.Ordinal) ? key.Value : Path.GetFullPath(key.Value, Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".") }
                : throw Error(node, "a signer is either a key or an identity");
        }

        return new TrustedSigner
        {
            Identity = Either("identity"),
            Issuer = Either("issuer"),
            Claims = values.Where(v => TrustedSigner.ClaimNames.Contains(v.Key)).ToImmutableSortedDictionary(v => v.Key, v => v.Value.Value),
        };

        (string Text, bool IsPattern) Either(string name) => (values.TryGetValue(name, out var exact), values.TryGetValue($"{name}-pattern", out var pattern)) switch
        {
            (true, false) => (exact.Value, false),
            (false, true) => IsPattern(pattern.Value) ? (pattern.Value, true) : throw Error(pattern.Node, $"{name}-pattern is no regular expression that can be matched in linear time"),
            _ => throw Error(node, $"a signer that is no key needs either {name} or {name}-pattern"),
        };
    }

    private RequiredAttestation ReadAttestation(YamlNode node)
    {
        var wanted = new RequiredAttestation { Type = "" };
        foreach (var (key, value) in Members(node, "an attestation", "type", "builder", "source", "verdict", "no-vulnerability", "max-age"))
        {
            var text = Text(value, key);
            wanted = key switch
            {
                "type" => RequiredAttestation.TypeNames.Contains(text) || text.Contains("://", StringComparison.Ordinal)
                    ? wanted with { Type = text }
                    : throw Error(value, $"'{text}' is no type of attestation{Suggestion(text, RequiredAttestation.TypeNames)}: {string.Join(", ", RequiredAttestation.TypeNames)}, or a predicate type's URI"),
                "builder" => wanted with { Builder = text },
                "source" => wanted with { Source = text },
                "verdict" => text is "passed" or "refused" ? wanted with { Verdict = text } : throw Error(value, "verdict is passed or refused"),
                "no-vulnerability" => wanted with { NoVulnerability = ReadThreshold(value, key) },
                _ => wanted with { MaxAge = ReadDays(value, text) },
            };
        }

        return wanted.Type.Length > 0 ? wanted : throw Error(node, "an attestation needs a type");
    }

    private TimeSpan ReadDays(YamlNode node, string text) =>
        text.EndsWith('d') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and < 36_500
            ? TimeSpan.FromDays(days)
            : throw Error(node, $"'{text}' is no age: write it in days, 30d");

    private int ReadCount(YamlNode node, string key) =>
        int.TryParse(Text(node, key), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : throw Error(node, $"{key} is a number of 1 or more");

    private bool ReadFlag(YamlNode node, string key) => Text(node, key) switch { "true" => true, "false" => false, _ => throw Error(node, $"{key} is true or false") };

    private static bool IsPattern(string text)
    {
        try
        {
            _ = new System.Text.RegularExpressions.Regex(text, System.Text.RegularExpressions.RegexOptions.NonBacktracking);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
