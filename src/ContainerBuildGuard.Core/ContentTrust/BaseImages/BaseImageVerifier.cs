using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>Asks for the proof that the policy names. The tag is not looked up again: what is verified is what it resolved to.</summary>
internal sealed class BaseImageVerifier(RegistryClient client, BaseImageInquiry inquiry)
{
    private static readonly string[] SignatureFormats = ["bundle", "legacy"];

    /// <param name="resolved">The base with its digest.</param>
    /// <param name="images">The images that the build may take of it.</param>
    /// <param name="trust">What is asked for.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<BaseImageVerification> VerifyAsync(ImageReference resolved, ImmutableArray<Digest> images, BaseImageTrust trust, CancellationToken cancellationToken) => trust.By switch
    {
        BaseImageProof.Digests => Task.FromResult(Listed(resolved, trust)),
        BaseImageProof.Signatures => BySignaturesAsync(resolved, images, trust.SignedBy!, cancellationToken),
        BaseImageProof.Microsoft => ByMicrosoftAsync(resolved, images, cancellationToken),
        _ => Task.FromResult(new BaseImageVerification("none", [], [])),
    };

    private static BaseImageVerification Listed(ImageReference resolved, BaseImageTrust trust) =>
        new("digests", [], trust.Digests.Contains(resolved.Digest!.Value.ToString(), StringComparer.Ordinal) ? [] : [$"{resolved.Digest} is not on the policy's list of digests"]);

    private Task<BaseImageVerification> BySignaturesAsync(ImageReference resolved, ImmutableArray<Digest> images, TrustRule rule, CancellationToken cancellationToken) =>
        // Docker Content Trust signs a tag, and says nothing of the images below it.
        EachAsync("signatures", resolved, rule is { EveryPlatform: true, Signers.IsEmpty: false } ? images : [], async reference =>
            (await TrustRuleVerifier.VerifyAsync(client, reference, rule with { EveryPlatform = false, Dct = reference == resolved ? rule.Dct : null }, inquiry.TrustedRootFile, SignatureFormats, inquiry.Offline, cancellationToken)).Verification);

    /// <summary>What the environment asks of every image, beside what the policy does.</summary>
    public Task<BaseImageVerification> ByContentTrustAsync(ImageReference resolved, DctTrust trust, CancellationToken cancellationToken) =>
        EachAsync(DctEnvironment.Switch, resolved, [], reference => DctVerifier.VerifyAsync(client, reference, trust, cancellationToken));

    /// <summary>Microsoft signs the index and each image of it; both are asked for.</summary>
    private async Task<BaseImageVerification> ByMicrosoftAsync(ImageReference resolved, ImmutableArray<Digest> images, CancellationToken cancellationToken)
    {
        using var trust = inquiry.OpenMicrosoftTrust(inquiry);
        return await EachAsync("microsoft", resolved, images, reference => NotationVerifier.VerifyAsync(client, reference, trust, everyPlatform: false, cancellationToken));
    }

    /// <summary>The base and those of its images that are asked for, each by its digest.</summary>
    private static async Task<BaseImageVerification> EachAsync(string by, ImageReference resolved, IEnumerable<Digest> images, Func<ImageReference, Task<ImageVerification>> verify)
    {
        var (signers, failures) = (new List<string>(), new List<string>());
        foreach (var reference in images.Where(i => i != resolved.Digest).Select(i => resolved with { Tag = null, Digest = i }).Prepend(resolved))
        {
            var verification = await verify(reference);
            signers.AddRange(verification.Signatures.Select(s => s.Identity));
            failures.AddRange(verification.Failures.Select(f => $"{f.Digest}: {f.What}{(f.Reasons.IsEmpty ? "" : $" ({string.Join("; ", f.Reasons)})")}"));
            if (verification.SkippedBy is { } statement)
            {
                failures.Add($"{reference.Digest}: the statement '{statement}' of the trust policy says not to look");
            }
        }

        return new BaseImageVerification(by, [.. signers.Distinct()], [.. failures]);
    }
}
