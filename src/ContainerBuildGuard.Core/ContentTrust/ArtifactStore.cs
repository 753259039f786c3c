using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Small artifacts in a repository, and what refers to an image there: the ground that every format of signatures stands on.</summary>
internal sealed class ArtifactStore(RegistryClient client, string registry, string repository)
{
    /// <summary>Everything beyond is left alone: an image must not make its verifier work without end.</summary>
    public const int MaxReferrers = 64;

    private const int MaxBytes = 32 << 20;
    private static readonly byte[] EmptyJson = "{}"u8.ToArray();

    public async Task<Descriptor> PushAsync(string mediaType, byte[] content, CancellationToken cancellationToken)
    {
        var descriptor = Descriptor.Of(mediaType, content);
        await client.PushBlobAsync(registry, repository, descriptor, _ => new ValueTask<Stream>(new MemoryStream(content, writable: false)), [], cancellationToken);
        return descriptor;
    }

    private Task<Descriptor> PushEmptyAsync(CancellationToken cancellationToken) => PushAsync(MediaTypes.OciEmpty, EmptyJson, cancellationToken);

    /// <summary>Attaches an artifact of one layer to a manifest.</summary>
    public async Task AttachAsync(Descriptor subject, string artifactType, string layerType, byte[] content, IReadOnlyDictionary<string, string> annotations, CancellationToken cancellationToken)
    {
        var layer = await PushAsync(layerType, content, cancellationToken);
        var manifest = Manifest(await PushEmptyAsync(cancellationToken), new JsonArray(layer.ToJson()));
        manifest["artifactType"] = artifactType;
        manifest["subject"] = new Descriptor { MediaType = subject.MediaType, Digest = subject.Digest, Size = subject.Size }.ToJson();
        manifest["annotations"] = ToJson(annotations);
        var bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        var descriptor = Descriptor.Of(MediaTypes.OciManifest, bytes) with { ArtifactType = artifactType, Annotations = annotations.ToImmutableSortedDictionary() };
        await client.AttachAsync(registry, repository, subject.Digest, descriptor, bytes, cancellationToken);
    }

    /// <summary>
    /// What refers to an image, read one by one. The list itself is anybody's who may push, and some tools leave artifact types out of it: what a referrer is, and whose,
    /// its own manifest says. Somebody's broken referrer must not hide the good ones.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="artifactType">The type that is looked at first.</param>
    /// <param name="read">Reads one from its manifest; null where it is none of ours.</param>
    /// <param name="broken">What stands for one that cannot be read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(Gathered<T> Found, bool Truncated)> ReadReferrersAsync<T>(Digest image, string artifactType, Func<Descriptor, byte[], Task<T?>> read, Func<string, T> broken, CancellationToken cancellationToken)
        where T : class
    {
        var referrers = await client.GetReferrersAsync(registry, repository, image, cancellationToken);
        var found = ImmutableArray.CreateBuilder<T>();
        foreach (var referrer in referrers.Found.OrderBy(r => r.ArtifactType == artifactType ? 0 : r.ArtifactType is null ? 1 : 2).Take(MaxReferrers))
        {
            try
            {
                var (_, bytes) = await client.GetManifestAsync(registry, repository, referrer.Digest.ToString(), cancellationToken);
                if (await read(referrer, bytes) is { } one)
                {
                    found.Add(one);
                }
            }
            catch (ImageException e) when (e.Error is ImageError.NotFound or ImageError.Malformed or ImageError.Unsupported)
            {
                found.Add(broken($"a referrer of the image cannot be read ({e.Message.TrimEnd('.')})"));
            }
        }

        return (new Gathered<T>(found.ToImmutable(), referrers.Missed), referrers.Found.Length > MaxReferrers);
    }

    /// <summary>A small blob, whole.</summary>
    public async Task<byte[]> ReadAsync(Descriptor layer, CancellationToken cancellationToken)
    {
        if (layer.Size > MaxBytes)
        {
            throw new ImageException(ImageError.Malformed, $"A signature of {registry}/{repository} has {layer.Size} bytes, over the limit of {MaxBytes}.");
        }

        await using var stream = await client.OpenBlobAsync(registry, repository, layer, cancellationToken);
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    public static JsonObject Manifest(Descriptor config, JsonArray layers) =>
        new() { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciManifest, ["config"] = config.ToJson(), ["layers"] = layers };

    /// <summary>Whether a manifest says that it is about the image.</summary>
    public static bool RefersTo(JsonElement manifest, Digest image) => manifest.TryGetProperty("subject", out var subject) && Text(subject, "digest") == image.ToString();

    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonObject ToJson(IReadOnlyDictionary<string, string> texts) =>
        new(texts.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value)));
}
