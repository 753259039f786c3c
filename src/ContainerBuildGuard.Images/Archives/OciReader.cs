using System.Collections.Immutable;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>Follows descriptors from a root down to images: nested indexes, one image a platform, attestations and artifacts left out.</summary>
internal static class OciReader
{
    private const int MaxDepth = 4;
    private const int MaxManifests = 256;

    /// <summary>Opens what an OCI layout's <c>index.json</c> names.</summary>
    public static async Task<ImageSet> OpenAsync(string reference, ReadOnlyMemory<byte> layoutIndex, string? name, IBlobStore blobs, IAsyncDisposable? owner, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var index = ManifestParser.ParseIndex(layoutIndex);
        var roots = index.Manifests
            .Where(m => name is null || Names(m).Contains(name))
            .DistinctBy(m => m.Digest)
            .ToList();
        var root = roots switch
        {
            [var only] => only,
            [] => throw new ImageException(ImageError.NotFound, name is null
                ? $"'{reference}' holds no image."
                : $"'{reference}' holds no image named '{name}'; it holds {string.Join(", ", index.Manifests.SelectMany(Names).Distinct())}."),
            _ => throw new ImageException(ImageError.InvalidReference, $"'{reference}' holds {roots.Count} images; name one: {string.Join(", ", roots.SelectMany(Names).Distinct())}."),
        };
        return await OpenRootAsync(reference, root, blobs, owner, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens everything below <paramref name="root"/>.</summary>
    public static async Task<ImageSet> OpenRootAsync(string reference, Descriptor root, IBlobStore blobs, IAsyncDisposable? owner, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var walk = new Walk(reference, blobs, options);
        await walk.VisitAsync(root, 0, cancellationToken).ConfigureAwait(false);
        if (walk.Images.Count == 0 && options.Platform is { } wanted)
        {
            throw new ImageException(ImageError.NotFound, $"'{reference}' has no image for {wanted}; it has {string.Join(", ", walk.Platforms)}.");
        }

        return new ImageSet
        {
            Reference = reference,
            Root = root,
            Manifests = [.. walk.Manifests],
            Images = [.. walk.Images],
            Owner = owner,
        };
    }

    private static IEnumerable<string> Names(Descriptor d)
    {
        if (d.Annotations.TryGetValue("org.opencontainers.image.ref.name", out var name))
        {
            yield return name;
        }

        if (d.Annotations.TryGetValue("io.containerd.image.name", out var full))
        {
            yield return full;
        }
    }

    private sealed class Walk(string reference, IBlobStore blobs, ImageSourceOptions options)
    {
        public List<(Descriptor Descriptor, ReadOnlyMemory<byte> Bytes)> Manifests { get; } = [];

        public List<Image> Images { get; } = [];

        public List<Platform> Platforms { get; } = [];

        public async Task VisitAsync(Descriptor descriptor, int depth, CancellationToken cancellationToken)
        {
            if (depth > MaxDepth || Manifests.Count > MaxManifests)
            {
                throw new ImageException(ImageError.Malformed, $"The index of '{reference}' is nested deeper than {MaxDepth} levels or lists more than {MaxManifests} manifests.");
            }

            var bytes = await blobs.ReadAllAsync(descriptor, ManifestParser.MaxManifestBytes, cancellationToken).ConfigureAwait(false);
            if (MediaTypes.IsIndex(descriptor.MediaType))
            {
                foreach (var inner in ManifestParser.ParseIndex(bytes).Manifests)
                {
                    await VisitAsync(inner, depth + 1, cancellationToken).ConfigureAwait(false);
                }
            }
            else if (!MediaTypes.IsManifest(descriptor.MediaType))
            {
                throw new ImageException(ImageError.Unsupported, $"'{reference}' holds a manifest of the media type '{descriptor.MediaType}', which is neither OCI nor Docker v2: rebuild the image in one of these formats.");
            }
            else
            {
                await AddImageAsync(descriptor, bytes, cancellationToken).ConfigureAwait(false);
            }

            Manifests.Add((descriptor, bytes));
        }

        private async Task AddImageAsync(Descriptor descriptor, byte[] bytes, CancellationToken cancellationToken)
        {
            var manifest = ManifestParser.ParseManifest(bytes);
            if (manifest.ArtifactType is not null || manifest.Config.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig)
                || descriptor.Platform is { Os: "unknown" })
            {
                return;
            }

            var configBytes = await blobs.ReadAllAsync(manifest.Config, ManifestParser.MaxConfigBytes, cancellationToken).ConfigureAwait(false);
            var config = ManifestParser.ParseConfig(configBytes);
            var image = new Image
            {
                Reference = reference,
                Descriptor = descriptor,
                ManifestBytes = bytes,
                Manifest = manifest,
                Config = config,
                ConfigBytes = configBytes,
                Blobs = blobs,
            };
            Platforms.Add(image.Platform);
            if (options.Platform is null || image.Platform.Satisfies(options.Platform))
            {
                Images.Add(image);
            }
        }
    }
}
