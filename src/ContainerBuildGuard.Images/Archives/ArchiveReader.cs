using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>Opens image archives: OCI archives, Docker archives of the SDK and of `docker save`, plain or gzip-compressed.</summary>
internal static class ArchiveReader
{
    public static async Task<ImageSet> OpenAsync(string reference, string path, Action? release, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var (plain, temporary) = await InflateAsync(path, cancellationToken).ConfigureAwait(false);
        var tar = TarIndex.Open(plain, cancellationToken, path, () =>
        {
            temporary?.Delete(recursive: true);
            release?.Invoke();
        });
        var owner = new Owner(tar);
        try
        {
            if (tar.Contains("oci-layout") && tar.Contains("index.json"))
            {
                var index = tar.ReadAll("index.json", ManifestParser.MaxManifestBytes);
                return await OciReader.OpenAsync(reference, index, null, new TarBlobStore(tar), owner, options, cancellationToken).ConfigureAwait(false);
            }

            if (tar.Contains("manifest.json"))
            {
                return OpenDocker(reference, tar, owner, options, cancellationToken);
            }

            throw new ImageException(ImageError.Unsupported, $"'{path}' is a tar, but neither an OCI nor a Docker image archive: it lacks index.json and manifest.json.");
        }
        catch
        {
            tar.Dispose();
            throw;
        }
    }

    private static ImageSet OpenDocker(string reference, TarIndex tar, Owner owner, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var images = new List<Image>();
        foreach (var (configName, layerNames) in ReadDockerManifest(tar))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var configBytes = tar.ReadAll(configName, ManifestParser.MaxConfigBytes);
            var config = ManifestParser.ParseConfig(configBytes);
            var configDigest = Digest.Sha256(configBytes);
            var known = options.KnownManifests.Select(b => (Bytes: b, Manifest: ManifestParser.ParseManifest(b))).FirstOrDefault(k => k.Manifest.Config.Digest == configDigest);
            var (bytes, manifest) = known.Manifest is not null ? known : Synthesise(tar, configBytes, layerNames);
            if (manifest.Layers.Length != layerNames.Length)
            {
                throw new ImageException(ImageError.Malformed, $"The archive '{tar.Path}' holds {layerNames.Length} layers, its manifest names {manifest.Layers.Length}: build it again.");
            }

            var files = manifest.Layers.Zip(layerNames).GroupBy(p => p.First.Digest).ToDictionary(g => g.Key, g => g.First().Second);
            files[manifest.Config.Digest] = configName;
            var image = new Image
            {
                Reference = reference,
                Descriptor = Descriptor.Of(manifest.MediaType, bytes.Span),
                ManifestBytes = bytes,
                Manifest = manifest,
                Config = config,
                ConfigBytes = configBytes,
                Blobs = new TarBlobStore(tar, files),
            };
            if (options.Platform is null || image.Platform.Satisfies(options.Platform))
            {
                images.Add(image);
            }
        }

