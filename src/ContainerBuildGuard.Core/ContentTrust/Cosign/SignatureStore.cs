using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Cosign;

/// <summary>Puts signatures where the ecosystem looks for them, and finds them there.</summary>
internal sealed class SignatureStore(RegistryClient client, string registry, string repository)
{
    private const int MaxSignatures = 64;
    private const int MaxSignatureBytes = 1 << 20;
    private static readonly byte[] EmptyJson = "{}"u8.ToArray();

    /// <summary>Adds a simple-signing signature to the ones under the image's signature tag.</summary>
    public async Task AddLegacyAsync(Digest image, byte[] payload, byte[] signature, CancellationToken cancellationToken)
    {
        var tag = SimpleSigning.Tag(image);
        var layers = new JsonArray();
        if (await client.HeadManifestAsync(registry, repository, tag, cancellationToken) is not null)
        {
            var (_, bytes) = await client.GetManifestAsync(registry, repository, tag, cancellationToken);
            foreach (var layer in (JsonArray)JsonNode.Parse(bytes)!["layers"]!)
            {
                layers.Add(layer!.DeepClone());
            }
        }

        var payloadDescriptor = await PushAsync(SimpleSigning.MediaType, payload, cancellationToken);
        layers.Add(ToJson(payloadDescriptor, (SimpleSigning.SignatureAnnotation, Convert.ToBase64String(signature))));
        var config = Encoding.UTF8.GetBytes("""{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}""");
        var configDescriptor = await PushAsync(MediaTypes.OciConfig, config, cancellationToken);
        await client.PutManifestAsync(registry, repository, tag, MediaTypes.OciManifest, Manifest(configDescriptor, layers), cancellationToken);
    }

    /// <summary>Attaches a bundle as a referrer of the image (OCI 1.1), listed under the fallback tag where the registry lacks the API.</summary>
    public async Task AddBundleAsync(Descriptor image, byte[] bundle, CancellationToken cancellationToken)
    {
        var layer = await PushAsync(KeyBundle.MediaType, bundle, cancellationToken);
        var config = await PushAsync(MediaTypes.OciEmpty, EmptyJson, cancellationToken);
        var manifest = Manifest(
            config,
            [ToJson(layer)],
            ("artifactType", KeyBundle.MediaType),
            ("subject", ToJson(image)),
            ("annotations", new JsonObject { ["dev.sigstore.bundle.content"] = "dsse-envelope", ["dev.sigstore.bundle.predicateType"] = SigningStatement.PredicateType }));
        var descriptor = Descriptor.Of(MediaTypes.OciManifest, manifest) with { ArtifactType = KeyBundle.MediaType };
        await client.PutManifestAsync(registry, repository, descriptor.Digest.ToString(), MediaTypes.OciManifest, manifest, cancellationToken);
        if (await client.HasReferrersApiAsync(registry, repository, image.Digest, cancellationToken))
        {
            return;
        }

        var known = await client.GetReferrersAsync(registry, repository, image.Digest, cancellationToken);
        var list = known.Where(k => k.Digest != descriptor.Digest).Append(descriptor).Select(d => (JsonNode)ToJson(d, "artifactType", d.ArtifactType)).ToArray();
        var index = Encoding.UTF8.GetBytes(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray(list) }.ToJsonString());
        await client.PutManifestAsync(registry, repository, RegistryClient.FallbackTag(image.Digest), MediaTypes.OciIndex, index, cancellationToken);
    }

    /// <summary>Payloads and signatures under the image's signature tag.</summary>
    public async Task<List<(byte[] Payload, byte[] Signature)>> FindLegacyAsync(Digest image, CancellationToken cancellationToken)
    {
        var found = new List<(byte[], byte[])>();
        var tag = SimpleSigning.Tag(image);
        if (await client.HeadManifestAsync(registry, repository, tag, cancellationToken) is null)
        {
            return found;
        }

        var (_, bytes) = await client.GetManifestAsync(registry, repository, tag, cancellationToken);
        foreach (var layer in ManifestParser.ParseManifest(bytes).Layers.Where(l => l.MediaType == SimpleSigning.MediaType).Take(MaxSignatures))
        {
            var signature = new byte[1024];
            if (layer.Annotations.TryGetValue(SimpleSigning.SignatureAnnotation, out var text) && Convert.TryFromBase64String(text, signature, out var length))
            {
                found.Add((await ReadAsync(layer, cancellationToken), signature[..length]));
            }
        }

        return found;
    }

    /// <summary>The bundles that refer to the image.</summary>
    public async Task<List<byte[]>> FindBundlesAsync(Digest image, CancellationToken cancellationToken)
    {
        var bundles = new List<byte[]>();
        foreach (var referrer in (await client.GetReferrersAsync(registry, repository, image, cancellationToken)).Where(r => r.ArtifactType == KeyBundle.MediaType).Take(MaxSignatures))
        {
            var (_, bytes) = await client.GetManifestAsync(registry, repository, referrer.Digest.ToString(), cancellationToken);
            foreach (var layer in ManifestParser.ParseManifest(bytes).Layers.Where(l => l.MediaType == KeyBundle.MediaType))
            {
                bundles.Add(await ReadAsync(layer, cancellationToken));
            }
        }

        return bundles;
    }

    private static byte[] Manifest(Descriptor config, JsonArray layers, params (string Name, JsonNode Value)[] more)
    {
        var manifest = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciManifest, ["config"] = ToJson(config), ["layers"] = layers };
        foreach (var (name, value) in more)
        {
            manifest[name] = value;
        }

        return Encoding.UTF8.GetBytes(manifest.ToJsonString());
    }

    private static JsonObject ToJson(Descriptor d, params (string Name, string Value)[] annotations)
    {
        var json = new JsonObject { ["mediaType"] = d.MediaType, ["digest"] = d.Digest.ToString(), ["size"] = d.Size };
        if (annotations.Length > 0)
        {
            json["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Name, (JsonNode?)a.Value)));
        }

        return json;
    }

    private static JsonObject ToJson(Descriptor d, string name, string? value)
    {
        var json = ToJson(d);
        json[name] = value;
        return json;
    }

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
