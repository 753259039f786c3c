using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Verifies an image by everything that a rule asks for: Docker Content Trust, and whichever kind of signature the rule's signers make.</summary>
public static class TrustRuleVerifier
{
    /// <summary>All must hold, of one and the same digest: the tag is resolved once.</summary>
    /// <param name="client">The registry client.</param>
    /// <param name="image">The image.</param>
    /// <param name="rule">Who must have signed, and what they must have said.</param>
    /// <param name="trustedRootFile">A Sigstore instance's trust; null for the public-good one.</param>
    /// <param name="formats">The forms of Sigstore signatures that count.</param>
    /// <param name="offline">Whether only the registry may be asked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The verification, and a word on the trust for people.</returns>
    /// <exception cref="GuardException">Keys or trust cannot be used, something could not be looked up, or the rule could not be met.</exception>
    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    public static async Task<(ImageVerification Verification, string Note)> VerifyAsync(RegistryClient client, ImageReference image, TrustRule rule, string? trustedRootFile, IReadOnlyCollection<string> formats, bool offline, CancellationToken cancellationToken)
    {
        if (rule.Signers.IsEmpty && !rule.Attestations.IsEmpty)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "Attestations are asked for, and nobody is named whose attestations count: name a key or an identity; Docker Content Trust has none.");
        }

        var contentTrust = rule.Dct is { } asked ? asked with { Offline = asked.Offline || offline } : null;
        if (contentTrust is not null && rule.Signers.IsEmpty)
        {
            return (await DctVerifier.VerifyAsync(client, image, contentTrust, cancellationToken), "");
        }

        var note = "";
        var verification = await WithContentTrustAsync(client, image, contentTrust, async reference =>
        {
            (var signed, note) = await SignaturesAsync(client, reference, rule, trustedRootFile, formats, offline, cancellationToken);
            return signed;
        }, cancellationToken);
        return (verification, note);
    }

    /// <summary>Docker Content Trust, where it is asked for, beside what else is asked of the very digest that it was asked about.</summary>
    /// <param name="client">The registry client.</param>
    /// <param name="image">The image.</param>
    /// <param name="contentTrust">What Docker Content Trust must say; null where it is not asked.</param>
    /// <param name="verify">Verifies what else is asked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="GuardException">CBG3035: the trust data could not be looked up; or what <paramref name="verify"/> throws.</exception>
    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    public static async Task<ImageVerification> WithContentTrustAsync(RegistryClient client, ImageReference image, DctTrust? contentTrust, Func<ImageReference, Task<ImageVerification>> verify, CancellationToken cancellationToken)
    {
        if (contentTrust is null)
        {
            return await verify(image);
        }

        var dct = await DctVerifier.VerifyAsync(client, image, contentTrust, cancellationToken);
        var verified = await verify(image with { Digest = dct.Digest });
        return verified with
        {
            Reference = dct.Reference,
            Signatures = [.. dct.Signatures, .. verified.Signatures],
            Failures = [.. dct.Failures, .. verified.Failures],
            Notes = [.. dct.Notes, .. verified.Notes],
        };
    }

    private static async Task<(ImageVerification Verification, string Note)> SignaturesAsync(RegistryClient client, ImageReference image, TrustRule rule, string? trustedRootFile, IReadOnlyCollection<string> formats, bool offline, CancellationToken cancellationToken)
    {
        if (rule.Signers is [{ Notation: { } notation }])
        {
            using var trust = NotationTrust.Open(notation, new NotationOptions { Revocation = offline ? RevocationMode.Cached : RevocationMode.Online });
            return (await NotationVerifier.VerifyAsync(client, image, trust, rule.EveryPlatform, cancellationToken), $"trust of {trust.Name}");
        }

        var signers = await TrustedSigners.OpenAsync(rule.Signers, trustedRootFile, offline, cancellationToken);
        return (await ImageVerifier.VerifyAsync(client, image, rule, signers, formats, cancellationToken), signers.Note);
    }
}