        return images switch
        {
            [] => throw new ImageException(ImageError.NotFound, $"'{tar.Path}' holds no image" + (options.Platform is { } p ? $" for {p}." : ".")),
            [var only] => new ImageSet { Reference = reference, Root = only.Descriptor, Manifests = [(only.Descriptor, only.ManifestBytes)], Images = [only], Owner = owner },
            _ => throw new ImageException(ImageError.InvalidReference, $"'{tar.Path}' holds {images.Count} images: export one at a time."),
        };
    }

    private static List<(string Config, ImmutableArray<string> Layers)> ReadDockerManifest(TarIndex tar)
    {
        try
        {
            using var document = JsonDocument.Parse(tar.ReadAll("manifest.json", ManifestParser.MaxManifestBytes));
            return [.. document.RootElement.EnumerateArray().Select(e => (
                e.GetProperty("Config").GetString()!,
                e.GetProperty("Layers").EnumerateArray().Select(l => l.GetString()!).ToImmutableArray()))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ImageException(ImageError.Malformed, $"manifest.json in '{tar.Path}' cannot be read ({e.Message.TrimEnd('.')}): build or export the image again.", e);
        }
    }

    /// <summary>A registry manifest for an archive that has none: what its layers would be pushed as, were they pushed as they stand.</summary>
    private static (ReadOnlyMemory<byte> Bytes, ImageManifest Manifest) Synthesise(TarIndex tar, byte[] config, ImmutableArray<string> layerNames)
    {
        var layers = new JsonArray();
        foreach (var name in layerNames)
        {
            using var stream = tar.OpenFile(name);
            using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 16];
            var gzip = false;
            for (var first = true; stream.Read(buffer, 0, buffer.Length) is > 0 and var count; first = false)
            {
                gzip |= first && count > 2 && buffer[0] == 0x1f && buffer[1] == 0x8b;
                hash.AppendData(buffer, 0, count);
            }

            layers.Add(new JsonObject
            {
                ["mediaType"] = gzip ? MediaTypes.DockerLayerGzip : MediaTypes.DockerLayerTar,
                ["size"] = tar.Length(name),
                ["digest"] = Digest.FromHash("sha256", hash.GetHashAndReset()).ToString(),
            });
        }

        var bytes = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.DockerManifest,
            ["config"] = new JsonObject { ["mediaType"] = MediaTypes.DockerConfig, ["size"] = config.Length, ["digest"] = Digest.Sha256(config).ToString() },
            ["layers"] = layers,
        }.ToJsonString());
        return (bytes, ManifestParser.ParseManifest(bytes));
    }

    /// <summary>Seeking needs a plain tar; a compressed archive is inflated once into a private temporary file.</summary>
    private static async Task<(string Path, DirectoryInfo? Temporary)> InflateAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var magic = new byte[2];
        if (await file.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < 2 || magic is not [0x1f, 0x8b])
        {
            return (path, null);
        }

        file.Position = 0;
        var folder = Directory.CreateTempSubdirectory("cbg-");
        try
        {
            var plain = Path.Combine(folder.FullName, "image.tar");
            await using var gzip = new GZipStream(file, CompressionMode.Decompress);
            await using var output = File.Create(plain);
            await gzip.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
            return (plain, folder);
        }
        catch (InvalidDataException e)
        {
            folder.Delete(recursive: true);
            throw new ImageException(ImageError.Malformed, $"The archive '{path}' cannot be inflated: it is truncated or damaged; build or export it again.", e);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    private sealed class Owner(TarIndex tar) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            tar.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Blobs of an archive: <c>blobs/algorithm/hex</c>, or the names that a Docker archive gives its files.</summary>
internal sealed class TarBlobStore(TarIndex tar, IReadOnlyDictionary<Digest, string>? names = null) : IBlobStore
{
    public ValueTask<Stream> OpenAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        var name = names is null ? $"blobs/{descriptor.Digest.Algorithm}/{descriptor.Digest.Hex}" : names.GetValueOrDefault(descriptor.Digest)
            ?? throw new ImageException(ImageError.NotFound, $"The archive '{tar.Path}' has no content {descriptor.Digest}.");
        return new(new VerifyingStream(tar.OpenFile(name), descriptor, $"'{tar.Path}'"));
    }
}

/// <summary>Blobs of an OCI layout folder.</summary>
internal sealed class LayoutBlobStore(string folder) : IBlobStore
{
    public ValueTask<Stream> OpenAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "blobs", descriptor.Digest.Algorithm, descriptor.Digest.Hex);
        return File.Exists(path)
            ? new(new VerifyingStream(File.OpenRead(path), descriptor, $"'{folder}'"))
            : throw new ImageException(ImageError.Malformed, $"The layout '{folder}' lacks the content {descriptor.Digest}, which its index names: copy the image again.");
    }
}
