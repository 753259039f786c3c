using System.Collections.Immutable;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>
/// Reads JSON from registries, archives and engines so that there is one reading of it. Engines are written in Go, whose decoder takes member names in any
/// case and the last of several; a document that relies on that could show the guard one image and the engine another, so it is refused.
/// </summary>
internal static class JsonContent
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Parses <paramref name="json"/> and reads it; every way it can be wrong becomes one <see cref="ImageException"/>.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> json, string what, Func<JsonElement, T> read)
    {
        try
        {
            var start = json.Span.StartsWith("\uFEFF"u8) ? 3 : 0;
            using var document = JsonDocument.Parse(json[start..], Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new FormatException("it is not a JSON object");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            throw new ImageException(ImageError.Malformed, $"The {what} cannot be read ({e.Message.TrimEnd('.')}): build or pull the image again.", e);
        }
    }

    /// <summary>Refuses members whose names differ from <paramref name="names"/> in case alone.</summary>
    /// <exception cref="FormatException">There is one.</exception>
    public static void RefuseLookalikes(this JsonElement json, params ReadOnlySpan<string> names)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in json.EnumerateObject())
        {
            foreach (var name in names)
            {
                if (member.Name != name && Fold(member.Name).Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    throw new FormatException($"it has a member '{member.Name}' where '{name}' is meant, which engines and scanners read differently");
                }
            }
        }
    }

    /// <summary>The member, unless it is missing or null.</summary>
    public static JsonElement? Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <exception cref="FormatException">The member is missing or null.</exception>
    public static JsonElement Required(this JsonElement json, string name) =>
        json.Member(name) ?? throw new FormatException($"it has no '{name}'");

    public static string? Text(this JsonElement json, string name) => json.Member(name)?.GetString();

    public static ImmutableArray<string> List(this JsonElement json, string name) =>
        json.Member(name) is { } array ? [.. array.EnumerateArray().Select(v => v.GetString() ?? "")] : [];

    public static ImmutableArray<string> Keys(this JsonElement json, string name) =>
        json.Member(name) is { } map ? [.. map.EnumerateObject().Select(p => p.Name)] : [];

    public static ImmutableSortedDictionary<string, string> Map(this JsonElement json, string name)
    {
        var result = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var member in json.Member(name) is { } map ? map.EnumerateObject() : default)
        {
            result[member.Name] = member.Value.GetString() ?? "";
        }

        return result.ToImmutable();
    }

    /// <summary>Go folds two letters beyond ASCII onto ASCII ones: the long s and the Kelvin sign.</summary>
    private static string Fold(string name) => name.Replace('\u017f', 's').Replace('\u212a', 'k');
}
