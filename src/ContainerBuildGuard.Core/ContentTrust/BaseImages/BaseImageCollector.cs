using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>What to find out about a base.</summary>
public sealed record BaseImageInquiry
{
    public required ImageReference Reference { get; init; }

    public required Policy Policy { get; init; }

    /// <summary>The platforms that are built for; empty asks for every image of an index.</summary>
    public ImmutableArray<Platform> Platforms { get; init; } = [];

    /// <summary>The trusted root of a Sigstore instance; null for the public-good one.</summary>
    public string? TrustedRootFile { get; init; }

    /// <summary>A PEM file with the root of Microsoft's timestamp authority, for the proof of that name: the .NET SDK's <c>trustedroots/timestampctl.pem</c>.</summary>
    public string TimestampRootsFile { get; init; } = "";

    /// <summary>Opens the trust that ships with the guard; tests put a root of their own in its place.</summary>
    internal Func<BaseImageInquiry, NotationTrust> OpenMicrosoftTrust { get; init; } = static inquiry =>
        NotationTrust.Microsoft(inquiry.TimestampRootsFile, new NotationOptions { Revocation = inquiry.Offline ? RevocationMode.Cached : RevocationMode.Online });

    /// <summary>What DOCKER_CONTENT_TRUST asks of every tag; null where it is off.</summary>
    public DctTrust? ContentTrust { get; init; }

    /// <summary>Whether the network is left alone but for the registry.</summary>
    public bool Offline { get; init; }

    /// <summary>Whether the base has to be looked at, not resolved alone.</summary>
    internal bool AsksForContent => Policy.BaseImages.AsksForContent || AsksForContentTrust;

    /// <summary>As for the docker client, a digest needs no trust data: it cannot be moved.</summary>
    internal bool AsksForContentTrust => ContentTrust is not null && Reference.Digest is null;
}

/// <summary>Resolves a base once and gathers what the policy asks about it. Everything after the first answer is read by digest.</summary>
public static class BaseImageCollector
{
    /// <summary>The facts; null where the registry has no such image.</summary>
    /// <exception cref="ImageException">The registry refuses or cannot be reached, or what it holds is not readable.</exception>
    /// <exception cref="GuardException">Whom to trust could not be established.</exception>
    public static async Task<BaseImageFacts?> CollectAsync(RegistryClient client, BaseImageInquiry inquiry, CancellationToken cancellationToken)
    {
        var reference = inquiry.Reference;
        var hasMirrors = inquiry.Policy.Registries.Any(h => h.Name.Equals(reference.Registry, StringComparison.OrdinalIgnoreCase) && !h.Mirrors.IsEmpty);
        if (!inquiry.AsksForContent && !hasMirrors)
        {
            var known = reference.Digest ?? await client.HeadManifestAsync(reference.Registry, reference.Repository, reference.Selector, cancellationToken);
            return known is { } digest ? Facts(reference, reference.Registry, reference.Repository, digest) : null;
        }

        var found = await client.FindManifestAsync(reference.Registry, reference.Repository, reference.Selector, cancellationToken);
        var facts = Facts(reference, found.Registry, found.Repository, found.Descriptor.Digest);
        if (!inquiry.AsksForContent)
        {
            return facts;
        }

        var resolved = reference with { Digest = found.Descriptor.Digest };
        facts = facts with { Platforms = await PlatformsAsync(client, resolved, inquiry, cancellationToken) };
        return facts with { Verification = await VerifyAsync(client, resolved, facts, inquiry, cancellationToken) };
    }

    private static BaseImageFacts Facts(ImageReference reference, string registry, string repository, Digest digest) =>
        new() { Schema = BaseImageFacts.CurrentSchema, Name = reference.ToString(), Registry = registry, Repository = repository, Digest = digest.ToString() };

    private static async Task<ImmutableArray<BaseImagePlatform>> PlatformsAsync(RegistryClient client, ImageReference resolved, BaseImageInquiry inquiry, CancellationToken cancellationToken)
    {
        var platforms = new List<BaseImagePlatform>();
        foreach (var platform in inquiry.Platforms.IsEmpty ? [null] : inquiry.Platforms.Cast<Platform?>().Distinct())
        {
            await using var set = await ImageSource.OpenAsync((resolved with { Tag = null }).ToString(), inquiry.Policy.SourceOptions() with { Registry = client.Options, Platform = platform }, cancellationToken);
            platforms.AddRange(set.Images.Select(i => new BaseImagePlatform((platform ?? i.Platform).ToString(), i.Digest.ToString(), i.Config.Created, [.. i.Manifest.Layers.Select(l => l.Digest.ToString())])));
        }

        return [.. platforms.DistinctBy(p => p.Digest)];
    }

    private static async Task<BaseImageVerification?> VerifyAsync(RegistryClient client, ImageReference resolved, BaseImageFacts facts, BaseImageInquiry inquiry, CancellationToken cancellationToken)
    {
        var verifier = new BaseImageVerifier(client, inquiry);
        var entries = inquiry.Policy.BaseImages.Verify;
        var repository = $"{resolved.Registry}/{resolved.Repository}";
        var entry = entries.FirstOrDefault(t => t.Covers(repository));
        var verification = entry is not null ? await verifier.VerifyAsync(resolved, [.. facts.Platforms.Select(p => Digest.Parse(p.Digest))], entry, cancellationToken)
            : entries.IsEmpty ? null
            : new BaseImageVerification("nothing", [], [$"no entry of base-images: verify covers {repository}"]);
        return inquiry.AsksForContentTrust && entry?.SignedBy?.Dct is null
            ? Both(verification, await verifier.ByContentTrustAsync(resolved, inquiry.ContentTrust!, cancellationToken))
            : verification;
    }

    private static BaseImageVerification Both(BaseImageVerification? one, BaseImageVerification other) => one is null or { By: "none" } ? other
        : new BaseImageVerification($"{one.By}, {other.By}", [.. one.Signers, .. other.Signers], [.. one.Failures, .. other.Failures]);
}
