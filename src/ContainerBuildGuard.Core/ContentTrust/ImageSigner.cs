using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Signs manifests in a registry, by digest.</summary>
public static class ImageSigner
{
    /// <summary>Checks the formats' names before anything is done.</summary>
    /// <exception cref="GuardException">CBG9009.</exception>
    public static void CheckFormats(IReadOnlyCollection<string> formats, string option)
    {
        if (formats.Count == 0 || formats.FirstOrDefault(f => f is not ("bundle" or "legacy")) is not null)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"{option} is '{string.Join(';', formats)}': set it to bundle, legacy or bundle;legacy.");
        }
    }

    /// <summary>Signs each manifest in each format.</summary>
    public static async Task SignAsync(RegistryClient client, string registry, string repository, IEnumerable<Descriptor> manifests, SigningKey key, IReadOnlyCollection<string> formats, CancellationToken cancellationToken)
    {
        var store = new SignatureStore(client, registry, repository);
        foreach (var manifest in manifests)
        {
            if (formats.Contains("legacy"))
            {
                var payload = SimpleSigning.Payload($"{registry}/{repository}", manifest.Digest);
                await store.AddLegacyAsync(manifest.Digest, payload, key.Sign(payload), cancellationToken);
            }

            if (formats.Contains("bundle"))
            {
                await store.AddBundleAsync(manifest, SignDetached(manifest.Digest, key), cancellationToken);
            }
        }
    }

    /// <summary>A bundle to keep beside an image that is in no registry.</summary>
    public static byte[] SignDetached(Digest digest, SigningKey key) => KeyBundle.Sign(SigningStatement.Of(digest), key);
}
