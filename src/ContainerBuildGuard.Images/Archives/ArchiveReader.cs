namespace ContainerBuildGuard.Images.Archives;

/// <summary>Opens image archives: OCI archives, Docker archives of the SDK, `docker save` (both of its formats), Podman, skopeo and BuildKit; plain, gzip- or zstd-compressed.</summary>
internal static class ArchiveReader
{
    /// <param name="reference">How the user named the image.</param>
    /// <param name="path">The archive.</param>
    /// <param name="name">The image in the archive: a name, a tag or <c>@N</c>; null for the only one.</param>
    /// <param name="release">Runs when the set is disposed.</param>
    /// <param name="options">Platform, limits and known manifests.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">No image archive, damaged, or without such an image.</exception>
    public static async Task<ImageSet> OpenAsync(string reference, string path, string? name, Action? release, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var (plain, temporary) = await CompressedArchive.InflateAsync(path, options.Limits, cancellationToken).ConfigureAwait(false);
        void Release()
        {
            temporary?.Delete(recursive: true);
            release?.Invoke();
        }

        var tar = FileErrors.Guard(() => TarIndex.Open(plain, options.Limits.ArchiveEntries, path, Release, cancellationToken), path);
        var owner = new Owner(tar);
        try
        {
            var layout = tar.Contains("oci-layout") && tar.Contains("index.json");
            var docker = tar.Contains("manifest.json") ? DockerArchive.Read(tar, options.Limits) : null;
            if (!layout)
            {
                return docker is not null ? DockerArchive.Open(reference, tar, docker, name, owner, options) : throw NoImage(tar);
            }

            LayoutFolder.CheckVersion(tar.ReadAll("oci-layout", options.Limits.ManifestBytes), path);
            var index = ManifestParser.ParseIndex(tar.ReadAll("index.json", options.Limits.ManifestBytes), options.Limits);
            var set = await ManifestWalk.OpenAsync(reference, LayoutIndex.Choose(reference, index, name), new TarBlobStore(tar), owner, options, cancellationToken).ConfigureAwait(false);
            if (docker is not null)
            {
                DockerArchive.CheckAgainst(set, docker, tar, options);
            }

            return set;
        }
        catch
        {
            tar.Dispose();
            throw;
        }
    }

    private static ImageException NoImage(TarIndex tar) => tar.Contains("repositories")
        ? new(ImageError.Unsupported, $"'{tar.Path}' is an archive of a Docker older than 1.10, which names no configuration: load and save it with a current Docker.")
        : new(ImageError.Unsupported, $"'{tar.Path}' is a tar, but neither an OCI nor a Docker image archive: it lacks index.json and manifest.json.");

    private sealed class Owner(TarIndex tar) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            tar.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
