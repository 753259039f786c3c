using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Cosign;

/// <summary>What was found at an image, and whether more was there than is read.</summary>
/// <param name="Signatures">Signatures and attestations.</param>
/// <param name="OtherTypes">Artifact types of referrers that are not ours.</param>
/// <param name="Truncated">Whether the limit cut something off.</param>
internal sealed record FoundSignatures(ImmutableArray<StoredSignature> Signatures, ImmutableHashSet<string> OtherTypes, bool Truncated)
{
    public FoundSignatures Add(FoundSignatures more) => new([.. Signatures, .. more.Signatures], OtherTypes.Union(more.OtherTypes), Truncated || more.Truncated);
}

/// <summary>Puts signatures and attestations where the ecosystem looks for them, and finds them there.</summary>
internal sealed class SignatureStore(RegistryClient client, string registry, string repository)
{
    /// <summary>Everything beyond is left alone: an image must not make its verifier work without end.</summary>
    public const int MaxSignatures = 64;

    private const int MaxSignatureBytes = 32 << 20;
    private static readonly byte[] EmptyJson = "{}"u8.ToArray();

    /// <summary>The tag under which older signatures (<c>sig</c>) and attestations (<c>att</c>) of an image are kept.</summary>
    public static string Tag(Digest image, string kind) => $"{image.Algorithm}-{image.Hex}.{kind}";

    /// <summary>Adds a layer to those under the image's older tag. Two that add at once may lose one: that form has no other way.</summary>
    public async Task AddLegacyAsync(Digest image, string kind, string mediaType, byte[] content, IReadOnlyDictionary<string, string> annotations, CancellationToken cancellationToken)
    {
        var tag = Tag(image, kind);
        var layers = new JsonArray();
        if (await client.HeadManifestAsync(registry, repository, tag, cancellationToken) is not null)
        {
            var (_, bytes) = await client.GetManifestAsync(registry, repository, tag, cancellationToken);
            _ = ManifestParser.ParseManifest(bytes); // what is no manifest is said before anything is added to it
            foreach (var layer in (JsonArray)JsonNode.Parse(bytes)!["layers"]!)
            {
                layers.Add(layer!.DeepClone());
            }
        }

        layers.Add((JsonNode)ToJson(await PushAsync(mediaType, content, cancellationToken), annotations));
        var config = Encoding.UTF8.GetBytes("""{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}""");
        var manifest = Manifest(await PushAsync(MediaTypes.OciConfig, config, cancellationToken), layers);
        await client.PutManifestAsync(registry, repository, tag, MediaTypes.OciManifest, Encoding.UTF8.GetBytes(manifest.ToJsonString()), cancellationToken);
    }

    /// <summary>Attaches a bundle as a referrer of the image (OCI 1.1), listed under the fallback tag where the registry lacks the API.</summary>
    public async Task AddBundleAsync(Descriptor image, Bundle bundle, string predicateType, DateTimeOffset created, CancellationToken cancellationToken)
    {
        var layer = await PushAsync(Bundle.MediaType, bundle.ToJson(), cancellationToken);
        var annotations = new Dictionary<string, string>
        {
            ["dev.sigstore.bundle.content"] = "dsse-envelope",
            ["dev.sigstore.bundle.predicateType"] = predicateType,
            ["org.opencontainers.image.created"] = created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        };
        var manifest = Manifest(await PushAsync(MediaTypes.OciEmpty, EmptyJson, cancellationToken), new JsonArray(ToJson(layer)));
        manifest["artifactType"] = Bundle.MediaType;
        manifest["subject"] = ToJson(image);
        manifest["annotations"] = ToJson(annotations);
        var bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        var descriptor = Descriptor.Of(MediaTypes.OciManifest, bytes) with { ArtifactType = Bundle.MediaType, Annotations = annotations.ToImmutableSortedDictionary() };
        await client.AttachAsync(registry, repository, image.Digest, descriptor, bytes, cancellationToken);
    }

