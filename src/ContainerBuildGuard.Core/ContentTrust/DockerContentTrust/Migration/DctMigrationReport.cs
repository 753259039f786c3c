using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>What became of a tag.</summary>
public enum DctMigrationOutcome
{
    /// <summary>It is signed and attested.</summary>
    Migrated,

    /// <summary>It would be signed; nothing was written.</summary>
    Ready,

    /// <summary>The registry serves another digest under the tag, so nothing was signed.</summary>
    Moved,

    /// <summary>The registry does not have the tag, or not what was signed.</summary>
    Missing,

    /// <summary>Docker Content Trust does not sign the tag that was asked for.</summary>
    NotSigned,
}

/// <summary>One tag.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Digest">The digest that it is signed for; none where it is not.</param>
/// <param name="Signers">Who signed it, as the docker client says it.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Detail">Why, where it was not signed.</param>
public sealed record DctMigratedTag(string Tag, Digest? Digest, ImmutableArray<string> Signers, DctMigrationOutcome Outcome, string Detail);

/// <summary>What came of a migration.</summary>
public sealed record DctMigrationReport
{
    /// <summary><c>registry/repository</c>.</summary>
    public required string Repository { get; init; }

    /// <summary>Why the trust data was refused; null where it verified.</summary>
    public TrustFailure? Refusal { get; init; }

    public ImmutableArray<DctMigratedTag> Tags { get; init; } = [];

    /// <summary>What the new signatures rest on: root keys, and each role's version, end, hash and signers.</summary>
    public JsonObject? Evidence { get; init; }

    /// <summary>The trust data in the shape of <c>docker trust inspect</c>.</summary>
    public JsonArray? Inspection { get; init; }

    /// <summary>Metadata past its end that was accepted.</summary>
    public ImmutableArray<string> Expired { get; init; } = [];

    /// <summary>Whether every tag was, or would be, signed.</summary>
    public bool Complete => Refusal is null && Tags.All(t => t.Outcome is DctMigrationOutcome.Migrated or DctMigrationOutcome.Ready);
}
