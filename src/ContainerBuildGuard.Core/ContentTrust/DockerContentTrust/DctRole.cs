using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Whose signatures a role needs, and how many.</summary>
/// <param name="Keys">The role's keys by identity; a kind that is not verified is left out.</param>
/// <param name="Threshold">How many of them must have signed.</param>
internal sealed partial record DctRole(ImmutableDictionary<string, DctKey> Keys, int Threshold)
{
    public const string Root = "root";
    public const string Timestamp = "timestamp";
    public const string Snapshot = "snapshot";
    public const string Targets = "targets";

    /// <summary>The delegation that the docker client signs released tags in.</summary>
    public const string Releases = "targets/releases";

    private const int MaxKeys = 1024;
    private const int MaxNameCharacters = 255;

    /// <summary>Refuses metadata that too few of the role's keys signed. One key counts once, in however many certificates it stands.</summary>
    /// <exception cref="DctException">They did not.</exception>
    public DctEnvelope Require(DctEnvelope metadata, string what)
    {
        var signers = Signers(metadata).DistinctBy(k => k.CanonicalId).Count();
        return signers >= Threshold ? metadata : throw new DctException(DctError.SignatureMissing, $"the {what} metadata has {signers} good signatures of its role's keys, {Threshold} are needed");
    }

    /// <summary>The keys whose signatures are good.</summary>
    public IEnumerable<DctKey> Signers(DctEnvelope metadata) =>
        metadata.Signatures.Where(s => Keys.TryGetValue(s.KeyId, out var key) && key.Verify(metadata.Signed, s.Method, s.Signature)).Select(s => Keys[s.KeyId]);

    public static ImmutableDictionary<string, DctKey> ReadKeys(JsonElement holder)
    {
        var keys = ImmutableDictionary.CreateBuilder<string, DctKey>();
        foreach (var member in holder.Member("keys", JsonValueKind.Object).EnumerateObject())
        {
            if (keys.Count >= MaxKeys)
            {
                throw new DctException(DctError.Limit, $"the metadata has more than {MaxKeys} keys");
            }

            if (DctKey.Read(member.Name, member.Value) is { } key)
            {
                keys[member.Name] = key;
            }
        }

        return keys.ToImmutable();
    }

    public static DctRole Read(JsonElement role, ImmutableDictionary<string, DctKey> keys)
    {
        var threshold = role.Integer("threshold");
        return threshold is > 0 and <= MaxKeys
            ? new DctRole(role.Texts("keyids").Distinct().Where(keys.ContainsKey).ToImmutableDictionary(i => i, i => keys[i]), (int)threshold)
            : throw DctException.Malformed("a role's threshold is 0 or beyond reason");
    }

    /// <summary>Whether it is the name of a delegation. Names become parts of addresses and paths, so that none may lead out of its folder.</summary>
    public static bool IsDelegation(string name) => name.Length <= MaxNameCharacters && DelegationPattern().IsMatch(name);

    [GeneratedRegex(@"^targets(?:/[a-z0-9_-][a-z0-9._-]*)+\z", RegexOptions.NonBacktracking)]
    private static partial Regex DelegationPattern();
}

/// <summary>A delegation: who may vouch for which tags.</summary>
/// <param name="Name"><c>targets/NAME</c>.</param>
/// <param name="Role">Its keys.</param>
/// <param name="Paths">Beginnings of the tags that it may sign; an empty text stands for all.</param>
internal sealed record DctDelegation(string Name, DctRole Role, ImmutableArray<string> Paths)
{
    public bool Covers(string tag) => Paths.Any(p => tag.StartsWith(p, StringComparison.Ordinal));

    /// <summary>The signer's name as the docker client shows it.</summary>
    public string Signer => Name["targets/".Length..];

    /// <summary>Whether it lies directly below <c>targets</c>; the docker client looks at no other.</summary>
    public bool IsDirect => Name.Count(c => c == '/') == 1;
}
