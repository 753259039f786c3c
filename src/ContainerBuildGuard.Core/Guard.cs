using System.Collections.Immutable;
using System.Diagnostics;
using ContainerBuildGuard.Attesting;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.SecretsManagement;

namespace ContainerBuildGuard;

/// <summary>What to check, and by which rules.</summary>
public sealed record GuardRequest
{
    /// <summary>The controls to run; all image controls by default.</summary>
    public ImmutableArray<Control> Controls { get; init; } = [Control.HardenedConfiguration, Control.SecretsManagement, Control.ContentSecurity];

    public required Policy Policy { get; init; }

    /// <summary>An advisory index, or an OSV file, zip or folder; empty means the user's own index.</summary>
    public string AdvisoriesPath { get; init; } = "";

    /// <summary>Whether a run without an advisory index is an error where the policy does not say.</summary>
    public bool RequireAdvisories { get; init; } = true;

    /// <summary>What the build knows of its packages.</summary>
    public ContentSecurityOptions Content { get; init; } = new();

    /// <summary>Lists packages without comparing them with advisories; for bills of materials, not for verdicts.</summary>
    public bool ListOnly { get; init; }

    /// <summary>What the build said the image's labels and variables are.</summary>
    public StatedValues Stated { get; init; } = StatedValues.None;

    /// <summary>The base image's name as the build knows it; empty takes it from the image's labels.</summary>
    public string BaseImage { get; init; } = "";

    /// <summary>The image whose layers are the base's, in any form of a reference; empty tells base and app apart by the history.</summary>
    public string BaseLayersOf { get; init; } = "";

    /// <summary>Where facts of layers are kept between runs; null keeps none.</summary>
    public FactCache? Cache { get; init; }

    /// <inheritdoc cref="InspectionOptions.ReadKnownLayers"/>
    public bool ReadKnownLayers { get; init; } = true;

    /// <summary>How secrets are looked for; null takes it from the policy.</summary>
    public SecretsOptions? Secrets { get; init; }

    /// <summary>Whether nothing but the registries that the references name may be asked: trust is taken as it is on this machine.</summary>
    public bool Offline { get; init; }

    /// <summary>Findings that refuse whatever the policy's threshold.</summary>
    public Func<Finding, bool> AlsoRefuses { get; init; } = static _ => false;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Inspects images and judges them: open, walk every layer once, let each control speak, let the policy decide.</summary>
public static class Guard
{
    /// <summary>Checks the image that <paramref name="reference"/> names.</summary>
    /// <exception cref="GuardException">The image could not be opened or read to its end.</exception>
    public static async Task<GuardResult> CheckAsync(string reference, ImageSourceOptions options, GuardRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await using var set = await ImageSource.OpenAsync(reference, options, cancellationToken);
            return await CheckAsync(set, await WithAttachedVexAsync(set, request, cancellationToken), cancellationToken);
        }
        catch (ImageException e)
        {
            throw e.ToGuardException();
        }
    }

    /// <summary>Checks every image of an opened set.</summary>
    public static async Task<GuardResult> CheckAsync(ImageSet set, GuardRequest request, CancellationToken cancellationToken)
    {
        if (set.Images.IsEmpty)
        {
            throw new GuardException(GuardRules.UnreadableImage.Code, GuardFailure.Input,
                $"'{set.Reference}' holds no image to check: name an image, not an artifact or an empty index.");
        }

        var clock = Stopwatch.StartNew();
        var phases = ImmutableArray.CreateBuilder<(string, TimeSpan)>();
        using var index = request.Controls.Contains(Control.ContentSecurity) && !request.ListOnly ? OpenAdvisories(request, cancellationToken) : null;
        phases.Add(("advisories", clock.Elapsed));

        var baseLayers = await BaseLayersAsync(request, cancellationToken);
        var findings = new List<Finding>();
        var packages = new List<Package>();
        var gaps = new List<Gap>();
        foreach (var image in set.Images)
        {
            var started = clock.Elapsed;
            var controls = Controls(request, index);
            var observers = controls.SelectMany(c => c.CreateObservers()).ToList();
            await ImageInspector.InspectAsync(image, observers, new InspectionOptions
            {
                Limits = request.Policy.Limits,
                Cache = request.Cache,
                ReadKnownLayers = request.ReadKnownLayers,
                BaseLayers = baseLayers.GetValueOrDefault(image.Platform, []),
            }, async inspection =>
            {
                phases.Add(($"inspect {image.Platform}", clock.Elapsed - started));
                started = clock.Elapsed;
                gaps.AddRange(inspection.Gaps);
                foreach (var control in controls)
                {
                    var result = await control.JudgeAsync(inspection, cancellationToken);
                    findings.AddRange(result.Findings.Select(f => set.Images.Length > 1 ? f with { Platform = image.Platform.ToString() } : f));
                    packages.AddRange(result.Packages);
                    gaps.AddRange(result.Gaps);
                }

                phases.Add(($"judge {image.Platform}", clock.Elapsed - started));
                return inspection;
            }, cancellationToken);
            if (BaseImagePolicy.Check(request.Policy, BaseName(image, request), BaseDigest(image)) is { } disallowed)
            {
                findings.Add(disallowed);
            }
        }

        var judgement = PolicyJudge.Judge(request.Policy, findings, gaps, request.Time);
        return new GuardResult
        {
            Reference = set.Reference,
            Digest = set.Root.Digest.ToString(),
            BaseImage = BaseName(set.Images[0], request) is { } name ? $"{name}{(BaseDigest(set.Images[0]) is { } digest ? $"@{digest}" : "")}" : null,
            Platforms = [.. set.Images.Select(i => i.Platform.ToString())],
            Controls = request.Controls,
            Packages = [.. packages.DistinctBy(p => (p.Purl, p.Path, p.LayerIndex))],
            Gaps = [.. gaps],
            Asked = request.Controls.Contains(Control.HardenedConfiguration) ? $"{HardenedConfigurationRules.ImageRules} configuration rules asked of {set.Images.Length} images" : null,
            Advisories = index is null ? null : new AdvisoriesUsed(index.Count, index.AsOf, index.Built),
            Elapsed = clock.Elapsed,
            Phases = phases.ToImmutable(),
            Verdict = judgement.Verdict,
            Findings = judgement.Findings,
            Refusing = judgement.Refusing,
        }.Also(request.AlsoRefuses);
    }

