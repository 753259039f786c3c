using System.Collections.Immutable;
using ContainerBuildGuard.Images.Archives;

namespace ContainerBuildGuard.Images;

/// <summary>How to open a reference.</summary>
public sealed record ImageSourceOptions
{
    /// <summary>Opens only the images that satisfy this platform; all where null.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Exact registry manifests that a Docker archive belongs to and does not hold; matched by the configuration's digest.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> KnownManifests { get; init; } = [];

    /// <summary>For registry references.</summary>
    public RegistryClientOptions Registry { get; init; } = new();
}

/// <summary>Opens images wherever they are.</summary>
public static class ImageSource
{
    /// <summary>
    /// Opens <c>oci:DIR[:ref]</c>, <c>oci-archive:FILE</c>, <c>docker-archive:FILE</c>, <c>docker-daemon:REF</c>, <c>podman:REF</c>, an existing path
    /// (recognised by its content), or a registry reference.
    /// </summary>
    /// <exception cref="ImageException">Not an image, or it cannot be read.</exception>
    public static async Task<ImageSet> OpenAsync(string reference, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        var (scheme, rest) = colon < 0 ? ("", reference) : (reference[..colon], reference[(colon + 1)..]);
        switch (scheme)
        {
            case "oci":
                var (folder, name) = SplitLayout(rest);
                return await OpenLayoutAsync(reference, folder, name, options, cancellationToken).ConfigureAwait(false);
            case "oci-archive" or "docker-archive":
                return await OpenArchiveAsync(reference, rest, options, cancellationToken).ConfigureAwait(false);
            case "docker-daemon" or "podman":
                var engine = scheme == "podman" ? ContainerEngine.Podman : ContainerEngine.Docker;
                return await OpenFromEngineAsync(reference, engine, rest, options, cancellationToken).ConfigureAwait(false);
            default:
                break;
        }

        if (Directory.Exists(reference))
        {
            return await OpenLayoutAsync(reference, reference, null, options, cancellationToken).ConfigureAwait(false);
        }

        if (File.Exists(reference))
        {
            return await OpenArchiveAsync(reference, reference, options, cancellationToken).ConfigureAwait(false);
        }

        if (Path.IsPathRooted(reference) || reference.StartsWith('.'))
        {
            throw new ImageException(ImageError.NotFound, $"There is no file or folder '{reference}': check the path.");
        }

        return await RegistrySource.OpenAsync(ImageReference.Parse(reference), options, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ImageSet> OpenLayoutAsync(string reference, string folder, string? name, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(folder, "oci-layout")) || !File.Exists(Path.Combine(folder, "index.json")))
        {
            throw new ImageException(ImageError.NotFound, $"'{folder}' is not an OCI image layout: it lacks oci-layout or index.json.");
        }

        var index = await File.ReadAllBytesAsync(Path.Combine(folder, "index.json"), cancellationToken).ConfigureAwait(false);
        return await OciReader.OpenAsync(reference, index, name, new LayoutBlobStore(folder), null, options, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ImageSet> OpenArchiveAsync(string reference, string path, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new ImageException(ImageError.NotFound, $"There is no archive '{path}': check the path.");
        }

        return await ArchiveReader.OpenAsync(reference, path, null, options, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ImageSet> OpenFromEngineAsync(string reference, ContainerEngine engine, string name, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("cbg-").FullName, "image.tar");
        void Release() => Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        try
        {
            await engine.SaveAsync(name, file, cancellationToken).ConfigureAwait(false);
            return await ArchiveReader.OpenAsync(reference, file, Release, options, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            if (Directory.Exists(Path.GetDirectoryName(file)))
            {
                Release();
            }

            throw;
        }
    }

    private static (string Folder, string? Name) SplitLayout(string text)
    {
        // A folder whose own name holds a colon exists as it stands; only otherwise does the last colon begin a name.
        var colon = text.LastIndexOf(':');
        return Directory.Exists(text) || colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }
}
