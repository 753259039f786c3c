using System.Collections.Immutable;
using System.Text.Json;

namespace ContainerBuildGuard.Policies;

/// <summary>Reads <c>trust_pinning</c> of a notary client's <c>config.json</c>.</summary>
internal static class DctPinningFile
{
    private const int MaxBytes = 1 << 20;

    /// <param name="file">The file; authorities in it are relative to it.</param>
    /// <param name="error">Makes the exception for what is wrong.</param>
    public static DctPinning Read(string file, Func<string, Exception> error)
    {
        try
        {
            using var document = JsonDocument.Parse(new FileInfo(file).Length <= MaxBytes ? File.ReadAllBytes(file) : throw error($"'{file}' has more than {MaxBytes} bytes"));
            var pinning = document.RootElement.GetProperty("trust_pinning");
            return new DctPinning
            {
                Certificates = Members(pinning, "certs").ToImmutableDictionary(m => m.Name, m => m.Value.ValueKind == JsonValueKind.Array ? [.. m.Value.EnumerateArray().Select(Text)] : ImmutableArray.Create(Text(m.Value))),
                Authorities = Members(pinning, "ca").ToImmutableDictionary(m => m.Name, m => Path.GetFullPath(Text(m.Value), Path.GetDirectoryName(file)!)),
                DisableTofu = pinning.TryGetProperty("disable_tofu", out var off) && off.GetBoolean(),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw error($"'{file}' is no configuration of a notary client with trust_pinning (certs, ca, disable_tofu): {e.Message.TrimEnd('.')}");
        }
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement pinning, string name) => pinning.TryGetProperty(name, out var list) ? list.EnumerateObject() : default;

    private static string Text(JsonElement element) => element.GetString() is { Length: > 0 } text ? text : throw new InvalidOperationException("a name or path is empty");
}
