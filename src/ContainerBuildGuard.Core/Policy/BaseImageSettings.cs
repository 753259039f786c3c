using System.Collections.Immutable;

namespace ContainerBuildGuard.Policies;

/// <summary>What the policy asks of the images that are built on, before they are built on.</summary>
public sealed record BaseImageSettings
{
    public static BaseImageSettings None { get; } = new();

    /// <summary>Patterns of allowed base images with <c>*</c>; empty allows all.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];

    /// <summary>Whether the project itself must name the base by its digest.</summary>
    public bool RequireDigest { get; init; }

    /// <summary>How long ago a base may have been built; null where its age does not matter.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Whether the digests of accepted builds are kept in the lock file beside the project.</summary>
    public bool Lock { get; init; }

    /// <summary>What proves that a base is what it should be; the first entry that covers a base counts. Where there are entries and none covers a base, it is not verified.</summary>
    public ImmutableArray<BaseImageTrust> Verify { get; init; } = [];

    /// <summary>Whether a base has to be looked at, not resolved alone.</summary>
    public bool AsksForContent => !Verify.IsEmpty || MaxAge is not null;
}

/// <summary>How a base image is proved to be what it should be.</summary>
public enum BaseImageProof
{
    /// <summary>Nothing is asked.</summary>
    None,

    /// <summary>Its digest is on a list.</summary>
    Digests,

    /// <summary>Signatures by whom a trust rule names.</summary>
    Signatures,

    /// <summary>The Notary Project signatures that Microsoft makes of its .NET images, by the trust that ships with the guard.</summary>
    Microsoft,
}

/// <summary>What proves the base images of some repositories.</summary>
public sealed record BaseImageTrust
{
    /// <summary>Patterns of <c>registry/repository</c> with <c>*</c>.</summary>
    public ImmutableArray<string> Images { get; init; } = ["*"];

    public required BaseImageProof By { get; init; }

    /// <summary>The digests of <see cref="BaseImageProof.Digests"/>: of an index or an image, as the base's name resolves to.</summary>
    public ImmutableArray<string> Digests { get; init; } = [];

    /// <summary>The rule of <see cref="BaseImageProof.Signatures"/>; with <see cref="TrustRule.EveryPlatform"/> the images that the build takes must be signed too.</summary>
    public TrustRule? SignedBy { get; init; }

    public bool Covers(string repository) => Images.Any(p => Glob.IsMatch(p, repository));
}
