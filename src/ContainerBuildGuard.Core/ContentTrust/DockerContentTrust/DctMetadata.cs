using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Root metadata: the keys of the four top-level roles.</summary>
internal sealed record DctRoot(DctEnvelope Envelope, long Version, DateTimeOffset Expires, ImmutableDictionary<string, DctRole> Roles)
{
    private static readonly string[] Names = [DctRole.Root, DctRole.Timestamp, DctRole.Snapshot, DctRole.Targets];

    public DctRole Own => Roles[DctRole.Root];

    public static DctRoot Read(DctEnvelope envelope)
    {
        var keys = DctRole.ReadKeys(envelope.Body);
        var roles = envelope.Body.Member("roles", JsonValueKind.Object);
        return new DctRoot(envelope, envelope.Version, envelope.Expires, Names.ToImmutableDictionary(n => n, n => DctRole.Read(roles.Member(n, JsonValueKind.Object), keys)));
    }
}

/// <summary>What metadata says about a file: its length and hashes.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="Sha256">In hexadecimal; the digest of a tag's manifest.</param>
/// <param name="Sha512">In hexadecimal; null where it is not given.</param>
internal sealed record DctFile(long Length, string Sha256, string? Sha512)
{
    public static DctFile Read(JsonElement file)
    {
        var hashes = file.Member("hashes", JsonValueKind.Object);
        return new DctFile(file.Integer("length"), Hex(hashes.Text("sha256"), SHA256.HashSizeInBytes), hashes.TryGetProperty("sha512", out _) ? Hex(hashes.Text("sha512"), SHA512.HashSizeInBytes) : null);
    }

    public bool Matches(ReadOnlySpan<byte> content) =>
        Length == content.Length && Convert.ToHexStringLower(SHA256.HashData(content)) == Sha256 && (Sha512 is null || Convert.ToHexStringLower(SHA512.HashData(content)) == Sha512);

    /// <exception cref="DctException">Other content.</exception>
    public void Require(ReadOnlySpan<byte> content, string what)
    {
        if (!Matches(content))
        {
            throw new DctException(DctError.Mismatch, $"the {what} metadata does not have the length and hashes that signed metadata gives it");
        }
    }

    private static string Hex(string base64, int bytes) =>
        DctJson.Base64(base64, "a hash") is var hash && hash.Length == bytes ? Convert.ToHexStringLower(hash) : throw DctException.Malformed("a hash does not have its algorithm's length");
}

/// <summary>Timestamp or snapshot metadata: what other metadata is current.</summary>
internal sealed record DctListing(DctEnvelope Envelope, long Version, DateTimeOffset Expires, ImmutableDictionary<string, DctFile> Files)
{
    public static DctListing Read(DctEnvelope envelope) => new(
        envelope,
        envelope.Version,
        envelope.Expires,
        envelope.Body.Member("meta", JsonValueKind.Object).EnumerateObject().ToImmutableDictionary(m => m.Name, m => DctFile.Read(m.Value)));

    public DctFile Find(string role, string where) => Files.TryGetValue(role, out var file) ? file : throw new DctException(DctError.Mismatch, $"the {where} metadata lists no {role}");
}

/// <summary>Targets metadata: tags with their digests, and who else may sign some.</summary>
internal sealed record DctTargets(DctEnvelope Envelope, long Version, DateTimeOffset Expires, ImmutableSortedDictionary<string, DctFile> Tags, ImmutableArray<DctDelegation> Delegations)
{
    private const int MaxDelegations = 256;

    public static DctTargets Read(DctEnvelope envelope)
    {
        var tags = envelope.Body.Member("targets", JsonValueKind.Object).EnumerateObject().ToImmutableSortedDictionary(t => t.Name, t => DctFile.Read(t.Value), StringComparer.Ordinal);
        return new DctTargets(envelope, envelope.Version, envelope.Expires, tags, envelope.Body.TryGetProperty("delegations", out var delegations) && delegations.ValueKind == JsonValueKind.Object ? Delegated(delegations) : []);
    }

    private static ImmutableArray<DctDelegation> Delegated(JsonElement delegations)
    {
        if (!delegations.TryGetProperty("roles", out var roles) || roles is { ValueKind: JsonValueKind.Null } || (roles.ValueKind == JsonValueKind.Array && roles.GetArrayLength() == 0))
        {
            return [];
        }

        var keys = DctRole.ReadKeys(delegations);
        var read = delegations.Member("roles", JsonValueKind.Array).EnumerateArray().Select(r => Delegation(r, keys)).Take(MaxDelegations + 1).ToImmutableArray();
        return read.Length > MaxDelegations ? throw new DctException(DctError.Limit, $"the metadata has more than {MaxDelegations} delegations")
            : read.DistinctBy(d => d.Name).Count() < read.Length ? throw DctException.Malformed("a delegation is there twice")
            : read;
    }

    private static DctDelegation Delegation(JsonElement role, ImmutableDictionary<string, DctKey> keys) =>
        role.Text("name") is var name && DctRole.IsDelegation(name)
            ? new DctDelegation(name, DctRole.Read(role, keys), role.TryGetProperty("paths", out var paths) && paths.ValueKind == JsonValueKind.Array ? [.. role.Texts("paths")] : [])
            : throw DctException.Malformed("a delegation's name is none");
}
