using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>The registry's own word for a failure (OCI distribution specification, "Error Codes"), bounded.</summary>
internal static class RegistryErrorText
{
    private const int MaxBytes = 64 << 10;
    private const int MaxCharacters = 60;

    public static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            var bytes = new byte[MaxBytes];
            var count = await stream.ReadAtLeastAsync(bytes, MaxBytes, throwOnEndOfStream: false, limit.Token).ConfigureAwait(false);
            using var document = JsonDocument.Parse(bytes.AsMemory(0, count));
            var error = document.RootElement.GetProperty("errors").EnumerateArray().FirstOrDefault();
            return error.Text("code") is { Length: > 0 and <= MaxCharacters } code && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? $" ({code})" : "";
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException or InvalidOperationException or KeyNotFoundException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The status says enough; a body that is not the specification's is no reason of its own.
            return "";
        }
    }
}
