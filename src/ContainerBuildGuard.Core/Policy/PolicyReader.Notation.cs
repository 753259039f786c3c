using System.Collections.Immutable;
using YamlDotNet.RepresentationModel;

namespace ContainerBuildGuard.Policies;

/// <content>The key <c>notation</c> of a signer: a trust policy of the Notary Project, in files or written out.</content>
internal sealed partial class PolicyReader
{
    private const string Fingerprint = "sha256:";
    private static readonly string[] NotationFileKeys = ["trust-policy", "trust-store"];
    private static readonly string[] NotationLevels = ["strict", "permissive", "audit"];

    /// <summary>The keys of the kinds of trust stores, and the Notary Project's words for them.</summary>
    private static readonly ImmutableSortedDictionary<string, string> NotationStores = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        [KeyValuePair.Create("ca", "ca"), KeyValuePair.Create("signing-authority", "signingAuthority"), KeyValuePair.Create("tsa", "tsa")]);

    private static readonly ImmutableSortedDictionary<string, string> NotationValidations = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        [KeyValuePair.Create("authenticity", "authenticity"), KeyValuePair.Create("authentic-timestamp", "authenticTimestamp"), KeyValuePair.Create("expiry", "expiry"), KeyValuePair.Create("revocation", "revocation")]);

    private NotationSigner ReadNotation(YamlNode node)
    {
        var members = Members(node, "notation", [.. NotationFileKeys, .. NotationStores.Keys, "identities", "level", "verify-timestamp", "override"]).Select(m => (m.Key, m.Node)).ToList();
        var inFiles = members.Exists(m => NotationFileKeys.Contains(m.Key));
        if (inFiles && members.Exists(m => !NotationFileKeys.Contains(m.Key)))
        {
            throw Error(node, "a notation signer names a trust-policy in a file, or says itself whom to trust (ca, identities, …), not both");
        }

        if (!inFiles)
        {
            return new NotationSigner(null, null, ReadStatement(node, members));
        }

        var files = members.ToDictionary(m => m.Key, m => Rooted(Text(m.Node, m.Key)));
        return files.TryGetValue("trust-policy", out var policy) ? new NotationSigner(policy, files.GetValueOrDefault("trust-store")) : throw Error(node, "a notation signer with a trust-store needs trust-policy, a file, beside it");
    }

    private NotationStatement ReadStatement(YamlNode node, IEnumerable<(string Key, YamlNode Node)> members)
    {
        var statement = new NotationStatement { Source = path, Stores = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty, Identities = [] };
        foreach (var (key, value) in members)
        {
            statement = key switch
            {
                "identities" => statement with { Identities = [.. Items(value, key).Select(n => Text(n, key))] },
                "level" => statement with { Level = Text(value, key) is var level && NotationLevels.Contains(level) ? level : throw Error(value, $"level is {string.Join(", ", NotationLevels)}; what is not to be looked at needs no rule") },
                "verify-timestamp" => statement with { VerifyTimestamp = Text(value, key) switch { "always" => "always", "after-certificate-expiry" => "afterCertExpiry", _ => throw Error(value, "verify-timestamp is always or after-certificate-expiry") } },
                "override" => statement with { Overrides = ReadOverrides(value) },
                _ => statement with { Stores = statement.Stores.SetItem(NotationStores[key], [.. Items(value, key).Select(n => ReadCertificate(n, key))]) },
            };
        }

        return !statement.Stores.Any(s => s.Key != "tsa" && !s.Value.IsEmpty) ? throw Error(node, "a notation signer needs a trust-policy, or ca or signing-authority: the certificates that its signers' lead to")
            : statement.Identities.IsEmpty ? throw Error(node, "a notation signer needs identities, x509.subject: C=…, ST=…, O=…, or '*' for everybody whom the certificates vouch for")
            : statement;
    }

    private ImmutableSortedDictionary<string, string> ReadOverrides(YamlNode node)
    {
        var overrides = ImmutableSortedDictionary<string, string>.Empty;
        foreach (var (key, value) in Members(node, "override", [.. NotationValidations.Keys]))
        {
            var action = Text(value, key);
            overrides = overrides.SetItem(NotationValidations[key], action is "enforce" or "log" || (action == "skip" && key == "revocation") ? action : throw Error(value, $"{key} is enforce or log{(key == "revocation" ? ", or skip" : "")}"));
        }

        return overrides;
    }

    /// <summary>A file beside the policy, a certificate in PEM, or the fingerprint of one.</summary>
    private string ReadCertificate(YamlNode node, string key)
    {
        var text = Text(node, key).Trim();
        if (!text.StartsWith(Fingerprint, StringComparison.OrdinalIgnoreCase))
        {
            return text.StartsWith("-----BEGIN ", StringComparison.Ordinal) ? text : FileBeside(node, key);
        }

        var hex = text[Fingerprint.Length..].Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
        return key == "tsa" ? throw Error(node, "tsa takes certificates, not fingerprints: a timestamp need not bring its root")
            : hex.Length == 64 && hex.All(char.IsAsciiHexDigit) ? Fingerprint + hex
            : throw Error(node, $"{key}: a fingerprint is {Fingerprint} and 64 hexadecimal characters");
    }
}
