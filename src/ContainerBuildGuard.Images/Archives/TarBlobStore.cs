namespace ContainerBuildGuard.Images.Archives;

/// <summary>Blobs of an archive: <c>blobs/algorithm/hex</c>, or the names that a Docker archive gives its files.</summary>
internal sealed class TarBlobStore(TarIndex tar, IReadOnlyDictionary<Digest, string>? names = null) : IPartialBlobStore
{
    public bool Contains(Descriptor descriptor) => Name(descriptor) is { } name && tar.Contains(name);

    public ValueTask<Stream> OpenAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        var name = Name(descriptor) ?? throw new ImageException(ImageError.NotFound, $"The archive '{tar.Path}' has no content {descriptor.Digest}.");
        return new(new VerifyingStream(tar.OpenFile(name), descriptor, $"'{tar.Path}'"));
    }

    private string? Name(Descriptor descriptor) =>
        names is null ? $"blobs/{descriptor.Digest.Algorithm}/{descriptor.Digest.Hex}" : names.GetValueOrDefault(descriptor.Digest);
}
