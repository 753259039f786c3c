namespace ContainerBuildGuard.Images;

/// <summary>Reads small blobs (manifests, configurations) whole.</summary>
internal static class BlobStoreReader
{
    public static async Task<byte[]> ReadAllAsync(this IBlobStore blobs, Descriptor descriptor, int limit, CancellationToken cancellationToken)
    {
        if (descriptor.Size > limit)
        {
            throw new ImageException(ImageError.Malformed, $"{descriptor.MediaType} {descriptor.Digest} has {descriptor.Size} bytes, over the limit of {limit}.");
        }

        await using var stream = await blobs.OpenAsync(descriptor, cancellationToken).ConfigureAwait(false);
        var bytes = new byte[descriptor.Size];
        await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);

        // The read past the end is the one that verifies the digest.
        _ = await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
        return bytes;
    }
}
