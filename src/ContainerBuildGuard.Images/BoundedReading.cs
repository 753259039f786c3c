namespace ContainerBuildGuard.Images;

/// <summary>Reads with a bound.</summary>
internal static class BoundedReading
{
    /// <summary>Reads a small blob (a manifest, a configuration) whole.</summary>
    public static async Task<byte[]> ReadAllAsync(this IBlobStore blobs, Descriptor descriptor, int limit, CancellationToken cancellationToken)
    {
        if (descriptor.Size > limit)
        {
            throw new ImageException(ImageError.LimitExceeded, $"{descriptor.MediaType} {descriptor.Digest} has {descriptor.Size} bytes, over the limit of {limit} for an image's metadata: rebuild the image.");
        }

        await using var stream = await blobs.OpenAsync(descriptor, cancellationToken).ConfigureAwait(false);
        var bytes = new byte[descriptor.Size];
        await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);

        // The read past the end is the one that verifies the digest.
        _ = await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    /// <summary>Reads a stream whole that says no length one can trust.</summary>
    public static async Task<byte[]> ReadAllAsync(this Stream stream, int limit, string what, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await stream.CopyAtMostAsync(buffer, limit, what, cancellationToken).ConfigureAwait(false);
        return buffer.ToArray();
    }

    /// <summary>Copies at most <paramref name="limit"/> bytes; <paramref name="alive"/> is called for each piece.</summary>
    public static async Task CopyAtMostAsync(this Stream stream, Stream target, long limit, string what, CancellationToken cancellationToken, Action? alive = null)
    {
        var chunk = new byte[1 << 17];
        for (var total = 0L; await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var count;)
        {
            total += count;
            if (total > limit)
            {
                throw new ImageException(ImageError.LimitExceeded, $"{what} has more than {limit} bytes, the limit: it is no ordinary image; rebuild it.");
            }

            await target.WriteAsync(chunk.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            alive?.Invoke();
        }
    }
}
