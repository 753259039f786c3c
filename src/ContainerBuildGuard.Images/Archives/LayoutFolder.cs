namespace ContainerBuildGuard.Images.Archives;

/// <summary>An OCI image layout in a folder.</summary>
internal static class LayoutFolder
{
    /// <summary>Whether <paramref name="folder"/> is meant to be a layout.</summary>
    public static bool IsLayout(string folder) => File.Exists(Path.Combine(folder, "oci-layout")) || File.Exists(Path.Combine(folder, "index.json"));

    public static async Task<ImageSet> OpenAsync(string reference, string folder, string? name, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(folder, "oci-layout")) || !File.Exists(Path.Combine(folder, "index.json")))
        {
            throw new ImageException(ImageError.NotFound, $"'{folder}' is not an OCI image layout: it lacks oci-layout or index.json.");
        }

        CheckVersion(await ReadAsync(folder, "oci-layout", options, cancellationToken).ConfigureAwait(false), folder);
        var index = ManifestParser.ParseIndex(await ReadAsync(folder, "index.json", options, cancellationToken).ConfigureAwait(false), options.Limits);
        return await ManifestWalk.OpenAsync(reference, LayoutIndex.Choose(reference, index, name), new LayoutBlobStore(folder), null, options, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="ImageException">The layout is of another version than 1.</exception>
    public static void CheckVersion(ReadOnlyMemory<byte> layout, string where)
    {
        var version = JsonContent.Read(layout, "oci-layout", root => root.Text("imageLayoutVersion"));
        if (version?.StartsWith("1.", StringComparison.Ordinal) != true)
        {
            throw new ImageException(ImageError.Unsupported, $"'{where}' is an OCI image layout of version '{version}', this reads version 1: copy the image with skopeo.");
        }
    }

    private static async Task<byte[]> ReadAsync(string folder, string name, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        if (file.Length > options.Limits.ManifestBytes)
        {
            throw new ImageException(ImageError.LimitExceeded, $"'{file.FullName}' has {file.Length} bytes, over the limit of {options.Limits.ManifestBytes} for manifests: copy the image into a layout of its own.");
        }

        return await FileErrors.GuardAsync(() => File.ReadAllBytesAsync(file.FullName, cancellationToken), file.FullName).ConfigureAwait(false);
    }
}

/// <summary>Blobs of an OCI layout folder.</summary>
internal sealed class LayoutBlobStore(string folder) : IBlobStore
{
    public ValueTask<Stream> OpenAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "blobs", descriptor.Digest.Algorithm, descriptor.Digest.Hex);
        return File.Exists(path)
            ? new(new VerifyingStream(FileErrors.Guard(() => File.OpenRead(path), path), descriptor, $"'{folder}'"))
            : throw new ImageException(ImageError.Malformed, $"The layout '{folder}' lacks the content {descriptor.Digest}, which its index names: copy the image again.");
    }
}
