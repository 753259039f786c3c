using System.Collections.Immutable;
using System.Globalization;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>An image that a file deploys, with the place that names it.</summary>
public sealed record DeployedImage
{
    /// <summary>The image as the file names it, variables filled in.</summary>
    public required string Name { get; init; }

    /// <summary>Who runs it, for people: <c>service 'web'</c>.</summary>
    public required string Container { get; init; }

    public required string File { get; init; }

    /// <summary>One-based.</summary>
    public required int Line { get; init; }

    /// <summary>One-based.</summary>
    public required int Column { get; init; }

    /// <summary>Why the name says nothing that could be looked up: it is left open by a variable, or names another file. Null where it does.</summary>
    public string? Unknown { get; init; }

    internal Node At { get; init; } = null!;
}

/// <summary>What files deploy.</summary>
/// <param name="Images">The images, in the files' order. Those that are built from the files themselves are not among them.</param>
/// <param name="Unread">What could not be read, each with its place.</param>
/// <param name="Documents">How many documents were understood.</param>
public sealed record DeployedImages(ImmutableArray<DeployedImage> Images, ImmutableArray<string> Unread, int Documents);

/// <summary>Finds the images that deployment files name, and writes digests behind their names.</summary>
public static class DeploymentImages
{
    public static DeployedImages Read(DeploymentAuditRequest request, CancellationToken cancellationToken)
    {
        var set = ManifestReader.Read(request, cancellationToken);
        return new DeployedImages(
            [.. set.Containers.Where(c => !c.IsBuilt).Select(ToImage)],
            [.. set.Problems.Where(p => !p.StillChecked).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Source.Path}({p.Line},{p.Column}): {p.Reason}"))],
            set.Documents);
    }

    /// <summary>Writes <c>@digest</c> behind each name, all else in the files left as it is; gives the files that were written, and what has to be pinned by hand.</summary>
    /// <param name="pins">Images with what they are to be pinned to.</param>
    public static (IReadOnlyList<FixedFile> Files, IReadOnlyList<DeployedImage> ByHand) Pin(IEnumerable<(DeployedImage Image, string Digest)> pins)
    {
        var (edits, byHand) = (new List<TextEdit>(), new List<DeployedImage>());
        foreach (var (image, digest) in pins.Where(p => !p.Image.Name.Contains('@', StringComparison.Ordinal)))
        {
            if (Edit(image, digest) is { } edit)
            {
                edits.Add(edit);
            }
            else
            {
                byHand.Add(image);
            }
        }

        return ([.. edits.GroupBy(e => e.Source.Path, StringComparer.Ordinal).Select(f => new FixedFile(f.Key, DeploymentFix.Write(f.Key, [.. f])))], byHand);
    }

    /// <summary>Null where the name does not stand in the file as it is: made from variables, or an alias of another place.</summary>
    private static TextEdit? Edit(DeployedImage image, string digest)
    {
        var (source, place) = (image.At.Source, image.At.Place);
        var at = place.End > place.Start ? source.Text.AsSpan(place.Start, place.End - place.Start).IndexOf(image.Name, StringComparison.Ordinal) : -1;
        return source.IsFile && at >= 0 ? new TextEdit(source, place.Start + at + image.Name.Length, 0, $"@{digest}") : null;
    }

    private static DeployedImage ToImage(ContainerSpec container)
    {
        var at = container.Image?.At ?? container.Node;
        var name = container.Image?.Value ?? "";
        return new DeployedImage
        {
            Name = name,
            Container = container.ToString(),
            File = at.Source.Path,
            Line = at.Place.Line,
            Column = at.Place.Column,
            At = at,
            Unknown = name.Length == 0 ? "it names no image"
                : at is ScalarNode { Interpolation.Unresolved: { Count: > 0 } open } ? $"its image is left open by {string.Join(", ", open)}; set the variables"
                : name.Contains("{{", StringComparison.Ordinal) || name.Contains("$(", StringComparison.Ordinal) ? $"its image '{name}' is a template"
                : name.EndsWith(".image", StringComparison.Ordinal) ? $"its image is named by the unit {name}"
                : null,
        };
    }
}
