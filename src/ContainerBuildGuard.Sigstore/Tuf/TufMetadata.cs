using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>Root metadata: the keys of the top-level roles.</summary>
internal sealed record TufRoot(long Version, DateTimeOffset Expires, bool ConsistentSnapshot, ImmutableDictionary<string, TufRole> Roles)
{
    private static readonly string[] Names = ["root", "timestamp", "snapshot", "targets"];

    public static TufRoot Read(TufEnvelope envelope)
    {
        var keys = TufKeys.Read(envelope.Body);
        var roles = TufEnvelope.Member(envelope.Body, "roles", JsonValueKind.Object);
        return new TufRoot(
            envelope.Version,
            envelope.Expires,
            envelope.Body.TryGetProperty("consistent_snapshot", out var consistent) && consistent.ValueKind == JsonValueKind.True,
            Names.ToImmutableDictionary(n => n, n => TufKeys.Role(TufEnvelope.Member(roles, n, JsonValueKind.Object), keys)));
    }
}

/// <summary>What metadata says about a file.</summary>
/// <param name="Version">The version; 0 for targets, which have none.</param>
/// <param name="Length">The length in bytes; null where it is not given.</param>
/// <param name="Hashes">Hashes in hexadecimal by algorithm, those that this client knows.</param>
internal sealed record TufFile(long Version, long? Length, ImmutableDictionary<string, string> Hashes)
{
    public static TufFile Read(JsonElement file, bool isTarget)
    {
        if (file.ValueKind != JsonValueKind.Object)
        {
            throw TufEnvelope.Malformed("a listed file is no object");
        }

        var hashes = file.TryGetProperty("hashes", out var list) && list.ValueKind == JsonValueKind.Object
            ? list.EnumerateObject().Where(h => h.Name is "sha256" or "sha512" && h.Value.ValueKind == JsonValueKind.String).ToImmutableDictionary(h => h.Name, h => h.Value.GetString()!.ToLowerInvariant())
            : ImmutableDictionary<string, string>.Empty;
        var length = file.TryGetProperty("length", out _) ? TufEnvelope.Integer(file, "length") : (long?)null;
        return isTarget && (length is null || hashes.IsEmpty)
            ? throw TufEnvelope.Malformed("a target has no length, or no hash of a known kind")
            : new TufFile(isTarget ? 0 : TufEnvelope.Integer(file, "version"), length, hashes);
    }

    /// <exception cref="TufException">Mismatch.</exception>
    public void Require(ReadOnlySpan<byte> content, string what)
    {
        var good = Length is null || Length == content.Length;
        foreach (var (algorithm, hex) in Hashes)
        {
            good = good && Convert.ToHexStringLower(algorithm == "sha256" ? SHA256.HashData(content) : SHA512.HashData(content)) == hex;
        }

        if (!good)
        {
            throw new TufException(TufError.Mismatch, $"{what} does not have the length and hashes that signed metadata gives it");
        }
    }
}

/// <summary>Timestamp or snapshot metadata: the versions of other metadata.</summary>
internal sealed record TufListing(long Version, DateTimeOffset Expires, ImmutableDictionary<string, TufFile> Files)
{
    public static TufListing Read(TufEnvelope envelope) => new(
        envelope.Version,
        envelope.Expires,
        TufEnvelope.Member(envelope.Body, "meta", JsonValueKind.Object).EnumerateObject().ToImmutableDictionary(m => m.Name, m => TufFile.Read(m.Value, isTarget: false)));

    public TufFile Find(string name) => Files.TryGetValue(name, out var file) ? file : throw new TufException(TufError.NotFound, $"the metadata lists no {name}");
}

/// <summary>Targets metadata.</summary>
internal sealed record TufTargets(long Version, DateTimeOffset Expires, ImmutableDictionary<string, TufFile> Targets, ImmutableArray<TufDelegation> Delegations)
{
    private const int MaxDelegations = 1024;

    public static TufTargets Read(TufEnvelope envelope)
    {
        var targets = TufEnvelope.Member(envelope.Body, "targets", JsonValueKind.Object).EnumerateObject().ToImmutableDictionary(t => t.Name, t => TufFile.Read(t.Value, isTarget: true));
        if (!envelope.Body.TryGetProperty("delegations", out var delegations) || delegations.ValueKind != JsonValueKind.Object)
        {
            return new TufTargets(envelope.Version, envelope.Expires, targets, []);
        }

        var keys = TufKeys.Read(delegations);
        var roles = TufEnvelope.Member(delegations, "roles", JsonValueKind.Array);
        return roles.GetArrayLength() <= MaxDelegations
            ? new TufTargets(envelope.Version, envelope.Expires, targets, [.. roles.EnumerateArray().Select(r => Delegation(r, keys))])
            : throw new TufException(TufError.Limit, $"targets metadata has more than {MaxDelegations} delegations");
    }

    private static TufDelegation Delegation(JsonElement role, ImmutableDictionary<string, VerificationKey> keys)
    {
        var name = TufEnvelope.Text(role, "name");
        var byPaths = role.TryGetProperty("paths", out _);
        return byPaths == role.TryGetProperty("path_hash_prefixes", out _)
            ? throw TufEnvelope.Malformed($"the delegation to {name} needs either paths or path_hash_prefixes")
            : new TufDelegation(
                name,
                TufKeys.Role(role, keys),
                byPaths ? [.. TufEnvelope.Texts(role, "paths").Select(p => new TufPathPattern(p))] : null,
                byPaths ? [] : [.. TufEnvelope.Texts(role, "path_hash_prefixes")],
                role.TryGetProperty("terminating", out var terminating) && terminating.ValueKind == JsonValueKind.True);
    }
}
