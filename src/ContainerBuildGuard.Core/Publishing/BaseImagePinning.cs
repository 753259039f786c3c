using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust.BaseImages;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>
/// Looks at the base before the SDK does, and pins the build to the digest that was looked at. A build whose policy asks nothing of its base costs one request, and no error of its
/// own: where the registry does not answer, the SDK says so in its own words.
/// </summary>
public static class BaseImagePinning
{
    /// <exception cref="GuardException">The policy asks something of the base, and it could not be found out.</exception>
    public static async Task<PinOutcome> RunAsync(PinRequest request, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(request.FactsFile)!);
            File.Delete(request.FactsFile);
            return await PinAsync(request, cancellationToken);
        }
        catch (ImageException e)
        {
            throw e.ToGuardException();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException(GuardRules.FileSystem.Code, GuardFailure.Environment, $"What the base image was found to be could not be kept ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static async Task<PinOutcome> PinAsync(PinRequest request, CancellationToken cancellationToken)
    {
        var policy = PublishPolicy.Load(request.PolicyPath, request.ProjectDirectory, request.FailOn);
        var locked = request.Locking.View(policy, request.ProjectFile, request.TargetFramework);
        ImageReference reference;
        try
        {
            reference = ImageReference.Parse($"{request.Registry}/{request.Repository}{(request.Tag.Length > 0 ? $":{request.Tag}" : "")}{(request.Digest.Length > 0 ? $"@{request.Digest}" : "")}");
        }
        catch (ImageException e) when (policy.BaseImages == BaseImageSettings.None && !locked.IsOn && request.ContentTrust is null)
        {
            return new PinOutcome { Summary = $"ContainerBuildGuard leaves the base image to the SDK: {e.Message}" };
        }

        if (BaseImagePolicy.Check(policy, request.BaseImage, request.Digest.Length > 0 ? request.Digest : null) is { } disallowed
            && await RefusingAsync(request, policy, reference, [disallowed], cancellationToken) is { IsEmpty: false } refused)
        {
            return new PinOutcome { Refusing = refused };
        }

        var facts = await CollectAsync(request, policy, reference, locked.IsEnforced, cancellationToken);
        if (facts is null)
        {
            return new PinOutcome { Summary = $"ContainerBuildGuard could not ask {reference.Registry} for the digest of the base image {reference}; it is left to the SDK." };
        }

        await File.WriteAllTextAsync(request.FactsFile, facts.ToJson(), cancellationToken);
        return new PinOutcome
        {
            Refusing = await RefusingAsync(request, policy, reference, [.. BaseImageJudge.Judge(facts, policy, locked, request.Time.GetUtcNow())], cancellationToken),
            Registry = facts.Registry,
            Repository = facts.Repository,
            Digest = facts.Digest,
            Summary = BaseImageGate.Describe(facts),
        };
    }

    private static async Task<BaseImageFacts?> CollectAsync(PinRequest request, Policy policy, ImageReference reference, bool isEnforced, CancellationToken cancellationToken)
    {
        var inquiry = new BaseImageInquiry
        {
            Reference = reference,
            Policy = policy,
            Platforms = RuntimeIdentifiers.ToPlatforms(request.RuntimeIdentifiers),
            TrustedRootFile = request.TrustedRoot.Length > 0 ? request.TrustedRoot : null,
            TimestampRootsFile = request.TimestampRoots,
            ContentTrust = request.ContentTrust,
        };
        var mustKnow = isEnforced || inquiry.AsksForContent || (policy.BaseImages.RequireDigest && reference.Digest is null);
        using var client = new RegistryClient(request.Tune(Options(policy, mustKnow)));
        try
        {
            var facts = await BaseImageCollector.CollectAsync(client, inquiry, cancellationToken);
            return facts is null && mustKnow ? throw new ImageException(ImageError.NotFound, $"There is no image {reference}: correct <ContainerBaseImage>.") : facts;
        }
        catch (ImageException e) when (!mustKnow && e.Error is ImageError.Unreachable or ImageError.NotFound or ImageError.Unauthorized or ImageError.Denied && !policy.Registries.Any(h => h.Blocked && h.Name.Equals(reference.Registry, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }
    }

    /// <summary>Only documents of a few kilobytes are read: a registry that says nothing for half a minute is given up sooner than one that stores a large layer.</summary>
    internal static RegistryClientOptions Options(Policy policy, bool mustKnow) => mustKnow
        ? policy.RegistryOptions() with { StallTimeout = TimeSpan.FromSeconds(30) }
        : policy.RegistryOptions() with { Attempts = 1, ConnectTimeout = TimeSpan.FromSeconds(5), StallTimeout = TimeSpan.FromSeconds(15) };

    /// <summary>Of the findings those that refuse; they are reported, for there will be no image to report on.</summary>
    private static async Task<ImmutableArray<Finding>> RefusingAsync(PinRequest request, Policy policy, ImageReference reference, IReadOnlyList<Finding> findings, CancellationToken cancellationToken)
    {
        var judged = BaseImageGate.Judge(policy, findings, request.AlsoRefuses, request.Time);
        if (!judged.Refusing.IsEmpty)
        {
            await PublishReports.WriteFindingsAsync(request.ReportDirectory, new GuardResult
            {
                Reference = reference.ToString(),
                BaseImage = reference.ToString(),
                Verdict = Verdict.Refused,
                Controls = [Control.ContentTrust],
                Findings = judged.Findings,
                Refusing = judged.Refusing,
            }, request.Time.GetUtcNow(), cancellationToken);
        }

        return judged.Refusing;
    }
}
