using System.Globalization;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>Chooses an image of an OCI layout by the names in its <c>index.json</c> (OCI image specification, "Image Layout").</summary>
internal static class LayoutIndex
{
    /// <summary>The root that <paramref name="name"/> means: a name or a tag, <c>@N</c> for the N-th counted from 0, or null for the only one.</summary>
    /// <exception cref="ImageException">There is no such image, or several where none is named.</exception>
    public static Descriptor Choose(string reference, ImageIndex index, string? name)
    {
        if (name is ['@', .. var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            return position < index.Manifests.Length
                ? index.Manifests[position]
                : throw new ImageException(ImageError.NotFound, $"'{reference}' holds {index.Manifests.Length} images, so there is no number {position}; they are counted from 0.");
        }

        var roots = index.Manifests.Where(m => name is null || ArchiveNames.Match(NamesOf(m), name)).DistinctBy(m => m.Digest).ToList();
        return roots switch
        {
            [var only] => only,
            [] => throw new ImageException(ImageError.NotFound, name is null ? $"'{reference}' holds no image." : $"'{reference}' holds no image named '{name}'; it holds {ArchiveNames.List(index.Manifests.SelectMany(NamesOf))}."),
            _ => throw new ImageException(ImageError.InvalidReference, $"'{reference}' holds {roots.Count} images; name one after a colon: {ArchiveNames.List(roots.SelectMany(NamesOf))}."),
        };
    }

    private static IEnumerable<string> NamesOf(Descriptor descriptor)
    {
        foreach (var annotation in (string[])["org.opencontainers.image.ref.name", "io.containerd.image.name"])
        {
            if (descriptor.Annotations.TryGetValue(annotation, out var name))
            {
                yield return name;
            }
        }
    }
}
