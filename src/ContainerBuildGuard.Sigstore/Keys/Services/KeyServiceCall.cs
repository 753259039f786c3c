using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>One request to a key service, answered in JSON.</summary>
internal static class KeyServiceCall
{
    private const int MaxBytes = 1 << 20;

    /// <exception cref="KeyException">Refused, unreachable, or not JSON. The message has the service's code and never the request.</exception>
    public static async Task<JsonElement> SendAsync(HttpClient http, HttpRequestMessage request, string service, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            var bytes = await BoundedContent.ReadAsync(response, MaxBytes, cancellationToken).ConfigureAwait(false)
                ?? throw new KeyException($"{service} answers more than {MaxBytes} bytes.");
            if (!response.IsSuccessStatusCode)
            {
                throw new KeyException($"{service} refused ({(int)response.StatusCode}{Code(bytes)}): check the key's name and what these credentials may do.");
            }

            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new KeyException($"{service} cannot be reached ({e.Message.TrimEnd('.')}).", e);
        }
        catch (JsonException e)
        {
            throw new KeyException($"{service} answered with something else than JSON.", e);
        }
    }

    /// <exception cref="KeyException">There is no such text.</exception>
    public static string Text(this JsonElement element, string service, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            element = element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : throw new KeyException($"{service} answered without '{name}'.");
        }

        return element.ValueKind == JsonValueKind.String ? element.GetString()! : throw new KeyException($"{service} answered with something else than text.");
    }

    public static byte[] Decode(string text, string service) => Base64.TryDecode(text, out var bytes) ? bytes : throw new KeyException($"{service} answered with something else than base64.");

    /// <summary>The error's code in the forms that these services use: a short word.</summary>
    private static string Code(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var code = root.TryGetProperty("__type", out var type) ? type.GetString()
                : root.TryGetProperty("error", out var error) ? error.ValueKind == JsonValueKind.Object ? error.GetProperty("code").GetString() : error.GetString()
                : null;
            return code is { Length: > 0 and < 100 } && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '#' or '-') ? $", {code}" : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return "";
        }
    }
}
