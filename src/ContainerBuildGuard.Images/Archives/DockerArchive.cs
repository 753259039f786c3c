using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>One image in a Docker archive's <c>manifest.json</c>.</summary>
internal sealed record DockerArchiveEntry(string Config, ImmutableArray<string> Names, ImmutableArray<string> Layers);

/// <summary>Docker archives: a <c>manifest.json</c> that names a configuration and layers by path, of the SDK, `docker save`, Podman and skopeo.</summary>
internal static class DockerArchive
{
    public static IReadOnlyList<DockerArchiveEntry> Read(TarIndex tar, ImageLimits limits)
    {
        try
        {
            using var document = JsonDocument.Parse(tar.ReadAll("manifest.json", limits.ManifestBytes), new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false });
            return document.RootElement.EnumerateArray().Select(Entry).ToList();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ImageException(ImageError.Malformed, $"manifest.json in '{tar.Path}' cannot be read ({e.Message.TrimEnd('.')}): build or export the image again.", e);
        }
    }

    public static ImageSet Open(string reference, TarIndex tar, IReadOnlyList<DockerArchiveEntry> entries, string? name, IAsyncDisposable owner, ImageSourceOptions options)
    {
        var images = Choose(reference, entries, name).Select(e => OpenImage(reference, tar, e, options)).ToList();
        var chosen = PlatformSelection.Select(reference, [.. images.Select(i => (i.Platform, i))], options.Platform);
        return chosen switch
        {
            [] => throw new ImageException(ImageError.NotFound, $"'{tar.Path}' holds no image."),
            [var only] => new ImageSet { Reference = reference, Root = only.Descriptor, Manifests = [(only.Descriptor, only.ManifestBytes)], Images = [only], Blobs = only.Blobs, Owner = owner },
            _ => throw new ImageException(ImageError.InvalidReference, $"'{tar.Path}' holds {chosen.Length} images; name one after a colon: {ArchiveNames.List(entries.SelectMany(e => e.Names))}."),
        };
    }

    /// <summary>An archive of both formats must say the same in both: engines read the one or the other.</summary>
    /// <exception cref="ImageException">It does not.</exception>
    public static void CheckAgainst(ImageSet set, IReadOnlyList<DockerArchiveEntry> entries, TarIndex tar, ImageSourceOptions options)
    {
        var known = set.Manifests.Where(m => MediaTypes.IsManifest(m.Descriptor.MediaType)).Select(m => ManifestParser.ParseManifest(m.Bytes, options.Limits)).ToList();
        foreach (var entry in entries.Where(e => entries.Count == 1 || e.Names.Any(set.Root.Annotations.ContainsValue)))
        {
            var config = Digest.Sha256(tar.ReadAll(entry.Config, options.Limits.ConfigBytes));
            var paths = known.FirstOrDefault(m => m.Config.Digest == config)?.Layers.Select(l => $"blobs/{l.Digest.Algorithm}/{l.Digest.Hex}");
            if (paths?.SequenceEqual(entry.Layers.Select(tar.Resolve)) != true)
            {
                throw new ImageException(ImageError.Malformed, $"The archive '{tar.Path}' holds one image by its index.json and another by its manifest.json: engines would load either; export it again.");
            }
        }
    }

    private static IReadOnlyList<DockerArchiveEntry> Choose(string reference, IReadOnlyList<DockerArchiveEntry> entries, string? name)
    {
        if (name is null)
        {
            return entries;
        }

        var position = name is ['@', .. var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
        var chosen = entries.Where((e, i) => i == position || ArchiveNames.Match(e.Names, name)).ToList();
        return chosen.Count == 0
            ? throw new ImageException(ImageError.NotFound, $"'{reference}' holds no image named '{name}'; it holds {ArchiveNames.List(entries.SelectMany(e => e.Names))}.")
            : chosen;
    }

    private static Image OpenImage(string reference, TarIndex tar, DockerArchiveEntry entry, ImageSourceOptions options)
    {
        var configBytes = tar.ReadAll(entry.Config, options.Limits.ConfigBytes);
        var config = ConfigParser.Parse(configBytes, options.Limits);
        var configDigest = Digest.Sha256(configBytes);
        var known = options.KnownManifests.Select(b => (Bytes: b, Manifest: ManifestParser.ParseManifest(b, options.Limits))).FirstOrDefault(k => k.Manifest.Config.Digest == configDigest);
        var (bytes, manifest) = known.Manifest is not null ? known : DockerArchiveManifest.Make(tar, configBytes, config, entry.Layers, options.Limits);
        if (manifest.Layers.Length != entry.Layers.Length)
        {
            throw new ImageException(ImageError.Malformed, $"The archive '{tar.Path}' holds {entry.Layers.Length} layers, its manifest names {manifest.Layers.Length}: build it again.");
        }

        var files = manifest.Layers.Zip(entry.Layers).GroupBy(p => p.First.Digest).ToDictionary(g => g.Key, g => g.First().Second);
        files[manifest.Config.Digest] = entry.Config;
        return new Image
        {
            Reference = reference,
            Descriptor = Descriptor.Of(manifest.MediaType, bytes.Span),
            ManifestBytes = bytes,
            Manifest = manifest,
            Config = config,
            ConfigBytes = configBytes,
            Blobs = new TarBlobStore(tar, files),
        };
    }

    private static DockerArchiveEntry Entry(JsonElement json)
    {
        json.RefuseLookalikes("Config", "RepoTags", "Layers");
        return new(json.Text("Config") ?? throw new FormatException("an image has no Config"), json.List("RepoTags"), json.List("Layers"));
    }
}
