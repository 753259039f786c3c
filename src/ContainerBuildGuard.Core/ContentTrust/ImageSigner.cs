using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Signs manifests in a registry, by digest, and attaches attestations to them.</summary>
public static class ImageSigner
{
    /// <summary>The predicate type of image signatures; everything else is an attestation.</summary>
    public const string SignaturePredicate = SigningStatement.PredicateType;

    /// <summary>Checks the formats' names before anything is done.</summary>
    /// <param name="formats">The formats.</param>
    /// <param name="option">The option or property that names them.</param>
    /// <param name="more">Formats beside Sigstore's that may be meant.</param>
    /// <exception cref="GuardException">CBG9009.</exception>
    public static void CheckFormats(IReadOnlyCollection<string> formats, string option, params string[] more)
    {
        string[] known = ["bundle", "legacy", .. more];
        if (formats.Count == 0 || formats.Any(f => !known.Contains(f)))
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"{option} is '{string.Join(';', formats)}': set it to {string.Join(", ", known)}, or several of them separated by semicolons.");
        }
    }

    /// <summary>Signs each manifest in each format.</summary>
    /// <exception cref="GuardException">CBG3006: a service that signing needs refused or could not be reached.</exception>
    public static Task SignAsync(RegistryClient client, string registry, string repository, IEnumerable<Descriptor> manifests, BundleSigner signer, IReadOnlyCollection<string> formats, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        var store = new SignatureStore(client, registry, repository);
        foreach (var manifest in manifests)
        {
            if (formats.Contains("legacy"))
            {
                var payload = SimpleSigning.Payload($"{registry}/{repository}", manifest.Digest);
                var signature = await signer.SignContentAsync(payload, cancellationToken);
                if (signer.IsIdentity && signature.LogEntries.All(e => e.SignedEntryTimestamp is null))
                {
                    throw new SigstoreException(SigstoreError.Unsupported, "the legacy form can only carry entries of Rekor 1, and this instance logs in Rekor 2: sign as bundle, or name a signing configuration with Rekor 1");
                }

                await store.AddLegacyAsync(manifest.Digest, "sig", SimpleSigning.MediaType, payload, LegacySignature.Annotations(signature), cancellationToken);
            }

            if (formats.Contains("bundle"))
            {
                var bundle = await signer.SignStatementAsync(SigningStatement.Of(manifest.Digest), cancellationToken);
                await store.AddBundleAsync(manifest, bundle, SignaturePredicate, TimeProvider.System.GetUtcNow(), cancellationToken);
            }
        }

        return true;
    });

    /// <summary>Attaches a signed statement about the manifest, in each format.</summary>
    /// <exception cref="GuardException">CBG3006, as for <see cref="SignAsync"/>.</exception>
    public static Task AttestAsync(RegistryClient client, string registry, string repository, Descriptor manifest, BundleSigner signer, string predicateType, JsonNode predicate, IReadOnlyCollection<string> formats, CancellationToken cancellationToken) => GuardedAsync(async () =>
    {
        var store = new SignatureStore(client, registry, repository);
        var statement = InTotoStatement.Write(manifest.Digest.Algorithm, manifest.Digest.Hex, predicateType, predicate, $"{registry}/{repository}");
        var bundle = await signer.SignStatementAsync(statement, cancellationToken);
        if (formats.Contains("bundle"))
        {
            await store.AddBundleAsync(manifest, bundle, predicateType, TimeProvider.System.GetUtcNow(), cancellationToken);
        }

        if (formats.Contains("legacy"))
        {
            var annotations = LegacySignature.Annotations(bundle);
            annotations["predicateType"] = predicateType;
            await store.AddLegacyAsync(manifest.Digest, "att", LegacySignature.EnvelopeMediaType, LegacySignature.Envelope((DsseEnvelope)bundle.Content), annotations, cancellationToken);
        }

        return true;
    });

    /// <summary>A bundle to keep beside an image that is in no registry.</summary>
    /// <exception cref="GuardException">CBG3006, as for <see cref="SignAsync"/>.</exception>
    public static Task<byte[]> SignDetachedAsync(Digest digest, BundleSigner signer, CancellationToken cancellationToken) =>
        GuardedAsync(async () => (await signer.SignStatementAsync(SigningStatement.Of(digest), cancellationToken)).ToJson());

    private static async Task<T> GuardedAsync<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (e is SigstoreException or KeyException)
        {
            throw new GuardException(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment, $"Signing failed: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
