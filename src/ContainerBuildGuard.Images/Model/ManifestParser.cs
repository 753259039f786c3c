using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>Reads manifests and indexes: strict about what the guard relies on, tolerant of members it does not know.</summary>
public static class ManifestParser
{
    private static readonly string[] Members = ["schemaVersion", "mediaType", "config", "layers", "manifests", "subject", "artifactType", "annotations"];

    /// <summary>Whether <paramref name="json"/> is an index, by its media type or, where that is missing, by its members.</summary>
    /// <exception cref="ImageException">Malformed, or both at once.</exception>
    public static bool IsIndex(ReadOnlyMemory<byte> json) => JsonContent.Read(json, "manifest", root => MediaTypes.IsIndex(MediaTypeOf(root)));

    /// <summary>The media type that <paramref name="json"/> says, or shows by its members where it says none.</summary>
    /// <exception cref="ImageException">Malformed, manifest and index at once, or of an unknown type.</exception>
    public static string MediaTypeOf(ReadOnlyMemory<byte> json) => JsonContent.Read(json, "manifest", MediaTypeOf);

    /// <summary>Parses an image manifest.</summary>
    /// <exception cref="ImageException">Malformed, of an unknown type, or over a limit.</exception>
    public static ImageManifest ParseManifest(ReadOnlyMemory<byte> json, ImageLimits? limits = null) => JsonContent.Read(json, "manifest", root =>
    {
        var mediaType = MediaTypeOf(root);
        if (!MediaTypes.IsManifest(mediaType))
        {
            throw Unsupported(mediaType, "image manifest");
        }

        var layers = root.Required("layers");
        Limit(layers.GetArrayLength(), (limits ?? ImageLimits.Default).Layers, "layers");
        return new ImageManifest
        {
            MediaType = mediaType,
            Config = ParseDescriptor(root.Required("config")),
            Layers = [.. layers.EnumerateArray().Select(ParseDescriptor)],
            Subject = root.Member("subject") is { } subject ? ParseDescriptor(subject) : null,
            ArtifactType = root.Text("artifactType"),
            Annotations = root.Map("annotations"),
        };
    });

    /// <summary>Parses an index or manifest list.</summary>
    /// <exception cref="ImageException">Malformed, of an unknown type, or over a limit.</exception>
    public static ImageIndex ParseIndex(ReadOnlyMemory<byte> json, ImageLimits? limits = null) => JsonContent.Read(json, "index", root =>
    {
        var mediaType = MediaTypeOf(root);
        if (!MediaTypes.IsIndex(mediaType))
        {
            throw Unsupported(mediaType, "index");
        }

        var manifests = root.Required("manifests");
        Limit(manifests.GetArrayLength(), (limits ?? ImageLimits.Default).Manifests, "manifests");
        return new ImageIndex
        {
            MediaType = mediaType,
            Manifests = [.. manifests.EnumerateArray().Select(ParseDescriptor)],
            Annotations = root.Map("annotations"),
        };
    });

    /// <summary>The descriptors of one page of a list of referrers, which is an index.</summary>
    internal static IEnumerable<Descriptor> ParseDescriptors(JsonElement root) =>
        MediaTypes.IsIndex(MediaTypeOf(root)) ? root.Required("manifests").EnumerateArray().Select(ParseDescriptor) : throw new FormatException("it is no index");

    private static string MediaTypeOf(JsonElement root)
    {
        root.RefuseLookalikes(Members);
        if (root.Member("schemaVersion") is { ValueKind: JsonValueKind.Number } version && version.TryGetInt32(out var number) && number == 1)
        {
            throw new ImageException(ImageError.Unsupported, "The manifest is of Docker's schema 1, which says no configuration and no layer types: rebuild the image, or push it again with a current Docker, Podman or skopeo.");
        }

        var (asIndex, asManifest) = (root.Member("manifests") is not null, root.Member("layers") is not null || root.Member("config") is not null);
        if (asIndex && asManifest)
        {
            throw new FormatException("it is a manifest and an index at once, which engines and scanners read differently");
        }

        var mediaType = root.Text("mediaType");
        if (mediaType is { Length: > 0 })
        {
            return mediaType;
        }

        return asIndex ? MediaTypes.OciIndex : MediaTypes.OciManifest;
    }

    private static Descriptor ParseDescriptor(JsonElement json)
    {
        json.RefuseLookalikes("mediaType", "digest", "size", "platform", "artifactType", "annotations", "urls");
        return new()
        {
            MediaType = json.Text("mediaType") ?? throw new FormatException("a descriptor has no mediaType"),
            Digest = Digest.Parse(json.Text("digest") ?? throw new FormatException("a descriptor has no digest")),
            Size = json.Required("size").GetInt64() is >= 0 and var size ? size : throw new FormatException("a descriptor has a negative size"),
            ArtifactType = json.Text("artifactType"),
            Annotations = json.Map("annotations"),
            Urls = json.List("urls"),
            Platform = json.Member("platform") is { ValueKind: JsonValueKind.Object } platform ? ParsePlatform(platform) : null,
        };
    }

    private static Platform? ParsePlatform(JsonElement json)
    {
        json.RefuseLookalikes("os", "architecture", "variant", "os.version");
        return json.Text("os") is { } os && json.Text("architecture") is { } architecture
            ? new Platform(os, architecture, json.Text("variant") is { Length: > 0 } variant ? variant : null, json.Text("os.version"))
            : null;
    }

    private static void Limit(int count, int limit, string what)
    {
        if (count > limit)
        {
            throw new ImageException(ImageError.LimitExceeded, $"The image lists {count} {what}, over the limit of {limit}: rebuild it with fewer.");
        }
    }

    private static ImageException Unsupported(string mediaType, string what) =>
        new(ImageError.Unsupported, $"The {what} has the media type '{mediaType}', which is neither OCI's nor Docker v2's: rebuild the image in one of these formats.");
}
