using System.Text.Json;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Short ways through an engine's answers; whatever is absent, null or of another type answers null or nothing.</summary>
internal static class JsonNavigation
{
    extension(JsonElement element)
    {
        public JsonElement? At(params ReadOnlySpan<string> keys)
        {
            var current = element;
            foreach (var key in keys)
            {
                if (current.ValueKind != JsonValueKind.Object || !current.TryGetProperty(key, out current))
                {
                    return null;
                }
            }

            return current.ValueKind == JsonValueKind.Null ? null : current;
        }

        public string? Text(params ReadOnlySpan<string> keys) => element.At(keys) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

        public bool Flag(params ReadOnlySpan<string> keys) => element.At(keys) is { ValueKind: JsonValueKind.True };

        public long Number(params ReadOnlySpan<string> keys) => element.At(keys) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : 0;

        public IReadOnlyList<JsonElement> Items(params ReadOnlySpan<string> keys) => element.At(keys) is { ValueKind: JsonValueKind.Array } value ? [.. value.EnumerateArray()] : [];

        public IReadOnlyList<string> Texts(params ReadOnlySpan<string> keys) => [.. element.Items(keys).Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!)];

        public IReadOnlyList<JsonProperty> Members(params ReadOnlySpan<string> keys) => element.At(keys) is { ValueKind: JsonValueKind.Object } value ? [.. value.EnumerateObject()] : [];
    }
}
