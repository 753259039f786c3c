using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>The registry's own words for a failure (OCI distribution specification, "Error Codes"), bounded.</summary>
internal static class RegistryErrorText
{
    private const int MaxBytes = 64 << 10;

    public static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var bytes = new byte[MaxBytes];
            var count = await stream.ReadAtLeastAsync(bytes, MaxBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            using var document = JsonDocument.Parse(bytes.AsMemory(0, count));
            var error = document.RootElement.GetProperty("errors").EnumerateArray().FirstOrDefault();
            return error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out var code) ? $" ({code.GetString()})" : "";
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException or InvalidOperationException or KeyNotFoundException)
        {
            // The status says enough; a body that is not the specification's is no reason of its own.
            return "";
        }
    }
}
