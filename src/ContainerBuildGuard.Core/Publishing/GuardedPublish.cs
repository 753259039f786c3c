using System.Collections.Immutable;
using System.Text;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>
/// The guarded publish from the staged archive on: open, vet, deliver exactly the vetted bytes, sign, report.
/// Everything after the verdict depends on the verdict alone.
/// </summary>
public static class GuardedPublish
{
    /// <exception cref="GuardException">Something kept the image from being vetted, or from being delivered; nothing was tagged.</exception>
    public static async Task<PublishOutcome> RunAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await RunGuardedAsync(request, cancellationToken);
        }
        catch (ImageException e)
        {
            throw e.ToGuardException();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException(GuardRules.FileSystem.Code, GuardFailure.Environment, $"The publish could not read or write a file: {e.Message}", e);
        }
        finally
        {
            // The staged image is private to this build: vetted or not, it does not stay behind.
            File.Delete(request.StagedArchive);
        }
    }

    private static async Task<PublishOutcome> RunGuardedAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        var policy = PublishPolicy.Load(request.PolicyPath, request.ProjectDirectory, request.FailOn);
        var started = request.Time.GetUtcNow();
        using var signing = await Signing.PrepareAsync(request, attests: !policy.Attest.IsEmpty, cancellationToken);
        var baseImage = BaseImageGate.Open(request, policy);
        await using var set = await OpenStagedAsync(request, policy, cancellationToken);
        var machine = HostGate.FindAsync(request, policy, cancellationToken);
        var result = await Guard.CheckAsync(set, GuardRequest(request, policy), cancellationToken);
        result = HostGate.Add(baseImage.Add(result, set), await machine, request, policy);
        result = result with { Reference = Destination.Describe(request) };
        if (result.Verdict == Verdict.Refused)
        {
            var files = await PublishReports.WriteAsync(request, result, cancellationToken);
            return new PublishOutcome
            {
                Result = result,
                Summary =
                [
                    $"ContainerBuildGuard refused {result.Reference}: {result.Refusing.Length} finding(s) must be fixed or waived; nothing was delivered. Reports: {files}",
                    .. FixPlan.Of(result).Take(5).Select(s => $"  {FixPlan.Describe(s)}"),
                ],
            };
        }

        var attestations = signing.IsOn ? await PublishAttestations.MakeAsync(request, policy, set, result, started, cancellationToken) : new PublishAttestations([]);

        // The reports are of the verdict alone: they are written beside the delivery, and also where that fails.
        var writing = Task.Run(() => PublishReports.WriteAsync(request, result, cancellationToken), cancellationToken);
        Delivery delivered;
        try
        {
            delivered = await Destination.DeliverAsync(request, set, signing, attestations, policy.RegistryOptions(), cancellationToken);
        }
        finally
        {
            await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var reports = await writing;
        if (delivered.Failure is { } failure)
        {
            return new PublishOutcome { Result = result, Names = delivered.Names, ArchivePath = delivered.ArchivePath, Errors = [failure], Summary = [$"ContainerBuildGuard passed {result.Reference}, and it is not signed. Reports: {reports}"] };
        }

        await baseImage.RecordAsync(cancellationToken);
        return new PublishOutcome
        {
            Result = result,
            Names = delivered.Names,
            ArchivePath = delivered.ArchivePath,
            Summary =
            [
                $"ContainerBuildGuard passed {result.Reference} ({string.Join(", ", result.Platforms)}): {result.Packages.Length} packages, {Counts(result)}.",
                .. baseImage.Summary is { } built ? (string[])[built] : [],
                .. result.Gaps.Where(g => g.Path is null && g.LayerIndex is null).Select(g => $"Not checked: {g.What}: {g.Reason}."),
                $"Delivered to {delivered.Where} as {set.Root.Digest}. {delivered.SignedBy} Reports: {reports}",
            ],
        };
    }

    private static async Task<ImageSet> OpenStagedAsync(PublishRequest request, Policy policy, CancellationToken cancellationToken)
    {
        if (!File.Exists(request.StagedArchive))
        {
            throw new GuardException(GuardRules.UnreadableImage.Code, GuardFailure.Input,
                "The SDK left no image for the guard to vet: publish again; where a target of the project changes ContainerArchiveOutputPath after the guard has set it, take that out.");
        }

        // A Docker archive holds no registry manifest; the one that the SDK announced goes with it, and is checked against its digest.
        ImmutableArray<ReadOnlyMemory<byte>> known = request.Manifest.Length > 0 ? [Encoding.UTF8.GetBytes(request.Manifest)] : [];
        var set = await ImageSource.OpenAsync(request.StagedArchive, policy.SourceOptions() with { KnownManifests = known }, cancellationToken);
        var announced = request.ImageIndex.Length > 0 ? Digest.Sha256(Encoding.UTF8.GetBytes(request.ImageIndex)).ToString() : request.ManifestDigest;
        if (announced.Length > 0 && announced != set.Root.Digest.ToString())
        {
            await set.DisposeAsync();
            throw new GuardException(GuardRules.DigestMismatch.Code, GuardFailure.Input,
                $"The staged image is {set.Root.Digest}, the SDK announced {announced}: the archive was changed after the SDK wrote it; publish again.");
        }

        return set;
    }

    internal static GuardRequest GuardRequest(PublishRequest request, Policy policy) => new()
    {
        // Waivers for the machine, and for what was found before there was an image, match nothing in it.
        Policy = policy with { Waivers = [.. policy.Waivers.Where(w => RuleCatalog.Find(w.Code)?.Control != Control.HostSecurity && !BaseImageGate.Owns(w))] },
        AdvisoriesPath = request.AdvisoriesPath,
        // A first publish works before anyone has fetched advisories; it says so, and never that the image is clean.
        RequireAdvisories = request.RequireFresh,
        Content = new ContentSecurityOptions
        {
            Assets = ProjectAssets.Load(request.ProjectAssetsFile, request.TargetFramework),
            VexPaths = request.VexPaths,
            SuppressedAdvisories = request.SuppressedAdvisories,
            RequireFresh = request.RequireFresh,
        },
        Stated = request.Stated,
        BaseImage = request.BaseImage,
        Cache = request.UseCache ? FactCache.Open(FactCache.DefaultFolder()) : null,
        ReadKnownLayers = !Destination.ReadsWhatItDelivers(request),
        AlsoRefuses = request.AlsoRefuses,
        Time = request.Time,
    };

    private static string Counts(GuardResult result)
    {
        var open = result.Findings.Where(f => f.Waiver is null).GroupBy(f => f.Severity).OrderByDescending(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}");
        var waived = result.Findings.Count(f => f.Waiver is not null);
        var text = string.Join(", ", open);
        return (text.Length == 0 ? "no findings" : text) + (waived > 0 ? $", {waived} waived" : "");
    }
}
