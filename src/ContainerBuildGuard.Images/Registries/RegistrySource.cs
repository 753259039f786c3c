namespace ContainerBuildGuard.Images;

/// <summary>Opens images of a registry. A tag is resolved once; everything below it is read by digest.</summary>
internal static class RegistrySource
{
    public static async Task<ImageSet> OpenAsync(ImageReference reference, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var client = new RegistryClient(options.Registry with { Limits = options.Limits });
        try
        {
            var (root, bytes) = await client.GetManifestAsync(reference.Registry, reference.Repository, reference.Selector, cancellationToken).ConfigureAwait(false);
            var blobs = new RegistryBlobStore(client, reference, root, bytes);
            return await ManifestWalk.OpenAsync(reference.ToString(), root, blobs, blobs, options, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}

/// <summary>Blobs and manifests of one repository.</summary>
internal sealed class RegistryBlobStore(RegistryClient client, ImageReference reference, Descriptor root, byte[] rootBytes) : IBlobStore, IAsyncDisposable
{
    public bool IsRemote => true;

    public async ValueTask<Stream> OpenAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        if (descriptor.Digest == root.Digest)
        {
            return new MemoryStream(rootBytes, writable: false);
        }

        if (MediaTypes.IsIndex(descriptor.MediaType) || MediaTypes.IsManifest(descriptor.MediaType))
        {
            var (_, bytes) = await client.GetManifestAsync(reference.Registry, reference.Repository, descriptor.Digest.ToString(), cancellationToken).ConfigureAwait(false);
            return new VerifyingStream(new MemoryStream(bytes, writable: false), descriptor, reference.Registry);
        }

        return await client.OpenBlobAsync(reference.Registry, reference.Repository, descriptor, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }
}
