using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Verifies that a manifest in a registry has a Notary Project signature by whom a trust policy trusts. A tag is resolved once.</summary>
public static class NotationVerifier
{
    /// <param name="client">The registry client. What it cannot look up is an error, never "not signed".</param>
    /// <param name="image">The image.</param>
    /// <param name="trust">Whom to trust.</param>
    /// <param name="everyPlatform">Whether each image of an index must be signed too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    /// <exception cref="GuardException">CBG3007: a trust store cannot be used. CBG3020: revocation could not be checked, and nothing else speaks against the signature.</exception>
    public static async Task<ImageVerification> VerifyAsync(RegistryClient client, ImageReference image, NotationTrust trust, bool everyPlatform, CancellationToken cancellationToken)
    {
        var (root, bytes) = await client.GetManifestAsync(image.Registry, image.Repository, image.Selector, cancellationToken);
        ImmutableArray<Descriptor> manifests = everyPlatform && MediaTypes.IsIndex(root.MediaType) ? [root, .. ManifestParser.ParseIndex(bytes).Manifests.Where(ImageVerifier.IsImage)] : [root];
        var result = new ImageVerification { Reference = image.ToString(), Digest = root.Digest, Manifests = [.. manifests.Select(m => m.Digest)], Signatures = [], Failures = [] };
        var repository = $"{image.Registry}/{image.Repository}";
        if (trust.Select(repository) is not { } statement)
        {
            return result with { Failures = [new TrustFailure(root.Digest, ContentTrustRules.NoTrustRule, $"no statement of {trust.Name} covers {repository}", [])] };
        }

        if (statement.Skips)
        {
            return result with { SkippedBy = $"{statement.Name} of {trust.Name}" };
        }

        var store = new NotationSignatureStore(client, image.Registry, image.Repository);
        foreach (var manifest in manifests)
        {
            result = await VerifyAsync(result, store, manifest, trust, statement, cancellationToken);
        }

        return result;
    }

    private static async Task<ImageVerification> VerifyAsync(ImageVerification result, NotationSignatureStore store, Descriptor manifest, NotationTrust trust, TrustPolicyStatement statement, CancellationToken cancellationToken)
    {
        var (signatures, others, truncated) = await store.FindAsync(manifest.Digest, cancellationToken);
        var check = new List<SignatureOutcome>();
        foreach (var signature in signatures.Found)
        {
            var outcome = await new SignatureCheck(trust, statement, manifest).RunAsync(signature, cancellationToken);
            if (outcome.Verified is { } verified)
            {
                return result with { Signatures = result.Signatures.Add(verified), Notes = [.. result.Notes, .. outcome.Notes] };
            }

            check.Add(outcome);
        }

        if (signatures.Missed is { } missed)
        {
            // Another may be where nobody could look.
            throw new ImageException(missed.Error, missed.Message, missed);
        }

        // A signature that may be good is no reason to refuse, and none to accept.
        return check.Find(o => o.Unfinished) is { } unfinished
            ? throw new GuardException(ContentTrustRules.RevocationUnknown.Code, GuardFailure.Environment, $"The signature of {result.Reference} ({manifest.Digest}) could not be checked to the end: {unfinished.Reason}.")
            : result with { Failures = result.Failures.Add(Failure(manifest, signatures.Found, others, truncated, check)) };
    }

    private static TrustFailure Failure(Descriptor manifest, ImmutableArray<FoundEnvelope> signatures, ImmutableHashSet<string> others, bool truncated, List<SignatureOutcome> outcomes)
    {
        var reasons = outcomes.Select(o => o.Reason).Distinct().Take(10).ToList();
        if (truncated)
        {
            reasons.Add($"it has more than {ArtifactStore.MaxReferrers} referrers, and only these were looked at");
        }

        return !signatures.IsEmpty ? new TrustFailure(manifest.Digest, ContentTrustRules.NoValidSignature, "it has signatures of the Notary Project, and none verifies by the trust policy", [.. reasons])
            : others.Contains(Bundle.MediaType) ? new TrustFailure(manifest.Digest, ContentTrustRules.OtherFormat, "it has a signature of Sigstore and none of the Notary Project", [.. reasons])
            : new TrustFailure(manifest.Digest, ContentTrustRules.NotSigned, "it has no signature of the Notary Project", [.. reasons]);
    }
}
