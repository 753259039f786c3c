using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.Cosign;

/// <summary>
/// The manifest under an image's older tag, which holds one layer a signature. Adding one is to read, to add and to write, and registries have no lock: two that add at once would lose one,
/// as they do with cosign. So what was read is compared once more just before writing, and the tag is read again afterwards, late enough for another's write that was under way to have arrived;
/// where the layer is missing then, it is added to what stands there. Who writes from something much older can still lose it.
/// </summary>
internal sealed class LegacyTag(RegistryClient client, string registry, string repository, string tag)
{
    public const int MaxAttempts = 8;

    /// <exception cref="GuardException">CBG3006: others write the tag at the same time, and do not keep what they find.</exception>
    /// <exception cref="ImageException">Refused, unreachable, or what the tag names is no manifest.</exception>
    public async Task AddAsync(Descriptor layer, Descriptor config, CancellationToken cancellationToken)
    {
        var added = (JsonNode)layer.ToJson();
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var start = Stopwatch.GetTimestamp();
            var (read, layers) = await ReadAsync(cancellationToken);
            if (!Holds(layers, added))
            {
                layers.Add(added.DeepClone());
                var manifest = Encoding.UTF8.GetBytes(ArtifactStore.Manifest(config, layers).ToJsonString());
                if (await client.HeadManifestAsync(registry, repository, tag, cancellationToken) != read)
                {
                    continue;
                }

                await client.PutManifestAsync(registry, repository, tag, MediaTypes.OciManifest, manifest, cancellationToken);
            }

            await Task.Delay(Stopwatch.GetElapsedTime(start), cancellationToken);
            if (Holds((await ReadAsync(cancellationToken)).Layers, added))
            {
                return;
            }
        }

        throw new GuardException(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment,
            $"The signature is not in {registry}/{repository}:{tag} after {MaxAttempts} attempts: others write this tag at the same time and lose what they find there; sign again, or as bundle, which has no such tag.");
    }

    private static bool Holds(JsonArray layers, JsonNode layer) => layers.Any(l => JsonNode.DeepEquals(l, layer));

    private async Task<(Digest? Digest, JsonArray Layers)> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (descriptor, bytes) = await client.GetManifestAsync(registry, repository, tag, cancellationToken);
            _ = ManifestParser.ParseManifest(bytes); // what is no manifest is said before anything is added to it
            return (descriptor.Digest, (JsonArray)JsonNode.Parse(bytes)!["layers"]!.DeepClone());
        }
        catch (ImageException e) when (e.Error == ImageError.NotFound)
        {
            return (null, []);
        }
    }
}
