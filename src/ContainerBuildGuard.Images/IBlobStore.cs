namespace ContainerBuildGuard.Images;

/// <summary>Where an image's content comes from: the one thing that a transport implements to be read.</summary>
public interface IBlobStore
{
    /// <summary>
    /// Opens the content of <paramref name="descriptor"/>. The stream verifies size and digest while it is read and throws
    /// <see cref="ImageException"/> (<see cref="ImageError.DigestMismatch"/>) at the end where they differ. Safe to call concurrently.
    /// </summary>
    ValueTask<Stream> OpenAsync(Descriptor descriptor, CancellationToken cancellationToken);

    /// <summary>True where reading a blob transfers it from another machine.</summary>
    bool IsRemote => false;
}

/// <summary>A store that may rightly lack what an index names: an engine exports the platforms that it has pulled.</summary>
internal interface IPartialBlobStore : IBlobStore
{
    bool Contains(Descriptor descriptor);
}
