using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust.BaseImages;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>Holds the finished image against what its base was found to be before it was built.</summary>
internal sealed class BaseImageGate
{
    private static readonly ImmutableHashSet<string> Codes = [.. BaseImageRules.All.Select(r => r.Code), PolicyRules.BaseImageNotAllowed.Code];
    private readonly PublishRequest _request;
    private readonly Policy _policy;
    private readonly BaseImageFacts? _facts;
    private readonly BaseImageLockView _locked;

    private BaseImageGate(PublishRequest request, Policy policy, BaseImageFacts? facts, BaseImageLockView locked) => (_request, _policy, _facts, _locked) = (request, policy, facts, locked);

    /// <exception cref="GuardException">The facts or the lock file cannot be read.</exception>
    public static BaseImageGate Open(PublishRequest request, Policy policy) => new(
        request,
        policy,
        request.BaseFactsFile.Length > 0 ? BaseImageFacts.Read(request.BaseFactsFile) : null,
        request.Locking.View(policy, request.ProjectFile, request.TargetFramework));

    /// <summary>A line on the base; null where nothing is known of it.</summary>
    public string? Summary => _facts is null ? null : Describe(_facts);

    /// <summary>Whether a waiver is for this gate and not for the image's content.</summary>
    public static bool Owns(Waiver waiver) => BaseImageRules.All.Any(r => r.Code == waiver.Code);

    public static string Describe(BaseImageFacts facts) => $"Built on {facts.Name}{(facts.Name.Contains('@', StringComparison.Ordinal) ? "" : $"@{facts.Digest}")}{facts.Verification switch
    {
        { By: "none" } or null => "",
        { Signers: { IsEmpty: false } signers } verified => $", verified ({verified.By}: {string.Join(", ", signers)})",
        var verified => $", verified ({verified.By})",
    }}.";

    /// <summary>The policy's word on findings about a base, with the waivers that are for them.</summary>
    public static Judgement Judge(Policy policy, IReadOnlyList<Finding> findings, Func<Finding, bool> alsoRefuses, TimeProvider time) =>
        PolicyJudge.Judge(policy with { Waivers = [.. policy.Waivers.Where(w => Codes.Contains(w.Code) && findings.Any(w.Matches))] }, findings, [], time).AlsoRefusing(alsoRefuses);

    /// <summary>The image's findings with those about its base.</summary>
    public GuardResult Add(GuardResult result, ImageSet set) => result.With(Judge(_policy, [.. Findings(set)], _request.AlsoRefuses, _request.Time));

    /// <summary>Writes the accepted base into the lock file, where one is kept.</summary>
    public Task RecordAsync(CancellationToken cancellationToken) => _facts is { } facts && _locked is { IsOn: true, IsEnforced: false }
        ? BaseImageLock.RecordAsync(_locked.Path, _locked.Key, new BaseImageLockEntry(facts.Name, facts.Digest), cancellationToken)
        : Task.CompletedTask;

    private IEnumerable<Finding> Findings(ImageSet set)
    {
        if (_facts is not { } facts)
        {
            return _policy.BaseImages.AsksForContent || _locked.IsEnforced || _request.ContentTrust is not null
                ? [Finding(BaseImageRules.NotVerified, _request.BaseImage, $"The base image '{_request.BaseImage}' was not looked at before the build, and the policy, the lock file or DOCKER_CONTENT_TRUST asks for it.", "Call the PublishContainer target as a whole; take out what keeps the guard's targets from running.")]
                : [];
        }

        var others = set.Images.Where(i => !IsBuiltOn(facts, i)).Select(i => i.Platform.ToString()).Distinct().ToList();
        return
        [
            .. BaseImageJudge.Judge(facts, _policy, _locked, _request.Time.GetUtcNow()),
            .. others.Count == 0 ? [] : (Finding[])[Finding(BaseImageRules.Another, facts.Name, $"The lowest layers of the image for {string.Join(", ", others)} are not those of the base image {facts.Name} ({facts.Digest}) that was verified.", "Take out what changes the base between the verification and the build.")],
        ];
    }

    /// <summary>Whether the image begins with the layers of one of the base's images for its platform; true where these were not asked for.</summary>
    private static bool IsBuiltOn(BaseImageFacts facts, Image image)
    {
        var layers = image.Manifest.Layers.Select(l => l.Digest.ToString()).ToList();
        return facts.Platforms.IsEmpty || facts.Platforms
            .Where(p => p.Platform.Split('/') is [var os, var architecture, ..] && (os, architecture) == (image.Platform.Os, image.Platform.Architecture))
            .Any(p => layers.Take(p.Layers.Length).SequenceEqual(p.Layers, StringComparer.Ordinal));
    }

    private static Finding Finding(Rule rule, string key, string message, string remedy) =>
        new() { Rule = rule, Severity = rule.DefaultSeverity, Message = message, Remedy = remedy, Key = key };
}
