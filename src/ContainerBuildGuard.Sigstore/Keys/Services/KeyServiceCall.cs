using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>One request to a key service, or to one that gives credentials for it.</summary>
internal static class KeyServiceCall
{
    private const int MaxBytes = 1 << 20;

    /// <exception cref="KeyException">Refused, unreachable, or not JSON. The message has the service's code and never the request.</exception>
    public static async Task<JsonElement> SendAsync(HttpClient http, HttpRequestMessage request, string service, CancellationToken cancellationToken) =>
        Parse(await SendForBytesAsync(http, request, service, cancellationToken).ConfigureAwait(false), service);

    /// <exception cref="KeyException">Refused or unreachable.</exception>
    public static async Task<byte[]> SendForBytesAsync(HttpClient http, HttpRequestMessage request, string service, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            var bytes = await BoundedContent.ReadAsync(response, MaxBytes, cancellationToken).ConfigureAwait(false)
                ?? throw new KeyException($"{service} answers more than {MaxBytes} bytes.");
            return response.IsSuccessStatusCode ? bytes : throw new KeyException($"{service} refused ({(int)response.StatusCode}{Code(bytes)}): check the key's name and what these credentials may do.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new KeyException($"{service} cannot be reached ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <exception cref="KeyException">Not JSON.</exception>
    public static JsonElement Parse(byte[] answer, string service)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.Clone();
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

    /// <summary>The error's code in the forms that these services use: a short word, in JSON or in STS's XML.</summary>
    private static string Code(byte[] body)
    {
        if (body.AsSpan().IndexOf("<Code>"u8) is >= 0 and var start && body.AsSpan(start).IndexOf("</Code>"u8) is > 6 and var length)
        {
            return Word(Encoding.ASCII.GetString(body, start + 6, length - 6));
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var code = root.TryGetProperty("__type", out var type) ? type.GetString()
                : root.TryGetProperty("error", out var error) ? error.ValueKind == JsonValueKind.Object ? error.GetProperty("code").GetString() : error.GetString()
                : null;
            return Word(code);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return "";
        }
    }

    private static string Word(string? code) => code is { Length: > 0 and < 100 } && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '#' or '-') ? $", {code}" : "";
}
