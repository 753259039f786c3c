using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>
/// Reads a trust policy document and validates it in full before any of it is used (Notary Project, "Trust Store and Trust Policy Specification"). Members that the specification
/// does not know are refused: a misspelt <c>override</c> would otherwise loosen or tighten nothing, silently.
/// </summary>
internal sealed partial class TrustPolicyReader(string file)
{
    private const int MaxBytes = 4 << 20;

    /// <exception cref="GuardException">CBG3007: it cannot be read or is not valid.</exception>
    public static TrustPolicyDocument ReadFile(string file)
    {
        var reader = new TrustPolicyReader(file);
        try
        {
            return new FileInfo(file).Length <= MaxBytes ? reader.Read(File.ReadAllBytes(file)) : throw reader.Error($"it has more than {MaxBytes} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException(ContentTrustRules.TrustUnavailable.Code, GuardFailure.Input, $"The trust policy '{file}' cannot be read ({e.Message.TrimEnd('.')}): name one with --notation-trust-policy.", e);
        }
    }

    public TrustPolicyDocument Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = Members(document.RootElement, "the document", ["version", "trustPolicies"]);
            if (Text(root, "version", "the document") is var version && version != "1.0")
            {
                throw Error($"its version is '{version}', and 1.0 is the only one there is");
            }

            var statements = Items(root, "trustPolicies", "the document").Select(ReadStatement).ToImmutableArray();
            CheckTogether(statements);
            return new TrustPolicyDocument(statements);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Error("it is not valid JSON", e);
        }
    }

    private TrustPolicyStatement ReadStatement(JsonElement element)
    {
        var members = Members(element, "a statement", ["name", "registryScopes", "signatureVerification", "trustStores", "trustedIdentities"]);
        var name = Text(members, "name", "a statement");
        var what = $"the statement '{name}'";
        var scopes = Texts(members, "registryScopes", what);
        CheckScopes(scopes, what);
        var verification = Members(members.TryGetValue("signatureVerification", out var found) ? found : throw Error($"{what} lacks signatureVerification"), $"signatureVerification of {what}", ["level", "override", "verifyTimestamp"]);
        var level = Text(verification, "level", $"signatureVerification of {what}");
        var statement = new TrustPolicyStatement { Name = name, Scopes = scopes };
        if (level == "skip")
        {
            return members.ContainsKey("trustStores") || members.ContainsKey("trustedIdentities") || verification.ContainsKey("override") ? throw Error($"{what} skips verification and yet has trust stores, identities or overrides")
                : scopes.Contains(TrustPolicyDocument.Everything) ? throw Error($"{what} skips verification for every repository: name the repositories")
                : statement with { Skips = true };
        }

        return statement with
        {
            Actions = ReadActions(level, verification, what),
            TimestampAlways = !verification.ContainsKey("verifyTimestamp") || Text(verification, "verifyTimestamp", what) switch
            {
                "always" => true,
                "afterCertExpiry" => false,
                var other => throw Error($"verifyTimestamp of {what} is '{other}': always or afterCertExpiry"),
            },
            Stores = ReadStores(Texts(members, "trustStores", what), what),
            Identities = ReadIdentities(Texts(members, "trustedIdentities", what), what),
        };
    }

    private ImmutableDictionary<Validation, ValidationAction> ReadActions(string level, Dictionary<string, JsonElement> verification, string what)
    {
        if (!TrustPolicyStatement.Levels.TryGetValue(level, out var actions))
        {
            throw Error($"the level of {what} is '{level}': strict, permissive, audit or skip");
        }

        if (!verification.TryGetValue("override", out var overrides))
        {
            return actions;
        }

        foreach (var (key, value) in Members(overrides, $"override of {what}", ["authenticity", "authenticTimestamp", "expiry", "revocation"]))
        {
            actions = actions.SetItem(Enum.Parse<Validation>(key, ignoreCase: true), (key, value.ValueKind == JsonValueKind.String ? value.GetString() : null) switch
            {
                (_, "enforce") => ValidationAction.Enforce,
                (_, "log") => ValidationAction.Log,
                ("revocation", "skip") => ValidationAction.Skip,
                _ => throw Error($"the override of {key} of {what} is {value.GetRawText()}: enforce{(key == "revocation" ? ", log or skip" : " or log")}"),
            });
        }

        return actions;
    }

    private ImmutableArray<StoreName> ReadStores(ImmutableArray<string> texts, string what)
    {
        var stores = texts.Select(text => text.Split(':', 2) is [var type, var name] && StoreName.Types.TryGetValue(type, out var known) && FolderName().IsMatch(name) && name is not ("." or "..")
            ? new StoreName(known, name)
            : throw Error($"the trust store '{text}' of {what} is none: write ca:NAME, signingAuthority:NAME or tsa:NAME, the name of letters, digits, '.', '_' and '-'")).ToImmutableArray();
        return stores.All(s => s.Type == StoreType.Tsa) ? throw Error($"{what} has no trust store of the type ca or signingAuthority") : stores;
    }

    private ImmutableArray<X509Identity> ReadIdentities(ImmutableArray<string> texts, string what)
    {
        if (texts.Contains(TrustPolicyDocument.Everything))
        {
            return texts.Length == 1 ? [] : throw Error($"the trusted identities of {what} have '*' beside others");
        }

        var identities = texts.Select(text =>
        {
            try
            {
                return X509Identity.Parse(text);
            }
            catch (FormatException e)
            {
                throw Error($"the trusted identity '{text}' of {what} {e.Message}", e);
            }
        }).ToImmutableArray();
        for (var i = 0; i < identities.Length; i++)
        {
            for (var j = 0; j < identities.Length; j++)
            {
                if (i != j && identities[i].IsWithin(identities[j]))
                {
                    throw Error($"the trusted identities '{texts[j]}' and '{texts[i]}' of {what} overlap");
                }
            }
        }

        return identities;
    }

    private void CheckScopes(ImmutableArray<string> scopes, string what)
    {
        if (scopes.Contains(TrustPolicyDocument.Everything) && scopes.Length > 1)
        {
            throw Error($"the registry scopes of {what} have '*' beside others");
        }

        if (scopes.FirstOrDefault(s => s != TrustPolicyDocument.Everything && !Repository().IsMatch(s)) is { } wrong)
        {
            throw Error($"the registry scope '{wrong}' of {what} is no repository: write registry/repository in full, without tag or digest, or '*' alone");
        }
    }

    private void CheckTogether(ImmutableArray<TrustPolicyStatement> statements)
    {
        if (statements.GroupBy(s => s.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } name)
        {
            throw Error($"two statements have the name '{name.Key}'");
        }

        if (statements.SelectMany(s => s.Scopes).GroupBy(s => s, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } scope)
        {
            throw Error($"the registry scope '{scope.Key}' stands in two statements");
        }
    }

    private Dictionary<string, JsonElement> Members(JsonElement element, string what, string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Error($"{what} is not an object");
        }

        var members = element.EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        return members.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown ? throw Error($"{what} has a member '{unknown}', which is none of {string.Join(", ", known)}") : members;
    }

    private string Text(Dictionary<string, JsonElement> members, string name, string what) =>
        members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : throw Error($"{what} lacks {name}");

    private JsonElement.ArrayEnumerator Items(Dictionary<string, JsonElement> members, string name, string what) =>
        members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? value.EnumerateArray() : throw Error($"{what} lacks {name}, a list with at least one entry");

    private ImmutableArray<string> Texts(Dictionary<string, JsonElement> members, string name, string what)
    {
        var texts = Items(members, name, what).Select(v => v.ValueKind == JsonValueKind.String && v.GetString() is { Length: > 0 } text ? text : throw Error($"{name} of {what} has an entry that is no text")).ToImmutableArray();
        return texts.Distinct(StringComparer.Ordinal).Count() == texts.Length ? texts : throw Error($"{name} of {what} has an entry twice");
    }

    private GuardException Error(string what, Exception? inner = null) =>
        new(ContentTrustRules.TrustUnavailable.Code, GuardFailure.Input, $"The trust policy is not valid: {what}.", inner) { File = file };

    [GeneratedRegex("^[A-Za-z0-9_.-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex FolderName();

    [GeneratedRegex("^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]+)?(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+$", RegexOptions.CultureInvariant)]
    private static partial Regex Repository();
}