    /// <summary>What is under the image's older tag.</summary>
    public async Task<FoundSignatures> FindLegacyAsync(Digest image, string kind, CancellationToken cancellationToken)
    {
        var tag = Tag(image, kind);
        if (await client.HeadManifestAsync(registry, repository, tag, cancellationToken) is null)
        {
            return new FoundSignatures([], [], false);
        }

        var (_, bytes) = await client.GetManifestAsync(registry, repository, tag, cancellationToken);
        var layers = ManifestParser.ParseManifest(bytes).Layers.Where(l => l.MediaType is SimpleSigning.MediaType or LegacySignature.EnvelopeMediaType).ToList();
        var found = ImmutableArray.CreateBuilder<StoredSignature>();
        foreach (var layer in layers.Take(MaxSignatures))
        {
            found.Add(LegacySignature.Read(await ReadAsync(layer, cancellationToken), layer, image));
        }

        return new FoundSignatures(found.ToImmutable(), [], layers.Count > MaxSignatures);
    }

    /// <summary>
    /// The bundles that refer to the image. The list itself is anybody's who may push, and some tools leave artifact types out of it: what a referrer is, and whose,
    /// its own manifest says.
    /// </summary>
    public async Task<FoundSignatures> FindBundlesAsync(Digest image, CancellationToken cancellationToken)
    {
        var referrers = await client.GetReferrersAsync(registry, repository, image, cancellationToken);
        var found = ImmutableArray.CreateBuilder<StoredSignature>();
        var others = ImmutableHashSet.CreateBuilder<string>();
        foreach (var referrer in referrers.OrderBy(r => r.ArtifactType == Bundle.MediaType ? 0 : r.ArtifactType is null ? 1 : 2).Take(MaxSignatures))
        {
            try
            {
                if (await ReadReferrerAsync(referrer, image, others, cancellationToken) is { } signature)
                {
                    found.Add(signature);
                }
            }
            catch (ImageException e) when (e.Error is ImageError.NotFound or ImageError.Malformed or ImageError.Unsupported)
            {
                // Somebody's broken referrer must not hide the good ones.
                found.Add(new StoredSignature("bundle", null, $"a referrer of the image cannot be read ({e.Message.TrimEnd('.')})", Artifact.OfContent(default), null));
            }
        }

        return new FoundSignatures(found.ToImmutable(), others.ToImmutable(), referrers.Length > MaxSignatures);
    }

    private async Task<StoredSignature?> ReadReferrerAsync(Descriptor referrer, Digest image, ImmutableHashSet<string>.Builder others, CancellationToken cancellationToken)
    {
        var (_, bytes) = await client.GetManifestAsync(registry, repository, referrer.Digest.ToString(), cancellationToken);
        var layers = ManifestParser.ParseManifest(bytes).Layers;
        using var manifest = JsonDocument.Parse(bytes);
        if (layers is not [{ MediaType: Bundle.MediaType } layer])
        {
            others.Add(Text(manifest.RootElement, "artifactType") ?? referrer.ArtifactType ?? "");
            return null;
        }

        return manifest.RootElement.TryGetProperty("subject", out var subject) && Text(subject, "digest") == image.ToString()
            ? StoredSignature.OfBundle(await ReadAsync(layer, cancellationToken), image)
            : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonObject Manifest(Descriptor config, JsonArray layers) =>
        new() { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciManifest, ["config"] = ToJson(config), ["layers"] = layers };

    private static JsonObject ToJson(Descriptor d, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var json = new JsonObject { ["mediaType"] = d.MediaType, ["digest"] = d.Digest.ToString(), ["size"] = d.Size };
        if (annotations is { Count: > 0 })
        {
            json["annotations"] = ToJson(annotations);
        }

        return json;
    }

    private static JsonObject ToJson(IReadOnlyDictionary<string, string> texts) =>
        new(texts.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value)));

    private async Task<Descriptor> PushAsync(string mediaType, byte[] content, CancellationToken cancellationToken)
    {
        var descriptor = Descriptor.Of(mediaType, content);
        await client.PushBlobAsync(registry, repository, descriptor, _ => new ValueTask<Stream>(new MemoryStream(content, writable: false)), [], cancellationToken);
        return descriptor;
    }

    private async Task<byte[]> ReadAsync(Descriptor layer, CancellationToken cancellationToken)
    {
        if (layer.Size > MaxSignatureBytes)
        {
            throw new ImageException(ImageError.Malformed, $"A signature of {registry}/{repository} has {layer.Size} bytes, over the limit of {MaxSignatureBytes}.");
        }

        await using var stream = await client.OpenBlobAsync(registry, repository, layer, cancellationToken);
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }
}
