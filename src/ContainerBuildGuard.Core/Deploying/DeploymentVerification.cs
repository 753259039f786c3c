using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration.Deployments;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Deploying;

/// <summary>What came of one image of a deployment.</summary>
/// <param name="Image">The image and its place.</param>
/// <param name="Verification">The verification; null where it could not be made.</param>
/// <param name="Error">Why it could not be made.</param>
public sealed record DeployedImageVerification(DeployedImage Image, ImageVerification? Verification, GuardException? Error);

/// <summary>What came of all images of a deployment.</summary>
public sealed record DeploymentVerificationResult
{
    public required ImmutableArray<DeployedImageVerification> Images { get; init; }

    /// <summary>What could not be read or looked up, each with its place: not verified, and not said to be.</summary>
    public required ImmutableArray<string> Unread { get; init; }

    /// <summary>How many documents were understood.</summary>
    public required int Documents { get; init; }

    /// <summary>The files that digests were written into.</summary>
    public ImmutableArray<FixedFile> Pinned { get; init; } = [];

    /// <summary>Verified images whose names have to be pinned by hand.</summary>
    public ImmutableArray<DeployedImage> ByHand { get; init; } = [];

    /// <summary>Whether an image is there and not to be trusted, or no rule says whom to trust with it.</summary>
    public bool IsRefused => Images.Any(i => i.Verification is { Failures.IsEmpty: false } || i.Error?.Code == ContentTrustRules.NoTrustRule.Code);

    /// <summary>Whether every image was looked at.</summary>
    public bool IsComplete => Documents > 0 && Unread.IsEmpty && Images.All(i => i.Error is null);
}

/// <summary>Verifies every image that deployment files name, each name once.</summary>
public static class DeploymentVerification
{
    /// <param name="request">The files.</param>
    /// <param name="verify">Verifies one image.</param>
    /// <param name="pin">Whether the digests of what verified are written into the files.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<DeploymentVerificationResult> RunAsync(DeploymentAuditRequest request, Func<string, CancellationToken, Task<ImageVerification>> verify, bool pin, CancellationToken cancellationToken)
    {
        var deployed = DeploymentImages.Read(request, cancellationToken);
        var known = deployed.Images.Where(i => i.Unknown is null).ToList();
        var byName = new Dictionary<string, (ImageVerification? Verification, GuardException? Error)>(StringComparer.Ordinal);
        foreach (var name in known.Select(i => i.Name).Distinct(StringComparer.Ordinal))
        {
            byName[name] = await VerifyAsync(name, verify, cancellationToken);
        }

        var verified = known.ConvertAll(i => new DeployedImageVerification(i, byName[i.Name].Verification, byName[i.Name].Error));
        var (files, byHand) = pin ? DeploymentImages.Pin(verified.Where(v => v.Verification is { Verified: true }).Select(v => (v.Image, v.Verification!.Digest.ToString()))) : ([], []);
        return new DeploymentVerificationResult
        {
            Images = [.. verified],
            Unread = [.. deployed.Unread, .. deployed.Images.Where(i => i.Unknown is not null).Select(i => FormattableString.Invariant($"{i.File}({i.Line},{i.Column}): {i.Container}: {i.Unknown}"))],
            Documents = deployed.Documents,
            Pinned = [.. files],
            ByHand = [.. byHand],
        };
    }

    /// <summary>One image that cannot be looked up does not keep the others from being verified.</summary>
    private static async Task<(ImageVerification? Verification, GuardException? Error)> VerifyAsync(string name, Func<string, CancellationToken, Task<ImageVerification>> verify, CancellationToken cancellationToken)
    {
        try
        {
            return (await verify(name, cancellationToken), null);
        }
        catch (ImageException e)
        {
            return (null, e.ToGuardException());
        }
        catch (GuardException e)
        {
            return (null, e);
        }
    }
}
