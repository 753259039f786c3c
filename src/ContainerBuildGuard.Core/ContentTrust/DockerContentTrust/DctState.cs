using System.Collections.Immutable;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Trust data of a repository, all of it verified.</summary>
internal sealed record DctState
{
    public required string Repository { get; init; }

    public required DctRoot Root { get; init; }

    public required DctListing Timestamp { get; init; }

    public required DctListing Snapshot { get; init; }

    public required DctTargets Targets { get; init; }

    /// <summary>The delegations that were asked for and are published, by name.</summary>
    public required ImmutableSortedDictionary<string, DctTargets> Delegated { get; init; }

    /// <summary>Metadata past its end, where that was accepted.</summary>
    public required ImmutableArray<string> Expired { get; init; }

    /// <summary>Whether the root key was seen for the first time, with nothing pinned for it.</summary>
    public required bool FirstUse { get; init; }

    /// <summary>The identities of the root keys.</summary>
    public IEnumerable<string> RootKeys => Root.Own.Keys.Keys.Order(StringComparer.Ordinal);

    /// <summary>What a tag is signed for: in <c>targets/releases</c>, else in <c>targets</c>, as the docker client looks it up; null where it is in neither.</summary>
    public DctFile? Find(string tag) => Released(tag) is { } released ? released.File : null;

    /// <summary>The same with the role that says so.</summary>
    public (string Role, DctFile File)? Released(string tag) =>
        Signed(DctRole.Releases, tag) is { } released ? (DctRole.Releases, released)
        : Targets.Tags.TryGetValue(tag, out var file) ? (DctRole.Targets, file)
        : null;

    /// <summary>Every tag that is signed for users, in order.</summary>
    public IEnumerable<string> Tags => Targets.Tags.Keys.Concat(Delegated.GetValueOrDefault(DctRole.Releases)?.Tags.Keys ?? []).Where(t => Released(t) is not null).Distinct().Order(StringComparer.Ordinal);

    /// <summary>The signers beside the repository itself who say the same of the tag, as far as their delegations were asked for.</summary>
    public IEnumerable<string> SignersOf(string tag, DctFile file) =>
        Targets.Delegations.Where(d => d.IsDirect && d.Name != DctRole.Releases && Signed(d.Name, tag) is { } signed && signed.Sha256 == file.Sha256 && signed.Length == file.Length).Select(d => d.Signer);

    /// <summary>What a delegation says of a tag; null where it says nothing, or may not.</summary>
    public DctFile? Signed(string role, string tag) =>
        Targets.Delegations.FirstOrDefault(d => d.Name == role) is { } delegation && delegation.Covers(tag) ? Delegated.GetValueOrDefault(role)?.Tags.GetValueOrDefault(tag) : null;
}
