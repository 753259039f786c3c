using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Verifies that a manifest in a registry is signed by whom a rule trusts, and that they said about it what the rule asks for. A tag is resolved once.</summary>
public static class ImageVerifier
{
    private const string Notary = "application/vnd.cncf.notary.signature";

    /// <param name="client">The registry client. What it cannot look up is an error, never "not signed".</param>
    /// <param name="reference">The image.</param>
    /// <param name="rule">Who must have signed, and what they must have said.</param>
    /// <param name="signers">The rule's signers, opened.</param>
    /// <param name="formats">The formats that count: <c>bundle</c>, <c>legacy</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    public static async Task<ImageVerification> VerifyAsync(RegistryClient client, ImageReference reference, TrustRule rule, TrustedSigners signers, IReadOnlyCollection<string> formats, CancellationToken cancellationToken)
    {
        var (root, bytes) = await client.GetManifestAsync(reference.Registry, reference.Repository, reference.Selector, cancellationToken);
        ImmutableArray<Digest> manifests = rule.EveryPlatform && MediaTypes.IsIndex(root.MediaType)
            ? [root.Digest, .. ManifestParser.ParseIndex(bytes).Manifests.Where(IsImage).Select(m => m.Digest)]
            : [root.Digest];
        var store = new SignatureStore(client, reference.Registry, reference.Repository);
        var verified = ImmutableArray.CreateBuilder<VerifiedSignature>();
        var failures = ImmutableArray.CreateBuilder<TrustFailure>();
        foreach (var manifest in manifests)
        {
            var found = await FindAsync(store, manifest, rule, cancellationToken);
            var check = new ManifestCheck(manifest, rule, signers, formats, found);
            check.Run();
            if (found.Missed is { } missed && check.Failures.Count > 0)
            {
                // What is missing may be where nobody could look.
                throw new ImageException(missed.Error, missed.Message, missed);
            }

            verified.AddRange(check.Verified);
            failures.AddRange(check.Failures);
        }

        return new ImageVerification { Reference = reference.ToString(), Digest = root.Digest, Manifests = manifests, Signatures = verified.ToImmutable(), Failures = failures.ToImmutable() };
    }

    /// <summary>Everything at the manifest. Where there is something, a registry that cannot be asked matters only if it does not do: a mirror may have the one and not the other.</summary>
    private static async Task<FoundSignatures> FindAsync(SignatureStore store, Digest manifest, TrustRule rule, CancellationToken cancellationToken)
    {
        var found = await store.FindBundlesAsync(manifest, cancellationToken);
        foreach (var kind in rule.Attestations.IsEmpty ? (string[])["sig"] : ["sig", "att"])
        {
            try
            {
                found = found.Add(await store.FindLegacyAsync(manifest, kind, cancellationToken));
            }
            catch (ImageException e) when (e.Error == ImageError.Unreachable && !found.Signatures.IsEmpty)
            {
                found = found with { Missed = e };
            }
        }

        return found;
    }

    /// <summary>Attestation manifests of build tools are listed in an index beside the images, and are none.</summary>
    internal static bool IsImage(Descriptor manifest) => manifest.Annotations.GetValueOrDefault("vnd.docker.reference.type") != "attestation-manifest";

    /// <summary>One manifest against the rule.</summary>
    private sealed class ManifestCheck(Digest manifest, TrustRule rule, TrustedSigners signers, IReadOnlyCollection<string> formats, FoundSignatures found)
    {
        private readonly List<(VerifiedSignature Signature, System.Text.Json.JsonElement? Predicate)> _verified = [];
        private readonly List<(string PredicateType, string Reason)> _refused = [];

        public List<VerifiedSignature> Verified { get; } = [];

        public List<TrustFailure> Failures { get; } = [];

        public void Run()
        {
            foreach (var stored in found.Signatures.Where(s => formats.Contains(s.Format)))
            {
                Look(stored);
            }

            CheckSignatures();
            foreach (var wanted in rule.Attestations)
            {
                CheckAttestation(wanted);
            }
        }

        private void Look(StoredSignature stored)
        {
            if (stored.Bundle is null)
            {
                _refused.Add(("", stored.Problem));
                return;
            }

            var (signer, result, reason) = signers.Verify(stored.Bundle, stored.Artifact);
            if (signer is null)
            {
                _refused.Add((stored.AnnouncedType, reason));
            }
            else if (stored.SignedDigest is { } signed && signed != manifest.ToString())
            {
                _refused.Add((ImageSigner.SignaturePredicate, $"a signature by a trusted signer is for another image ({(signed.Length == 0 ? "unknown" : signed)})"));
            }
            else
            {
                var predicate = result!.Statement?.PredicateType ?? ImageSigner.SignaturePredicate;
                var identity = result.Certificate is { } certificate ? string.Join(", ", certificate.Subjects) : stored.Bundle.KeyHint is { Length: > 0 } hint ? hint : signer;
                _verified.Add((new VerifiedSignature(manifest, signer, identity, stored.Format, predicate, result.SigningTimes.IsEmpty ? null : result.SigningTimes.Min()), result.Statement?.Predicate));
            }
        }

        private void CheckSignatures()
        {
            var signatures = _verified.Where(v => v.Signature.PredicateType == ImageSigner.SignaturePredicate).Select(v => v.Signature).ToList();
            Verified.AddRange(signatures);
            var by = signatures.Select(s => s.Signer).Distinct().Count();
            if (by >= rule.Threshold)
            {
                return;
            }

            var reasons = _refused.Where(r => r.PredicateType is "" or ImageSigner.SignaturePredicate).Select(r => r.Reason).ToList();
            if (found.Truncated)
            {
                reasons.Add($"it has more than {SignatureStore.MaxSignatures} signatures, and only these were looked at");
            }

            Failures.Add(by > 0 ? Failure(ContentTrustRules.NoValidSignature, $"it is signed by {by} of the trusted signers, {rule.Threshold} are needed", reasons)
                : reasons.Count > 0 ? Failure(ContentTrustRules.NoValidSignature, "it is signed, but by none of the trusted signers", reasons)
                : found.Signatures.Any(s => !formats.Contains(s.Format)) ? Failure(ContentTrustRules.OtherFormat, "it is signed in a format that was not asked for", [$"asked for {string.Join(", ", formats)}"])
                : found.OtherTypes.Contains(Notary) ? Failure(ContentTrustRules.OtherFormat, "it has a signature of the Notary Project and none of Sigstore", [])
                : Failure(ContentTrustRules.NotSigned, "it has no signature", []));
        }

        private void CheckAttestation(RequiredAttestation wanted)
        {
            var types = PredicateTypes.Find(wanted.Type);
            var reasons = _refused.Where(r => types.Contains(r.PredicateType)).Select(r => r.Reason).ToList();
            foreach (var (signature, predicate) in _verified.Where(v => types.Contains(v.Signature.PredicateType)))
            {
                if (AttestationConditions.Check(wanted, predicate ?? default, signature.SignedAt, TimeProvider.System.GetUtcNow()) is not { } reason)
                {
                    Verified.Add(signature);
                    return;
                }

                reasons.Add(reason);
            }

            Failures.Add(Failure(
                ContentTrustRules.AttestationMissing,
                reasons.Count == 0 ? $"it has no attestation of the type {wanted.Type}" : $"it has no attestation of the type {wanted.Type} by a trusted signer that meets the conditions",
                reasons));
        }

        private TrustFailure Failure(Rule kind, string what, IEnumerable<string> reasons) => new(manifest, kind, what, [.. reasons.Distinct().Take(10)]);
    }
}
