using System.Collections.Immutable;
using System.Globalization;
using ContainerBuildGuard.Findings;
using YamlDotNet.RepresentationModel;

namespace ContainerBuildGuard.Policies;

/// <summary>Turns the YAML tree into a <see cref="Policy"/>.</summary>
internal sealed partial class PolicyReader(string path, IReadOnlySet<string> knownCodes)
{
    private static readonly ImmutableDictionary<string, Control> Controls =
        Enum.GetValues<Control>().Where(c => c != Control.Guard).ToImmutableDictionary(c => c.ToKebabCase());

    /// <summary>Held equal to the host control's own names by a test: a policy knows no control.</summary>
    internal static readonly ImmutableArray<string> HostProfileNames = ["all", "developer", "build-agent", "container-host", "cis-level-1", "cis-level-2"];

    public Policy Read(YamlNode root)
    {
        var policy = Policy.Default with { Path = path };
        foreach (var (key, node) in Members(root, "the policy", "version", "fail-on", "controls", "rules", "waivers", "base-images", "limits", "registries", "trust", "attest"))
        {
            policy = key switch
            {
                "version" => Text(node, key) == "1" ? policy : throw Error(node, "version is not 1, the only version there is"),
                "fail-on" => policy with { FailOn = ReadThreshold(node, key) },
                "controls" => ReadControls(node, policy),
                "rules" => policy with { RuleSeverities = ReadRules(node) },
                "waivers" => policy with { Waivers = [.. Items(node, key).Select(ReadWaiver)] },
                "limits" => ReadLimits(node, policy),
                "registries" => policy with { Registries = [.. Items(node, key).Select(ReadRegistry)] },
                "trust" => policy with { Trust = [.. Items(node, key).Select(ReadTrustRule)] },
                "attest" => policy with { Attest = ReadAttest(node) },
                _ => policy with { BaseImages = ReadBaseImages(node) },
            };
        }

        return policy;
    }

    private Policy ReadControls(YamlNode node, Policy policy)
    {
        foreach (var (name, settings) in Members(node, "controls", [.. Controls.Keys.Order(StringComparer.Ordinal)]))
        {
            var control = Controls[name];
            if (control == Control.HostSecurity)
            {
                policy = ReadHost(settings, name, policy);
                continue;
            }

            string[] keys = control switch
            {
                Control.ContentSecurity => ["fail-on", "require-advisories", "require-fresh", "max-advisory-age", "max-end-of-life-age", "unfixed", "vex"],
                Control.SecretsManagement => ["fail-on", "baseline", "detectors"],
                _ => ["fail-on"],
            };
            foreach (var (key, value) in Members(settings, name, keys))
            {
                policy = key switch
                {
                    "fail-on" => policy with { ControlFailOn = policy.ControlFailOn.SetItem(control, ReadThreshold(value, key)) },
                    "require-advisories" => policy with { RequireAdvisories = Flag(value, key) },
                    "require-fresh" => policy with { RequireFresh = Flag(value, key) },
                    "max-advisory-age" => policy with { MaxAdvisoryAgeDays = Days(value, key) },
                    "max-end-of-life-age" => policy with { MaxEndOfLifeAgeDays = Days(value, key) },
                    "unfixed" => policy with { RefuseUnfixed = Text(value, key) switch { "warn" => false, "refuse" => true, _ => throw Error(value, $"{key} is warn or refuse") } },
                    "baseline" => policy with { SecretBaseline = Rooted(Text(value, key)) },
                    "detectors" => policy with { SecretDetectors = [.. Items(value, key).Select(ReadSecretDetector)] },
                    _ => policy with { Vex = [.. Items(value, key).Select(n => Rooted(Text(n, key)))] },
                };
            }
        }

        return policy;
    }

    private int Days(YamlNode node, string key) =>
        int.TryParse(Text(node, key), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 3650 ? days : throw Error(node, $"{key} is a number of days");

    /// <summary>Relative to the policy file.</summary>
    private string Rooted(string file) => Path.GetFullPath(file, Path.GetDirectoryName(Path.GetFullPath(path))!);

    private Policy ReadHost(YamlNode settings, string name, Policy policy)
    {
        foreach (var (key, value) in Members(settings, name, "fail-on", "profile", "weights"))
        {
            policy = key switch
            {
                "fail-on" => policy with { ControlFailOn = policy.ControlFailOn.SetItem(Control.HostSecurity, ReadThreshold(value, key)) },
                "profile" => policy with { HostProfile = HostProfileNames.Contains(Text(value, key)) ? Text(value, key) : throw Error(value, $"'{Text(value, key)}' is not a profile: {string.Join(", ", HostProfileNames)}") },
                _ => policy with { HostWeights = ReadWeights(value) },
            };
        }

        return policy;
    }

    private ImmutableDictionary<string, int> ReadWeights(YamlNode node)
    {
        const int MaxWeight = 100;
        var weights = ImmutableDictionary.CreateBuilder<string, int>();
        foreach (var (code, keyNode, value) in Pairs(node, "weights"))
        {
            Known(code, keyNode);
            weights[code] = int.TryParse(Text(value, code), NumberStyles.None, CultureInfo.InvariantCulture, out var weight) && weight <= MaxWeight
                ? weight : throw Error(value, $"a weight is a whole number from 0 to {MaxWeight}");
        }

        return weights.ToImmutable();
    }

    private ImmutableDictionary<string, Severity?> ReadRules(YamlNode node)
    {
        var severities = ImmutableDictionary.CreateBuilder<string, Severity?>();
        foreach (var (code, keyNode, value) in Pairs(node, "rules"))
        {
            Known(code, keyNode);
            severities[code] = Text(value, code) switch
            {
                "off" => null,
                "info" => Severity.Info,
                "low" => Severity.Low,
                "medium" => Severity.Medium,
                "high" => Severity.High,
                "critical" => Severity.Critical,
                var other => throw Error(value, $"'{other}' is not a severity: off, info, low, medium, high or critical"),
            };
        }

        return severities.ToImmutable();
    }

    private Waiver ReadWaiver(YamlNode node)
    {
        var values = Members(node, "a waiver", "code", "advisory", "package", "path", "fingerprint", "reason", "owner", "expires").ToDictionary(m => m.Key, m => m.Node);
        string? Value(string key) => values.TryGetValue(key, out var n) ? Text(n, key) : null;
        var code = Value("code") ?? throw Error(node, "a waiver needs a code");
        Known(code, values["code"]);
        return new Waiver
        {
            Code = code,
            Advisory = Value("advisory"),
            Package = Value("package"),
            Path = Value("path"),
            Fingerprint = Value("fingerprint"),
            Reason = Value("reason") is { } reason && !string.IsNullOrWhiteSpace(reason) ? reason : throw Error(node, "a waiver needs a reason, for whoever reads it in a year"),
            Owner = Value("owner"),
            Expires = Value("expires") is { } date
                ? DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) ? parsed : throw Error(values["expires"], $"'{date}' is not a date; write it as 2027-01-31")
                : null,
            Line = (int)node.Start.Line,
        };
    }

