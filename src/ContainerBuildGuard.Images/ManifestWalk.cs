namespace ContainerBuildGuard.Images;

/// <summary>Follows descriptors from a root down to images: nested indexes, one image a platform; attestations and artifacts are kept as manifests and are no images.</summary>
internal sealed class ManifestWalk
{
    private readonly string _reference;
    private readonly IBlobStore _blobs;
    private readonly ImageLimits _limits;
    private readonly Dictionary<Digest, byte[]> _read = [];
    private readonly List<(Descriptor Descriptor, ReadOnlyMemory<byte> Bytes)> _manifests = [];
    private readonly List<(Platform Platform, Image Image)> _images = [];

    private readonly List<Descriptor> _absent = [];

    private ManifestWalk(string reference, IBlobStore blobs, ImageLimits limits) => (_reference, _blobs, _limits) = (reference, blobs, limits);

    /// <summary>Opens everything below <paramref name="root"/>.</summary>
    /// <exception cref="ImageException">Malformed, of an unknown type, over a limit, or without an image for the platform that is asked for.</exception>
    public static async Task<ImageSet> OpenAsync(string reference, Descriptor root, IBlobStore blobs, IAsyncDisposable? owner, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var walk = new ManifestWalk(reference, blobs, options.Limits);
        await walk.VisitAsync(root, 0, cancellationToken).ConfigureAwait(false);
        return new ImageSet
        {
            Reference = reference,
            Root = root,
            Manifests = [.. walk._manifests],
            Absent = [.. walk._absent],
            Images = PlatformSelection.Select(reference, walk._images, options.Platform),
            Blobs = blobs,
            Owner = owner,
        };
    }

    private async Task VisitAsync(Descriptor descriptor, int depth, CancellationToken cancellationToken)
    {
        if (depth > _limits.IndexDepth)
        {
            throw new ImageException(ImageError.LimitExceeded, $"The index of '{_reference}' has more than {_limits.IndexDepth} indexes inside one another, over the limit: push it again as one flat index.");
        }

        if (depth > 0 && _blobs is IPartialBlobStore partial && !partial.Contains(descriptor))
        {
            _absent.Add(descriptor);
            return;
        }

        var first = !_read.TryGetValue(descriptor.Digest, out var bytes);
        if (first)
        {
            if (_read.Count >= _limits.Manifests)
            {
                throw new ImageException(ImageError.LimitExceeded, $"The index of '{_reference}' leads to more than {_limits.Manifests} manifests, over the limit: name one of its images by digest.");
            }

            bytes = await _blobs.ReadAllAsync(descriptor, _limits.ManifestBytes, cancellationToken).ConfigureAwait(false);
            _read.Add(descriptor.Digest, bytes);
            CheckType(descriptor, bytes);
        }

        if (!MediaTypes.IsIndex(descriptor.MediaType))
        {
            // Listed twice for two platforms, a manifest is an image of both.
            await AddImageAsync(descriptor, bytes!, cancellationToken).ConfigureAwait(false);
        }
        else if (first)
        {
            foreach (var inner in ManifestParser.ParseIndex(bytes, _limits).Manifests)
            {
                await VisitAsync(inner, depth + 1, cancellationToken).ConfigureAwait(false);
            }
        }

        if (first)
        {
            _manifests.Add((descriptor, bytes!));
        }
    }

    private void CheckType(Descriptor descriptor, byte[] bytes)
    {
        if (MediaTypes.IsSchema1(descriptor.MediaType))
        {
            _ = ManifestParser.MediaTypeOf(bytes);
        }

        if (!MediaTypes.IsIndex(descriptor.MediaType) && !MediaTypes.IsManifest(descriptor.MediaType))
        {
            throw new ImageException(ImageError.Unsupported, $"'{_reference}' holds a manifest of the media type '{descriptor.MediaType}', which is neither OCI's nor Docker v2's: rebuild the image in one of these formats.");
        }

        var said = ManifestParser.MediaTypeOf(bytes);
        if (MediaTypes.IsIndex(said) != MediaTypes.IsIndex(descriptor.MediaType))
        {
            throw new ImageException(ImageError.Malformed, $"'{_reference}' names {descriptor.Digest} as '{descriptor.MediaType}', and that says it is '{said}': engines and scanners would read it differently; rebuild the image.");
        }
    }

    private async Task AddImageAsync(Descriptor descriptor, byte[] bytes, CancellationToken cancellationToken)
    {
        var manifest = ManifestParser.ParseManifest(bytes, _limits);
        var known = manifest.Config.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig;

        // An attestation has an image's configuration and no file system; an artifact with a file system's layers runs where its configuration names them.
        if (manifest.Config.MediaType == MediaTypes.OciEmpty || !(manifest.Layers.Any(l => MediaTypes.IsLayer(l.MediaType)) || (known && manifest.Layers.IsEmpty)))
        {
            return;
        }

        var configBytes = await _blobs.ReadAllAsync(manifest.Config, _limits.ConfigBytes, cancellationToken).ConfigureAwait(false);
        if (!known && !ConfigParser.NamesLayers(configBytes))
        {
            return;
        }

        var image = new Image
        {
            Reference = _reference,
            Descriptor = descriptor,
            ManifestBytes = bytes,
            Manifest = manifest,
            Config = ConfigParser.Parse(configBytes, _limits),
            ConfigBytes = configBytes,
            Blobs = _blobs,
        };

        // An engine chooses by what the index says, and by the configuration where the index says nothing.
        _images.Add((descriptor.Platform is { Os: not "unknown" } listed ? listed : image.Platform, image));
    }
}
