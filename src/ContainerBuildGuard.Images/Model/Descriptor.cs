using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Images;

/// <summary>Points at content by digest (OCI image specification, "Content Descriptors").</summary>
public sealed record Descriptor
{
    /// <summary>The content's media type.</summary>
    public required string MediaType { get; init; }

    /// <summary>The content's digest.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The content's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Set on manifests in an index that are for one platform.</summary>
    public Platform? Platform { get; init; }

    /// <summary>Set where the content is an artifact.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Free key-value pairs.</summary>
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Where non-distributable (foreign) content can be fetched; empty for ordinary content.</summary>
    public ImmutableArray<string> Urls { get; init; } = [];

    /// <summary>The descriptor of <paramref name="content"/>.</summary>
    public static Descriptor Of(string mediaType, ReadOnlySpan<byte> content) =>
        new() { MediaType = mediaType, Digest = Digest.Sha256(content), Size = content.Length };

    /// <summary>The descriptor as manifests and indexes write it.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["mediaType"] = MediaType, ["digest"] = Digest.ToString(), ["size"] = Size };
        if (ArtifactType is not null)
        {
            json["artifactType"] = ArtifactType;
        }

        if (Platform is not null)
        {
            var platform = new JsonObject { ["architecture"] = Platform.Architecture, ["os"] = Platform.Os };
            if (Platform.OsVersion is not null)
            {
                platform["os.version"] = Platform.OsVersion;
            }

            if (Platform.Variant is not null)
            {
                platform["variant"] = Platform.Variant;
            }

            json["platform"] = platform;
        }

        if (!Urls.IsEmpty)
        {
            json["urls"] = new JsonArray([.. Urls.Select(u => (JsonNode)u)]);
        }

        if (!Annotations.IsEmpty)
        {
            json["annotations"] = new JsonObject(Annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value)));
        }

        return json;
    }
}
