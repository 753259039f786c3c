using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>Holds facts of a base against the policy and the lock file. Pure: the same facts, policy, lock and time give the same findings.</summary>
public static class BaseImageJudge
{
    /// <summary>How far a clock may go wrong before a time counts as one of the future.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    public static IEnumerable<Finding> Judge(BaseImageFacts facts, Policy policy, BaseImageLockView locked, DateTimeOffset now) =>
    [
        .. NotVerified(facts, policy),
        .. TooOld(facts, policy, now),
        .. NamedByTag(facts, policy),
        .. Changed(facts, locked),
    ];

    private static IEnumerable<Finding> NotVerified(BaseImageFacts facts, Policy policy) => facts.Verification is { Failures: { IsEmpty: false } failures }
        ? [Finding(BaseImageRules.NotVerified, facts, $"The base image {facts.Name} ({facts.Digest}) is not verified: {string.Join("; ", failures)}.",
            policy.BaseImages.Verify.IsEmpty ? "DOCKER_CONTENT_TRUST is on: build on a tag that is signed, name the base by its digest, or switch it off."
                : $"Build on an image that is signed or listed as base-images: verify in {policy.Path ?? "the policy"} asks, or correct the entry there.")]
        : [];

    private static IEnumerable<Finding> TooOld(BaseImageFacts facts, Policy policy, DateTimeOffset now)
    {
        if (policy.BaseImages.MaxAge is not { } most)
        {
            return [];
        }

        var wrong = facts.Platforms.Select(p => Age(p.Created, most, now) is { } age ? $"its image for {p.Platform} {age}" : null).OfType<string>().ToList();
        return wrong.Count == 0 ? [] :
        [
            Finding(BaseImageRules.TooOld, facts, string.Create(CultureInfo.InvariantCulture, $"The base image {facts.Name} may be {most.TotalDays:0} days old, and {string.Join("; ", wrong)}."),
                "Take a newer tag or digest of it, or raise base-images: max-age in the policy."),
        ];
    }

    /// <summary>What is wrong with a time of building; null where nothing is. A time that is not there is not young.</summary>
    private static string? Age(string? created, TimeSpan most, DateTimeOffset now) =>
        !DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? "does not say when it was built"
        : time > now + ClockSkew ? $"says that it was built in the future ({created})"
        : now - time > most ? string.Create(CultureInfo.InvariantCulture, $"was built {(now - time).TotalDays:0} days ago")
        : null;

    private static IEnumerable<Finding> NamedByTag(BaseImageFacts facts, Policy policy) => policy.BaseImages.RequireDigest && !facts.Name.Contains('@', StringComparison.Ordinal)
        ? [Finding(BaseImageRules.NamedByTag, facts, $"The base image {facts.Name} is named by a tag, and the policy asks for its digest.", $"Set <ContainerBaseImage>{facts.Name}@{facts.Digest}</ContainerBaseImage> and let a bot raise it.")]
        : [];

    private static IEnumerable<Finding> Changed(BaseImageFacts facts, BaseImageLockView locked)
    {
        if (!locked.IsOn || locked.Allows(facts))
        {
            return [];
        }

        var what = locked.Entry is not { } entry ? $"The base image {facts.Name} is {facts.Digest}, and {locked.Path} has no entry for {locked.Key}."
            : entry.Name != facts.Name ? $"The base image is {facts.Name} ({facts.Digest}), and {locked.Path} was written for {entry.Name} ({entry.Digest})."
            : $"The base image {facts.Name} is {facts.Digest} now; at the last accepted build it was {entry.Digest}.";
        return
        [
            Finding(BaseImageRules.Changed, facts, what, locked.IsEnforced
                ? $"Look at what changed, publish once without ContainerBuildGuardLockedMode and commit {BaseImageLock.FileName}; or name the accepted digest in <ContainerBaseImage>."
                : $"Look at what changed; this build writes the new digest into {BaseImageLock.FileName} where it is accepted. ContainerBuildGuardLockedMode=true refuses instead.") with
            {
                Effect = locked.IsEnforced ? Effect.Refuses : Effect.ByThreshold,
            },
        ];
    }

    private static Finding Finding(Rule rule, BaseImageFacts facts, string message, string remedy) =>
        new() { Rule = rule, Severity = rule.DefaultSeverity, Message = message, Remedy = remedy, Key = facts.Name };
}
