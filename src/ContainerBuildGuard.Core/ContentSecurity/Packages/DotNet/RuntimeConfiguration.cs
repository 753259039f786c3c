using System.Text.Json;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>
/// The frameworks that a self-contained app carries, by its <c>*.runtimeconfig.json</c>: all that tells of its runtime where no dependency file does. What an app asks for that brings no runtime is
/// a lowest version and not the one that runs, which is in the shared framework's folder.
/// </summary>
internal static class RuntimeConfiguration
{
    public static bool Wants(string path) => path.EndsWith(".runtimeconfig.json", StringComparison.Ordinal);

    /// <exception cref="JsonException">Not JSON.</exception>
    public static Catalogue Parse(ReadOnlyMemory<byte> bytes)
    {
        using var document = JsonDocument.Parse(bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        var found = new Catalogue();
        if (Member(document.RootElement, "runtimeOptions") is { } options && Member(options, "includedFrameworks") is { ValueKind: JsonValueKind.Array } frameworks)
        {
            found.Packages.AddRange(frameworks.EnumerateArray().Where(f => Text(f, "name").Length > 0 && Text(f, "version").Length > 0).Select(f => new SystemPackage(Text(f, "name"), Text(f, "version"))));
        }

        return found;
    }

    private static JsonElement? Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    private static string Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";
}
