using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>Makes the registry manifest of an image in a Docker archive, which has none: what it would be pushed as, were its layers pushed as they stand.</summary>
internal static class DockerArchiveManifest
{
    public static (ReadOnlyMemory<byte> Bytes, ImageManifest Manifest) Make(TarIndex tar, byte[] configBytes, ImageConfig config, ImmutableArray<string> layers, ImageLimits limits)
    {
        if (config.DiffIds.Length != layers.Length)
        {
            throw new ImageException(ImageError.Malformed, $"The archive '{tar.Path}' holds {layers.Length} layers, its configuration names {config.DiffIds.Length}: export it again.");
        }

        var bytes = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.DockerManifest,
            ["config"] = new JsonObject { ["mediaType"] = MediaTypes.DockerConfig, ["size"] = configBytes.Length, ["digest"] = Digest.Sha256(configBytes).ToString() },
            ["layers"] = new JsonArray([.. layers.Zip(config.DiffIds, (name, diffId) => (JsonNode)Layer(tar, name, diffId))]),
        }.ToJsonString());
        return (bytes, ManifestParser.ParseManifest(bytes, limits));
    }

    private static JsonObject Layer(TarIndex tar, string name, Digest diffId)
    {
        using var stream = tar.OpenFile(name);
        var magic = new byte[4];
        var count = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        var mediaType = magic.AsSpan(0, count) switch
        {
            [0x1f, 0x8b, ..] => MediaTypes.DockerLayerGzip,
            [0x28, 0xb5, 0x2f, 0xfd] => MediaTypes.OciLayerZstd,
            _ => MediaTypes.DockerLayerTar,
        };

        // A plain layer's digest is the diff ID, which reading verifies; only a compressed one has another, to be found by hashing.
        return new JsonObject
        {
            ["mediaType"] = mediaType,
            ["size"] = tar.Length(name),
            ["digest"] = (mediaType == MediaTypes.DockerLayerTar ? diffId : Hash(tar, name)).ToString(),
        };
    }

    private static Digest Hash(TarIndex tar, string name)
    {
        using var stream = tar.OpenFile(name);
        return Digest.FromHash("sha256", SHA256.HashData(stream));
    }
}
