using System.Collections.Immutable;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>Reads manifests, indexes and configurations: strict about what the guard relies on, tolerant of members it does not know.</summary>
public static class ManifestParser
{
    /// <summary>Most bytes of a manifest or index.</summary>
    public const int MaxManifestBytes = 4 << 20;

    /// <summary>Most bytes of a configuration.</summary>
    public const int MaxConfigBytes = 16 << 20;

    private const int MaxLayers = 1000;

    /// <summary>Whether <paramref name="json"/> is an index, by its media type or, where that is missing, by its members.</summary>
    public static bool IsIndex(ReadOnlyMemory<byte> json) => Parse(json, "manifest", root =>
        root.TryGetProperty("mediaType", out var type) ? MediaTypes.IsIndex(type.GetString()) : root.TryGetProperty("manifests", out _));

    /// <summary>Parses an image manifest.</summary>
    /// <exception cref="ImageException">Malformed or of an unknown type.</exception>
    public static ImageManifest ParseManifest(ReadOnlyMemory<byte> json) => Parse(json, "manifest", root =>
    {
        var mediaType = Text(root, "mediaType") ?? MediaTypes.OciManifest;
        if (!MediaTypes.IsManifest(mediaType))
        {
            throw new ImageException(ImageError.Unsupported, $"The manifest has the media type '{mediaType}', which is neither an OCI nor a Docker v2 image manifest: rebuild the image in one of these formats.");
        }

        var layers = root.GetProperty("layers").EnumerateArray().Select(ParseDescriptor).ToImmutableArray();
        if (layers.Length > MaxLayers)
        {
            throw new ImageException(ImageError.Malformed, $"The manifest lists {layers.Length} layers, over the limit of {MaxLayers}.");
        }

        return new ImageManifest
        {
            MediaType = mediaType,
            Config = ParseDescriptor(root.GetProperty("config")),
            Layers = layers,
            Subject = root.TryGetProperty("subject", out var subject) && subject.ValueKind == JsonValueKind.Object ? ParseDescriptor(subject) : null,
            ArtifactType = Text(root, "artifactType"),
            Annotations = Map(root, "annotations"),
        };
    });

    /// <summary>Parses an index or manifest list.</summary>
    /// <exception cref="ImageException">Malformed or of an unknown type.</exception>
    public static ImageIndex ParseIndex(ReadOnlyMemory<byte> json) => Parse(json, "index", root => new ImageIndex
    {
        MediaType = Text(root, "mediaType") ?? MediaTypes.OciIndex,
        Manifests = [.. root.GetProperty("manifests").EnumerateArray().Take(MaxLayers).Select(ParseDescriptor)],
        Annotations = Map(root, "annotations"),
    });

    /// <summary>Parses an image configuration.</summary>
    /// <exception cref="ImageException">Malformed.</exception>
    public static ImageConfig ParseConfig(ReadOnlyMemory<byte> json) => Parse(json, "configuration", root =>
    {
        var config = root.TryGetProperty("config", out var c) && c.ValueKind == JsonValueKind.Object ? c : default;
        return new ImageConfig
        {
            Architecture = Text(root, "architecture") ?? "",
            Os = Text(root, "os") ?? "",
            Variant = Text(root, "variant"),
            Created = Text(root, "created"),
            User = Text(config, "User") ?? "",
            ExposedPorts = Keys(config, "ExposedPorts"),
            Env = List(config, "Env"),
            Entrypoint = List(config, "Entrypoint"),
            Cmd = List(config, "Cmd"),
            Volumes = Keys(config, "Volumes"),
            WorkingDir = Text(config, "WorkingDir") ?? "",
            Labels = Map(config, "Labels"),
            StopSignal = Text(config, "StopSignal"),
            HealthcheckTest = Member(config, "Healthcheck") is { ValueKind: JsonValueKind.Object } health ? List(health, "Test") : [],
            DiffIds = [.. List(root.GetProperty("rootfs"), "diff_ids").Select(Digest.Parse)],
            History = [.. (Member(root, "history") is { ValueKind: JsonValueKind.Array } history ? history.EnumerateArray() : default).Select(h =>
                new HistoryEntry(Text(h, "created_by") ?? "", Text(h, "created"), Text(h, "comment"), Text(h, "author"), Member(h, "empty_layer") is { ValueKind: JsonValueKind.True }))],
        };
    });

    private static Descriptor ParseDescriptor(JsonElement json) => new()
    {
        MediaType = Text(json, "mediaType") ?? throw new FormatException("a descriptor has no mediaType"),
        Digest = Digest.Parse(Text(json, "digest") ?? ""),
        Size = json.GetProperty("size").GetInt64() is >= 0 and var size ? size : throw new FormatException("a descriptor has a negative size"),
        ArtifactType = Text(json, "artifactType"),
        Annotations = Map(json, "annotations"),
        Urls = List(json, "urls"),
        Platform = Member(json, "platform") is { ValueKind: JsonValueKind.Object } p && Text(p, "os") is { } os && Text(p, "architecture") is { } architecture
            ? new Platform(os, architecture, Text(p, "variant"), Text(p, "os.version"))
            : null,
    };

    private static T Parse<T>(ReadOnlyMemory<byte> json, string what, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            throw new ImageException(ImageError.Malformed, $"The image's {what} cannot be read ({e.Message.TrimEnd('.')}): build or pull the image again.", e);
        }
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement json, string name) => Member(json, name)?.GetString();

    private static ImmutableArray<string> List(JsonElement json, string name) =>
        Member(json, name) is { } array ? [.. array.EnumerateArray().Select(v => v.GetString() ?? "")] : [];

    private static ImmutableArray<string> Keys(JsonElement json, string name) =>
        Member(json, name) is { } map ? [.. map.EnumerateObject().Select(p => p.Name)] : [];

    private static ImmutableSortedDictionary<string, string> Map(JsonElement json, string name)
    {
        var result = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var member in Member(json, name) is { } map ? map.EnumerateObject() : default)
        {
            result[member.Name] = member.Value.GetString() ?? "";
        }

        return result.ToImmutable();
    }
}
