using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>What came of a verification: <see cref="VerifiedImage"/> or <see cref="RefusedImage"/>, nothing between.</summary>
public abstract record VerificationOutcome(string Reference, Digest Digest);

/// <summary>The digest is signed by the key.</summary>
public sealed record VerifiedImage(string Reference, Digest Digest, string KeyId, string Format) : VerificationOutcome(Reference, Digest);

/// <summary>It is not, and why.</summary>
public sealed record RefusedImage(string Reference, Digest Digest, Rule Rule, ImmutableArray<string> Reasons) : VerificationOutcome(Reference, Digest);

/// <summary>Verifies that a manifest in a registry is signed by a key. A tag is resolved once, and the outcome names the digest that was verified.</summary>
public static class ImageVerifier
{
    public static async Task<VerificationOutcome> VerifyAsync(RegistryClient client, ImageReference reference, VerificationKey key, CancellationToken cancellationToken)
    {
        var (root, _) = await client.GetManifestAsync(reference.Registry, reference.Repository, reference.Selector, cancellationToken);
        var store = new SignatureStore(client, reference.Registry, reference.Repository);
        var reasons = ImmutableArray.CreateBuilder<string>();
        foreach (var bundle in await store.FindBundlesAsync(root.Digest, cancellationToken))
        {
            var (statement, reason) = KeyBundle.Verify(bundle, key);
            if (statement is not null && SigningStatement.IsFor(statement, root.Digest))
            {
                return new VerifiedImage(reference.ToString(), root.Digest, key.KeyId, "bundle");
            }

            reasons.Add(statement is null ? reason : "the bundle is signed by this key, but for another image");
        }

        foreach (var (payload, signature) in await store.FindLegacyAsync(root.Digest, cancellationToken))
        {
            if (!key.Verify(payload, signature))
            {
                reasons.Add("the signature is not by this key, or was changed");
            }
            else if (SimpleSigning.SignedDigest(payload) == root.Digest.ToString())
            {
                return new VerifiedImage(reference.ToString(), root.Digest, key.KeyId, "legacy");
            }
            else
            {
                reasons.Add($"the signature is by this key, but for another image ({SimpleSigning.SignedDigest(payload) ?? "unknown"})");
            }
        }

        return reasons.Count == 0
            ? new RefusedImage(reference.ToString(), root.Digest, ContentTrustRules.NotSigned, ["it has no signature"])
            : new RefusedImage(reference.ToString(), root.Digest, ContentTrustRules.NoValidSignature, [.. reasons.Distinct()]);
    }
}
