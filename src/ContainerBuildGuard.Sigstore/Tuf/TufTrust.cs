namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>The metadata that one update trusts so far. Every way in checks signatures and versions first.</summary>
internal sealed class TufTrust
{
    private readonly Dictionary<string, TufTargets> _targets = [];

    private TufTrust(TufRoot root) => Root = root;

    public TufRoot Root { get; private set; }

    public TufListing? Timestamp { get; private set; }

    public TufListing? Snapshot { get; private set; }

    /// <summary>Starts from the newer one of the cached and the initial root.</summary>
    public static TufTrust Start(TufCache cache, ReadOnlyMemory<byte> initialRoot)
    {
        var initial = SelfSigned(initialRoot);
        try
        {
            return new TufTrust(cache.Read("root.json") is { } bytes && SelfSigned(bytes) is { } cached && cached.Version > initial.Version ? cached : initial);
        }
        catch (TufException)
        {
            return new TufTrust(initial);
        }
    }

    /// <summary>Takes what an earlier update left, as the versions below which nothing is accepted. Its age does not matter here.</summary>
    public void LoadCached(TufCache cache)
    {
        try
        {
            Timestamp = cache.Read("timestamp.json") is { } timestamp ? Listing(timestamp, "timestamp") : null;
            Snapshot = Timestamp is not null && cache.Read("snapshot.json") is { } snapshot ? Listing(snapshot, "snapshot") : null;
        }
        catch (TufException)
        {
            // Damaged, or by keys that were replaced: as if it were not there.
        }
    }

    public void RotateRoot(byte[] bytes, long version)
    {
        var what = $"root metadata {version}";
        var envelope = TufEnvelope.Parse(bytes, "root");
        Root.Roles["root"].Require(envelope, what);
        var next = TufRoot.Read(envelope);
        next.Roles["root"].Require(envelope, what);
        Root = next.Version == version ? next : throw new TufException(TufError.Rollback, $"{what} calls itself version {next.Version}");
    }

    /// <summary>False where it is the version that is trusted already, which then stays.</summary>
    public bool TakeTimestamp(byte[] bytes)
    {
        var next = Listing(bytes, "timestamp");
        var snapshot = next.Find("snapshot.json").Version;
        if (Timestamp is { } trusted)
        {
            if (next.Version == trusted.Version)
            {
                return false;
            }

            if (next.Version < trusted.Version || snapshot < trusted.Find("snapshot.json").Version)
            {
                throw new TufException(TufError.Rollback, $"the timestamp metadata {next.Version} is older than the {trusted.Version} that was trusted before, or lists an older snapshot");
            }
        }

        Timestamp = next;
        return true;
    }

    public void TakeSnapshot(byte[] bytes, long version)
    {
        var next = Listing(bytes, "snapshot");
        if (next.Version != version)
        {
            throw new TufException(TufError.Mismatch, $"the snapshot metadata calls itself version {next.Version}, the timestamp lists {version}");
        }

        foreach (var (name, file) in Snapshot?.Files ?? [])
        {
            if (!next.Files.TryGetValue(name, out var now) || now.Version < file.Version)
            {
                throw new TufException(TufError.Rollback, $"the snapshot metadata drops {name}, or lists an older version than was trusted before");
            }
        }

        Snapshot = next;
    }

    public static TufTargets ReadTargets(byte[] bytes, TufFile listed, TufRole role, string what)
    {
        listed.Require(bytes, what);
        var envelope = TufEnvelope.Parse(bytes, "targets");
        role.Require(envelope, what);
        var targets = TufTargets.Read(envelope);
        return targets.Version == listed.Version ? targets : throw new TufException(TufError.Mismatch, $"{what} calls itself version {targets.Version}, the snapshot lists {listed.Version}");
    }

    /// <summary>Null where the bytes are not what the snapshot lists, signed by the role's keys of now.</summary>
    public static TufTargets? TryTargets(byte[] bytes, TufFile listed, TufRole role)
    {
        try
        {
            return ReadTargets(bytes, listed, role, "the cached metadata");
        }
        catch (TufException)
        {
            return null;
        }
    }

    public TufTargets? Known(string name) => _targets.GetValueOrDefault(name);

    public TufTargets Remember(string name, TufTargets targets) => _targets[name] = targets;

    /// <summary>The top-level targets of an earlier update; null where there are none.</summary>
    public TufTargets? CachedTargets(TufCache cache) =>
        Snapshot?.Files.GetValueOrDefault("targets.json") is { } listed && cache.Read("targets.json") is { } bytes ? TryTargets(bytes, listed, Root.Roles["targets"]) : null;

    public static void RequireCurrent(DateTimeOffset expires, DateTimeOffset now, string what)
    {
        if (expires <= now)
        {
            throw new TufException(TufError.Expired, $"{what} expired at {expires:u}: the repository is not kept up to date, an attacker holds it back, or this machine's clock ({now:u}) is wrong");
        }
    }

    private static TufRoot SelfSigned(ReadOnlyMemory<byte> bytes)
    {
        var envelope = TufEnvelope.Parse(bytes, "root");
        var root = TufRoot.Read(envelope);
        root.Roles["root"].Require(envelope, "the trusted root metadata");
        return root;
    }

    private TufListing Listing(byte[] bytes, string role)
    {
        var envelope = TufEnvelope.Parse(bytes, role);
        Root.Roles[role].Require(envelope, $"the {role} metadata");
        return TufListing.Read(envelope);
    }
}
