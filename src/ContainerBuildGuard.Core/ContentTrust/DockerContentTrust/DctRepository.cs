using System.Collections.Immutable;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>
/// Gets a repository's trust data and verifies it: root (with every change of its keys), timestamp, snapshot, targets, delegations, each by the one before it, none past its end and none
/// older than what was trusted before. What verified is stored, and only once all of it did.
/// </summary>
/// <param name="repository">The repository, <c>registry/repository</c>.</param>
/// <param name="server">The server; null to take what this machine has.</param>
/// <param name="store">The store.</param>
/// <param name="pinning">What is pinned of root keys.</param>
/// <param name="now">The time.</param>
internal sealed class DctRepository(string repository, DctServer? server, DctStore store, DctPinning pinning, DateTimeOffset now)
{
    private const int MaxRotations = 256;
    private const int MaxRootBytes = 1 << 20;
    private const int MaxTimestampBytes = 1 << 16;
    private const int MaxBytes = 32 << 20;
    private readonly List<string> _expired = [];
    private bool _firstUse;

    /// <summary>Whether metadata past its end is taken all the same, and listed.</summary>
    public bool AcceptExpired { get; init; }

    private DctRootTrust RootTrust => new(repository, pinning, now, AcceptExpired);

    /// <param name="delegations">The delegations to read as well, by name.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="DctException">Refused, or not to be had.</exception>
    public async Task<DctState> ReadAsync(Func<DctDelegation, bool> delegations, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadOnceAsync(delegations, cancellationToken);
        }
        catch (DctException e) when (e.Error == DctError.Mismatch && server is not null)
        {
            // A publication in between looks like this; one that lies does so again.
            return await ReadOnceAsync(delegations, cancellationToken);
        }
    }

    private async Task<DctState> ReadOnceAsync(Func<DctDelegation, bool> delegations, CancellationToken cancellationToken)
    {
        _expired.Clear();
        var root = await RootAsync(cancellationToken);
        RequireCurrent(root.Expires, DctRole.Root);
        var timestamp = await TimestampAsync(root, cancellationToken);
        var listed = timestamp.Find(DctRole.Snapshot, DctRole.Timestamp);
        var snapshot = await SnapshotAsync(root, listed, cancellationToken);
        snapshot.Find(DctRole.Root, DctRole.Snapshot).Require(root.Envelope.Bytes, DctRole.Root);
        var targets = await TargetsAsync(DctRole.Targets, root.Roles[DctRole.Targets], snapshot.Find(DctRole.Targets, DctRole.Snapshot), cancellationToken);
        var known = Stored(root)?.Files;
        var delegated = ImmutableSortedDictionary.CreateBuilder<string, DctTargets>(StringComparer.Ordinal);
        foreach (var delegation in targets.Delegations.Where(d => d.IsDirect))
        {
            if (snapshot.Files.TryGetValue(delegation.Name, out var file))
            {
                if (delegations(delegation))
                {
                    delegated[delegation.Name] = await TargetsAsync(delegation.Name, delegation.Role, file, cancellationToken);
                }
            }
            else if (known?.ContainsKey(delegation.Name) == true)
            {
                throw new DctException(DctError.Rollback, $"the snapshot metadata drops {delegation.Name}, which was there before and is still delegated to");
            }
        }

        var state = new DctState { Repository = repository, Root = root, Timestamp = timestamp, Snapshot = snapshot, Targets = targets, Delegated = delegated.ToImmutable(), Expired = [.. _expired], FirstUse = _firstUse };
        Store(state);
        return state;
    }

    private async Task<DctRoot> RootAsync(CancellationToken cancellationToken)
    {
        var known = StoredRoot();
        if (server is null)
        {
            return known ?? throw new DctException(DctError.Unreachable, $"this machine has no trust data of {repository}, and the network is to be left alone");
        }

        var bytes = await server.GetAsync("root.json", MaxRootBytes, cancellationToken);
        if (bytes is null)
        {
            throw new DctException(DctError.NotFound, known is null ? "the server has no trust data of the repository" : "the server has no trust data of the repository any more, and had some before");
        }

        var envelope = DctEnvelope.Parse(bytes, "Root");
        if (known is null)
        {
            var first = RootTrust.Read(envelope, null);
            _firstUse = !RootTrust.Believe(first, first: true);
            return first;
        }

        if (envelope.Version < known.Version)
        {
            throw new DctException(DctError.Rollback, $"the server's root metadata is version {envelope.Version}, and {known.Version} was trusted before");
        }

        if (envelope.Version - known.Version > MaxRotations)
        {
            throw new DctException(DctError.Limit, $"the root metadata is {envelope.Version - known.Version} versions ahead, more than {MaxRotations}");
        }

        while (known.Version < envelope.Version)
        {
            known = await FollowAsync(known, cancellationToken);
        }

        RootTrust.Believe(known, first: false);
        return known;
    }

    /// <summary>The next root, which the one before must have signed too.</summary>
    private async Task<DctRoot> FollowAsync(DctRoot known, CancellationToken cancellationToken)
    {
        var version = known.Version + 1;
        var next = await server!.GetAsync($"{version}.root.json", MaxRootBytes, cancellationToken) ?? throw new DctException(DctError.Mismatch, $"the server lacks version {version} of the root metadata, on the way to its newest");
        var root = RootTrust.Read(DctEnvelope.Parse(next, "Root"), known);
        return root.Version == version ? root : throw new DctException(DctError.Rollback, $"version {version} of the root metadata calls itself {root.Version}");
    }

    /// <summary>The stored root; null where there is none, or where it is none of those that are pinned now.</summary>
    private DctRoot? StoredRoot()
    {
        if (store.Read(DctRole.Root) is not { } bytes)
        {
            return null;
        }

        DctRoot root;
        try
        {
            root = RootTrust.Read(DctEnvelope.Parse(bytes, "Root"), null);
        }
        catch (DctException e)
        {
            throw new DctException(DctError.Unreachable, $"the root metadata in {store.Folder} is damaged ({e.Message}); remove that folder to begin anew", e);
        }

        try
        {
            RootTrust.Believe(root, first: false);
            return root;
        }
        catch (DctException e) when (e.Error is DctError.NotTrusted or DctError.SignatureMissing && server is not null)
        {
            return null;
        }
    }

    private async Task<DctListing> TimestampAsync(DctRoot root, CancellationToken cancellationToken)
    {
        var bytes = (server is null ? store.Read(DctRole.Timestamp) : await server.GetAsync("timestamp.json", MaxTimestampBytes, cancellationToken)) ?? throw Missing(DctRole.Timestamp);
        var timestamp = DctListing.Read(root.Roles[DctRole.Timestamp].Require(DctEnvelope.Parse(bytes, "Timestamp"), DctRole.Timestamp));
        RequireNewer(timestamp.Version, root.Roles[DctRole.Timestamp], DctRole.Timestamp, "Timestamp");
        RequireCurrent(timestamp.Expires, DctRole.Timestamp);
        return timestamp;
    }

    private async Task<DctListing> SnapshotAsync(DctRoot root, DctFile listed, CancellationToken cancellationToken)
    {
        var bytes = await FileAsync(DctRole.Snapshot, listed, cancellationToken);
        var snapshot = DctListing.Read(root.Roles[DctRole.Snapshot].Require(DctEnvelope.Parse(bytes, "Snapshot"), DctRole.Snapshot));
        RequireNewer(snapshot.Version, root.Roles[DctRole.Snapshot], DctRole.Snapshot, "Snapshot");
        RequireCurrent(snapshot.Expires, DctRole.Snapshot);
        return snapshot;
    }

    private async Task<DctTargets> TargetsAsync(string name, DctRole role, DctFile listed, CancellationToken cancellationToken)
    {
        var bytes = await FileAsync(name, listed, cancellationToken);
        var targets = DctTargets.Read(role.Require(DctEnvelope.Parse(bytes, "Targets"), name));
        RequireNewer(targets.Version, role, name, "Targets");
        RequireCurrent(targets.Expires, name);
        return targets;
    }

    /// <summary>A file that other metadata lists, checked against what is listed.</summary>
    private async Task<byte[]> FileAsync(string role, DctFile listed, CancellationToken cancellationToken)
    {
        if (listed.Length > MaxBytes)
        {
            throw new DctException(DctError.Limit, $"the {role} metadata is to have {listed.Length} bytes, more than {MaxBytes}");
        }

        // What was trusted before and is still listed needs no second transfer.
        if (store.Read(role) is { } stored && listed.Matches(stored))
        {
            return stored;
        }

        if (server is null)
        {
            throw Missing(role);
        }

        var bytes = await server.GetAsync($"{role}.{listed.Sha256}.json", (int)listed.Length, cancellationToken)
            ?? await server.GetAsync($"{role}.json", (int)listed.Length, cancellationToken)
            ?? throw Missing(role);
        listed.Require(bytes, role);
        return bytes;
    }

    private DctException Missing(string role) => server is null
        ? new DctException(DctError.Unreachable, $"this machine does not have the current {role} metadata of {repository}, and the network is to be left alone")
        : new DctException(DctError.Mismatch, $"the server lacks the {role} metadata, without which nothing can be verified");

    /// <summary>A version below the stored one, as long as the role's keys of now vouch for that.</summary>
    private void RequireNewer(long version, DctRole role, string name, string type)
    {
        if (StoredEnvelope(role, name, type) is { } stored && version < stored.Version)
        {
            throw new DctException(DctError.Rollback, $"the {name} metadata is version {version}, and {stored.Version} was trusted before");
        }
    }

    private DctListing? Stored(DctRoot root) => StoredEnvelope(root.Roles[DctRole.Snapshot], DctRole.Snapshot, "Snapshot") is { } snapshot ? DctListing.Read(snapshot) : null;

    private DctEnvelope? StoredEnvelope(DctRole role, string name, string type)
    {
        try
        {
            return store.Read(name) is { } bytes ? role.Require(DctEnvelope.Parse(bytes, type), name) : null;
        }
        catch (DctException)
        {
            // By keys that were replaced: as if it were not there.
            return null;
        }
    }

    private void RequireCurrent(DateTimeOffset expires, string role)
    {
        if (expires > now)
        {
            return;
        }

        if (!AcceptExpired)
        {
            throw new DctException(DctError.Expired, $"the {role} metadata expired at {expires:u}");
        }

        _expired.Add($"{role} ({expires:u})");
    }

    private void Store(DctState state)
    {
        if (server is null || AcceptExpired)
        {
            return;
        }

        store.Write(DctRole.Root, state.Root.Envelope.Bytes);
        foreach (var (name, targets) in state.Delegated)
        {
            store.Write(name, targets.Envelope.Bytes);
        }

        store.Write(DctRole.Targets, state.Targets.Envelope.Bytes);
        store.Write(DctRole.Snapshot, state.Snapshot.Envelope.Bytes);
        store.Write(DctRole.Timestamp, state.Timestamp.Envelope.Bytes);
    }
}
