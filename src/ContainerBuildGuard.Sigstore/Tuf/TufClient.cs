using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>A client of The Update Framework (specification 1.0, section 5). One object makes one update; its clock stands still meanwhile.</summary>
/// <param name="repository">The repository.</param>
/// <param name="cache">Trusted metadata of earlier updates.</param>
/// <param name="initialRoot">Root metadata that is trusted from the start.</param>
/// <param name="time">The clock.</param>
public sealed class TufClient(ITufRepository repository, TufCache cache, ReadOnlyMemory<byte> initialRoot, TimeProvider? time = null)
{
    private const int MaxRootRotations = 256;
    private const int MaxDelegatedRoles = 32;
    private const long MaxRootBytes = 512_000;
    private const long MaxTimestampBytes = 16_384;
    private const long MaxSnapshotBytes = 2_000_000;
    private const long MaxTargetsBytes = 5_000_000;
    private const long MaxTargetBytes = 64 << 20;
    private readonly DateTimeOffset _now = (time ?? TimeProvider.System).GetUtcNow();
    private TufTrust? _trust;

    /// <summary>Brings the metadata up to date.</summary>
    /// <exception cref="TufException">The repository lies, is out of date, or cannot be reached.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var trust = TufTrust.Start(cache, initialRoot);
        await UpdateRootAsync(trust, cancellationToken).ConfigureAwait(false);
        trust.LoadCached(cache);
        await UpdateTimestampAsync(trust, cancellationToken).ConfigureAwait(false);
        await UpdateSnapshotAsync(trust, cancellationToken).ConfigureAwait(false);
        await LoadTargetsAsync(trust, "targets", trust.Root.Roles["targets"], cancellationToken).ConfigureAwait(false);
        _trust = trust;
    }

    /// <summary>A target's content, from the cache where that has it. Refreshes first where that was not done.</summary>
    /// <exception cref="TufException">There is no such target, or the repository gives something else for it.</exception>
    public async Task<byte[]> GetTargetAsync(string path, CancellationToken cancellationToken)
    {
        if (_trust is null)
        {
            await RefreshAsync(cancellationToken).ConfigureAwait(false);
        }

        var target = await FindTargetAsync(_trust!, path, cancellationToken).ConfigureAwait(false);
        if (cache.Read(CachedTarget(path)) is { } cached && IsWhole(target, cached))
        {
            return cached;
        }

        var bytes = await repository.FetchAsync(TargetPath(path, target), Math.Min(target.Length!.Value, MaxTargetBytes), cancellationToken).ConfigureAwait(false)
            ?? throw new TufException(TufError.NotFound, $"the repository lacks the target {path}, which its metadata lists");
        target.Require(bytes, $"the target {path}");
        cache.Write(CachedTarget(path), bytes);
        return bytes;
    }

    /// <summary>A target as an earlier update left it, checked against that update's metadata, whatever its age; null where the cache does not have it whole. Never touches the network.</summary>
    public static byte[]? ReadCachedTarget(TufCache cache, ReadOnlyMemory<byte> initialRoot, string path)
    {
        try
        {
            var trust = TufTrust.Start(cache, initialRoot);
            trust.LoadCached(cache);
            return trust.CachedTargets(cache)?.Targets.GetValueOrDefault(path) is { } target && cache.Read(CachedTarget(path)) is { } bytes && IsWhole(target, bytes) ? bytes : null;
        }
        catch (TufException)
        {
            return null;
        }
    }

    private async Task UpdateRootAsync(TufTrust trust, CancellationToken cancellationToken)
    {
        var first = trust.Root;
        for (var rotations = 0; ; rotations++)
        {
            var version = trust.Root.Version + 1;
            if (await repository.FetchAsync(string.Create(CultureInfo.InvariantCulture, $"{version}.root.json"), MaxRootBytes, cancellationToken).ConfigureAwait(false) is not { } bytes)
            {
                break;
            }

            if (rotations == MaxRootRotations)
            {
                throw new TufException(TufError.Limit, $"the repository has more than {MaxRootRotations} new roots");
            }

            trust.RotateRoot(bytes, version);
            cache.Write("root.json", bytes);
        }

        TufTrust.RequireCurrent(trust.Root.Expires, _now, "the root metadata");
        if (!first.Roles["timestamp"].SameAs(trust.Root.Roles["timestamp"]) || !first.Roles["snapshot"].SameAs(trust.Root.Roles["snapshot"]))
        {
            // Recovery from keys in the wrong hands, who may have signed versions far ahead.
            cache.Delete("timestamp.json");
            cache.Delete("snapshot.json");
        }
    }

    private async Task UpdateTimestampAsync(TufTrust trust, CancellationToken cancellationToken)
    {
        var bytes = await FetchMetadataAsync("timestamp.json", MaxTimestampBytes, cancellationToken).ConfigureAwait(false);
        var changed = trust.TakeTimestamp(bytes);
        TufTrust.RequireCurrent(trust.Timestamp!.Expires, _now, "the timestamp metadata");
        cache.Write("timestamp.json", changed ? bytes : cache.Read("timestamp.json") ?? bytes);
    }

    private async Task UpdateSnapshotAsync(TufTrust trust, CancellationToken cancellationToken)
    {
        var listed = trust.Timestamp!.Find("snapshot.json");
        if (trust.Snapshot?.Version != listed.Version || cache.Read("snapshot.json") is not { } cached || !IsWhole(listed, cached))
        {
            var bytes = await FetchMetadataAsync(Versioned(trust, "snapshot", listed.Version), listed.Length ?? MaxSnapshotBytes, cancellationToken).ConfigureAwait(false);
            listed.Require(bytes, "the snapshot metadata");
            trust.TakeSnapshot(bytes, listed.Version);
            TufTrust.RequireCurrent(trust.Snapshot!.Expires, _now, "the snapshot metadata");
            cache.Write("snapshot.json", bytes);
            return;
        }

        TufTrust.RequireCurrent(trust.Snapshot.Expires, _now, "the snapshot metadata");
    }

    private async Task<TufTargets> LoadTargetsAsync(TufTrust trust, string name, TufRole role, CancellationToken cancellationToken)
    {
        var listed = trust.Snapshot!.Find($"{name}.json");
        var what = $"the metadata of the role {name}";
        var file = $"{Uri.EscapeDataString(name)}.json";
        if (cache.Read(file) is { } cached && TufTrust.TryTargets(cached, listed, role) is { } known)
        {
            TufTrust.RequireCurrent(known.Expires, _now, what);
            return trust.Remember(name, known);
        }

        var bytes = await FetchMetadataAsync(Versioned(trust, Uri.EscapeDataString(name), listed.Version), listed.Length ?? MaxTargetsBytes, cancellationToken).ConfigureAwait(false);
        var targets = TufTrust.ReadTargets(bytes, listed, role, what);
        TufTrust.RequireCurrent(targets.Expires, _now, what);
        cache.Write(file, bytes);
        return trust.Remember(name, targets);
    }

    /// <summary>Pre-order, depth first (section 5.6.7): a role is asked before those that it delegates to, and a terminating one ends the search.</summary>
    private async Task<TufFile> FindTargetAsync(TufTrust trust, string path, CancellationToken cancellationToken)
    {
        var visited = new HashSet<string>();
        var pending = new Stack<(string Name, TufRole Role)>([("targets", trust.Root.Roles["targets"])]);
        while (pending.TryPop(out var next))
        {
            if (!visited.Add(next.Name))
            {
                continue;
            }

            if (visited.Count > MaxDelegatedRoles)
            {
                throw new TufException(TufError.Limit, $"more than {MaxDelegatedRoles} roles would have to be asked for the target {path}");
            }

            var targets = trust.Known(next.Name) ?? await LoadTargetsAsync(trust, next.Name, next.Role, cancellationToken).ConfigureAwait(false);
            if (targets.Targets.TryGetValue(path, out var target))
            {
                return target;
            }

            var covering = targets.Delegations.Where(d => d.Covers(path)).ToList();
            var last = covering.FindIndex(d => d.Terminating);
            if (last >= 0)
            {
                pending.Clear();
                covering = covering[..(last + 1)];
            }

            foreach (var delegation in Enumerable.Reverse(covering))
            {
                pending.Push((delegation.Name, delegation.Role));
            }
        }

        throw new TufException(TufError.NotFound, $"the repository has no target {path}");
    }

    private async Task<byte[]> FetchMetadataAsync(string path, long maxBytes, CancellationToken cancellationToken) =>
        await repository.FetchAsync(path, maxBytes, cancellationToken).ConfigureAwait(false) ?? throw new TufException(TufError.NotFound, $"the repository has no {path}");

    private static string Versioned(TufTrust trust, string name, long version) =>
        trust.Root.ConsistentSnapshot ? string.Create(CultureInfo.InvariantCulture, $"{version}.{name}.json") : $"{name}.json";

    private string TargetPath(string path, TufFile target)
    {
        var parts = path.Split('/').Select(Uri.EscapeDataString).ToArray();
        if (_trust!.Root.ConsistentSnapshot)
        {
            parts[^1] = $"{target.Hashes.GetValueOrDefault("sha256") ?? target.Hashes["sha512"]}.{parts[^1]}";
        }

        return $"targets/{string.Join('/', parts)}";
    }

    private static string CachedTarget(string path) => $"target-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))}";

    private static bool IsWhole(TufFile target, byte[] content)
    {
        try
        {
            target.Require(content, "");
            return true;
        }
        catch (TufException)
        {
            return false;
        }
    }
}
