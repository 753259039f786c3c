using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Verifies an image by everything that a rule asks for: Docker Content Trust, signatures, attestations.</summary>
public static class TrustRuleVerifier
{
    /// <summary>All must hold, of one and the same digest: the tag is resolved once.</summary>
    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    /// <exception cref="GuardException">Something could not be looked up, or the rule could not be met.</exception>
    public static async Task<ImageVerification> VerifyAsync(RegistryClient client, ImageReference reference, TrustRule rule, TrustedSigners signers, IReadOnlyCollection<string> formats, CancellationToken cancellationToken)
    {
        if (rule.Signers.IsEmpty && !rule.Attestations.IsEmpty)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "Attestations are asked for, and nobody is named whose attestations count: name a key or an identity; Docker Content Trust has none.");
        }

        if (rule.Dct is null)
        {
            return await ImageVerifier.VerifyAsync(client, reference, rule, signers, formats, cancellationToken);
        }

        var dct = await DctVerifier.VerifyAsync(client, reference, rule.Dct, cancellationToken);
        if (rule.Signers.IsEmpty)
        {
            return dct;
        }

        var signed = await ImageVerifier.VerifyAsync(client, reference with { Digest = dct.Digest }, rule, signers, formats, cancellationToken);
        return signed with
        {
            Reference = dct.Reference,
            Signatures = [.. dct.Signatures, .. signed.Signatures],
            Failures = [.. dct.Failures, .. signed.Failures],
            Notes = [.. dct.Notes, .. signed.Notes],
        };
    }
}
