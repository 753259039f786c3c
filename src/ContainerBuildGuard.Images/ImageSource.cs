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

    /// <summary>How much metadata is read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;
}

/// <summary>Opens images wherever they are.</summary>
public static class ImageSource
{
    /// <summary>
    /// Opens <c>oci:DIR[:ref]</c>, <c>oci-archive:FILE[:ref]</c>, <c>docker-archive:FILE[:ref]</c>, <c>docker-daemon:REF</c>, <c>podman:REF</c>, an existing path
    /// (recognised by its content), or a registry reference. <c>ref</c> is a name or tag in the layout or archive, or <c>@N</c> for its N-th image counted from 0.
    /// </summary>
    /// <exception cref="ImageException">Not an image, or it cannot be read.</exception>
    public static Task<ImageSet> OpenAsync(string reference, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        var (scheme, rest) = colon < 0 ? ("", reference) : (reference[..colon], reference[(colon + 1)..]);
        return scheme switch
        {
            "oci" => OpenLayoutAsync(reference, rest, options, cancellationToken),
            "oci-archive" or "docker-archive" => OpenArchiveAsync(reference, rest, options, cancellationToken),
            "docker-daemon" => EngineSource.OpenAsync(reference, ContainerEngine.Docker, rest, options, cancellationToken),
            "podman" => EngineSource.OpenAsync(reference, ContainerEngine.Podman, rest, options, cancellationToken),
            _ when Directory.Exists(reference) && (LayoutFolder.IsLayout(reference) || IsPath(reference)) => LayoutFolder.OpenAsync(reference, reference, null, options, cancellationToken),
            _ when File.Exists(reference) => ArchiveReader.OpenAsync(reference, reference, null, null, options, cancellationToken),
            _ when IsPath(reference) => throw new ImageException(ImageError.NotFound, $"There is no file or folder '{reference}': check the path."),
            _ => RegistrySource.OpenAsync(ImageReference.Parse(reference), options, cancellationToken),
        };
    }

    /// <summary>The reference to a registry that <see cref="OpenAsync"/> would follow; null for what is in a file, a folder or an engine.</summary>
    /// <exception cref="ImageException">It is none of them.</exception>
    public static ImageReference? InRegistry(string reference) =>
        reference.Split(':')[0] is "oci" or "oci-archive" or "docker-archive" or "docker-daemon" or "podman" || Directory.Exists(reference) || File.Exists(reference) || IsPath(reference) ? null : ImageReference.Parse(reference);

    private static Task<ImageSet> OpenLayoutAsync(string reference, string rest, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var (folder, name) = SplitName(rest, Directory.Exists);
        return LayoutFolder.OpenAsync(reference, folder, name, options, cancellationToken);
    }

    private static Task<ImageSet> OpenArchiveAsync(string reference, string rest, ImageSourceOptions options, CancellationToken cancellationToken)
    {
        var (path, name) = SplitName(rest, File.Exists);
        return File.Exists(path)
            ? ArchiveReader.OpenAsync(reference, path, name, null, options, cancellationToken)
            : throw new ImageException(ImageError.NotFound, $"There is no archive '{path}': check the path.");
    }

    /// <summary>What no registry reference looks like.</summary>
    private static bool IsPath(string text) => Path.IsPathRooted(text) || text.StartsWith('.') || Path.EndsInDirectorySeparator(text);

    /// <summary>Of a path with colons of its own (a drive, a name) the longest part that exists is the path, and what follows is the name in it.</summary>
    private static (string Path, string? Name) SplitName(string text, Func<string, bool> exists)
    {
        for (var end = text.Length; end > 0; end = text.LastIndexOf(':', end - 1))
        {
            if (exists(text[..end]))
            {
                return (text[..end], end == text.Length ? null : text[(end + 1)..]);
            }
        }

        return (text, null);
    }
}