    private Policy ReadLimits(YamlNode node, Policy policy)
    {
        var (limits, metadata) = (policy.Limits, policy.MetadataLimits);
        foreach (var (key, value) in Members(node, "limits", ["layers", "layer-bytes", "layer-ratio", "layer-entries", "header-bytes", "whole-file-bytes", "path-characters", .. MetadataLimits]))
        {
            if (MetadataLimits.Contains(key))
            {
                metadata = ReadMetadataLimit(metadata, key, value);
                continue;
            }

            limits = key switch
            {
                "layers" => limits with { Layers = (int)Number(value, key, 100_000) },
                "layer-bytes" => limits with { Layer = limits.Layer with { Bytes = Number(value, key, long.MaxValue) } },
                "layer-ratio" => limits with { Layer = limits.Layer with { Ratio = (int)Number(value, key, int.MaxValue) } },
                "layer-entries" => limits with { Layer = limits.Layer with { Entries = Number(value, key, int.MaxValue) } },
                "header-bytes" => limits with { Layer = limits.Layer with { HeaderBytes = (int)Number(value, key, 1 << 30) } },
                "whole-file-bytes" => limits with { WholeFileBytes = (int)Number(value, key, 1 << 30) },
                _ => limits with { PathCharacters = (int)Number(value, key, 1 << 30) },
            };
        }

        return policy with { Limits = limits, MetadataLimits = metadata };
    }

    private long Number(YamlNode node, string key, long most) =>
        long.TryParse(Text(node, key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
        : throw Error(node, $"{key} is a whole number from 1 to {most.ToString(CultureInfo.InvariantCulture)}");

    private Severity? ReadThreshold(YamlNode node, string key) =>
        Threshold.TryParse(Text(node, key), out var severity) ? severity : throw Error(node, $"{key} is critical, high, medium, low or none");

    private void Known(string code, YamlNode node)
    {
        if (!knownCodes.Contains(code))
        {
            throw Error(node, $"there is no rule '{code}'{Suggestion(code, knownCodes)}");
        }
    }

    private IEnumerable<(string Key, YamlNode Node)> Members(YamlNode node, string what, params string[] allowed)
    {
        foreach (var (key, keyNode, value) in Pairs(node, what))
        {
            yield return allowed.Contains(key)
                ? (key, value)
                : throw Error(keyNode, $"{what} has no key '{key}'{Suggestion(key, allowed)}; it has {string.Join(", ", allowed)}");
        }
    }

    private IEnumerable<(string Key, YamlNode KeyNode, YamlNode Value)> Pairs(YamlNode node, string what)
    {
        if (node is not YamlMappingNode mapping)
        {
            throw Error(node, $"{what} must be a mapping (key: value)");
        }

        foreach (var (key, value) in mapping.Children)
        {
            yield return (Text(key, "a key"), key, value);
        }
    }

    private IEnumerable<YamlNode> Items(YamlNode node, string what) =>
        node is YamlSequenceNode sequence ? sequence.Children : throw Error(node, $"{what} must be a list (- item)");

    private string Text(YamlNode node, string what) =>
        node is YamlScalarNode { Value: { Length: > 0 } value } ? value : throw Error(node, $"{what} must be a single value");

    private GuardException Error(YamlNode node, string what) => PolicyError.At(path, node.Start, what);

    private static string Suggestion(string text, IEnumerable<string> known)
    {
        var best = known.Select(k => (Name: k, Distance: EditDistance(text, k))).OrderBy(k => k.Distance).FirstOrDefault();
        return best.Name is not null && best.Distance <= 2 ? $" (did you mean '{best.Name}'?)" : "";
    }

    private static int EditDistance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2 || a.Length > 64)
        {
            return int.MaxValue;
        }

        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            }

            previous = current;
        }

        return previous[^1];
    }
}