    private static async Task<GuardRequest> WithAttachedVexAsync(ImageSet set, GuardRequest request, CancellationToken cancellationToken) =>
        request.ListOnly || !request.Controls.Contains(Control.ContentSecurity) ? request
            : request with { Content = request.Content with { AttachedVex = await AttachedVex.FindAsync(set, request.Policy, request.Offline, cancellationToken) } };

    private static List<IImageControl> Controls(GuardRequest request, AdvisoryIndex? index)
    {
        IImageControl[] all = [new HardenedImageControl(request.Stated), new SecretsControl(request.Secrets ?? SecretsOptions.Of(request.Policy)), new ContentSecurityControl(index, ContentOptions(request), request.Time, request.ListOnly)];
        return [.. all.Where(c => request.Controls.Contains(c.Control))];
    }

    private static async Task<Dictionary<Platform, ImmutableArray<Digest>>> BaseLayersAsync(GuardRequest request, CancellationToken cancellationToken)
    {
        if (request.BaseLayersOf.Length == 0)
        {
            return [];
        }

        await using var set = await ImageSource.OpenAsync(request.BaseLayersOf, request.Policy.SourceOptions(), cancellationToken);
        return set.Images.DistinctBy(i => i.Platform).ToDictionary(i => i.Platform, i => i.Config.DiffIds);
    }

    internal static ContentSecurityOptions ContentOptions(GuardRequest request) => request.Content with
    {
        MaxAge = TimeSpan.FromDays(request.Policy.MaxAdvisoryAgeDays),
        MaxSupportAge = TimeSpan.FromDays(request.Policy.MaxEndOfLifeAgeDays),
        RequireFresh = request.Content.RequireFresh || request.Policy.RequireFresh,
        RefuseUnfixed = request.Content.RefuseUnfixed || request.Policy.RefuseUnfixed,
        VexPaths = [.. request.Policy.Vex, .. request.Content.VexPaths],
        BaseImage = request.BaseImage.Length > 0 ? request.BaseImage : request.BaseLayersOf,
    };

    internal static AdvisoryIndex? OpenAdvisories(GuardRequest request, CancellationToken cancellationToken)
    {
        var keep = request.Cache is { } cache ? Path.Combine(Path.GetDirectoryName(cache.Folder)!, "advisories") : null;
        if (request.AdvisoriesPath.Length > 0)
        {
            return AdvisoryLoader.Open(request.AdvisoriesPath, cancellationToken, keep);
        }

        if (AdvisoryLocations.HasDefault)
        {
            return AdvisoryLoader.Open(AdvisoryLocations.Default, cancellationToken, keep);
        }

        return request.Policy.RequireAdvisories ?? request.RequireAdvisories
            ? throw new GuardException(GuardRules.NoAdvisories.Code, GuardFailure.Environment,
                "There is no advisory index to compare packages with: run `cbg advisories update`, or set ContainerBuildGuardAdvisories (--advisories) to an index, an OSV zip or a folder.")
            : null;
    }

    private static string? BaseName(Image image, GuardRequest request) =>
        request.BaseImage.Length > 0 ? request.BaseImage : image.Config.Labels.GetValueOrDefault("org.opencontainers.image.base.name");

    private static string? BaseDigest(Image image) => image.Config.Labels.GetValueOrDefault("org.opencontainers.image.base.digest");

    /// <summary>Lets the caller refuse more, never less.</summary>
    private static GuardResult Also(this GuardResult result, Func<Finding, bool> alsoRefuses)
    {
        var more = result.Findings.Where(f => f.Waiver is null && !result.Refusing.Contains(f) && alsoRefuses(f)).ToList();
        return more.Count == 0 ? result : result with { Verdict = Verdict.Refused, Refusing = [.. result.Refusing, .. more] };
    }
}
