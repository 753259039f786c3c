namespace ContainerBuildGuard.Images;

/// <content>Whole images, in the order that leaves nothing incomplete behind a tag.</content>
public sealed partial class RegistryClient
{
    /// <summary>Pushes blobs, then manifests by digest, then <paramref name="tags"/>, in this order, so that a push that breaks off leaves every tag as it was.</summary>
    /// <exception cref="ImageException">Refused, unreachable to the last attempt, or the set is incomplete.</exception>
    public async Task PushAsync(ImageSet set, string registry, string repository, IReadOnlyList<(Digest Manifest, string Tag)> tags, IReadOnlyList<string> mountFrom, CancellationToken cancellationToken)
    {
        if (!set.Absent.IsEmpty)
        {
            throw new ImageException(ImageError.Malformed, $"'{set.Reference}' lacks {set.Absent.Length} manifest(s) that its index lists, {set.Absent[0].Digest} first: pull every platform before exporting it, or choose one.");
        }

        await Parallel.ForEachAsync(
            Blobs(set),
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, _options.Parallelism), CancellationToken = cancellationToken },
            async (blob, token) => await PushBlobAsync(registry, repository, blob.Descriptor, t => blob.Store.OpenAsync(blob.Descriptor, t), mountFrom, token).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (var (descriptor, bytes) in set.Manifests)
        {
            await PutManifestAsync(registry, repository, descriptor.Digest.ToString(), descriptor.MediaType, bytes, cancellationToken).ConfigureAwait(false);
        }

        await TagAsync(set, registry, repository, tags, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Points tags at manifests of <paramref name="set"/> that the repository has already.</summary>
    /// <exception cref="ImageException">Refused, or unreachable to the last attempt.</exception>
    public async Task TagAsync(ImageSet set, string registry, string repository, IReadOnlyList<(Digest Manifest, string Tag)> tags, CancellationToken cancellationToken)
    {
        foreach (var (digest, tag) in tags)
        {
            var (descriptor, bytes) = set.Manifests.First(m => m.Descriptor.Digest == digest);
            await PutManifestAsync(registry, repository, tag, descriptor.MediaType, bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Every blob of every manifest once: those of attestations and artifacts in an index too. Foreign layers stay where they are.</summary>
    private IEnumerable<(Descriptor Descriptor, IBlobStore Store)> Blobs(ImageSet set)
    {
        var images = set.Images.ToDictionary(i => i.Digest);
        return set.Manifests
            .Where(m => MediaTypes.IsManifest(m.Descriptor.MediaType))
            .SelectMany(m =>
            {
                var manifest = ManifestParser.ParseManifest(m.Bytes, _options.Limits);
                var store = images.GetValueOrDefault(m.Descriptor.Digest)?.Blobs ?? set.Blobs
                    ?? throw new ImageException(ImageError.Malformed, $"'{set.Reference}' holds the manifest {m.Descriptor.Digest} without its content.");
                return manifest.Layers.Append(manifest.Config).Where(b => !MediaTypes.IsForeignLayer(b.MediaType)).Select(b => (b, store));
            })
            .DistinctBy(b => b.b.Digest);
    }
}
