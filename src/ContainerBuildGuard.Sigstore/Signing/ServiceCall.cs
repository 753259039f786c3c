using System.Net;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A request to a service of Sigstore: bounded, and tried again where the failure may pass.</summary>
internal static class ServiceCall
{
    private const int MaxBytes = 8 << 20;
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];

    /// <param name="http">The client.</param>
    /// <param name="service">How to name the service in messages.</param>
    /// <param name="request">Makes the request anew for each attempt.</param>
    /// <param name="accept">Whether an answer with this status is one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SigstoreException">Refused or unreachable; the message has the service's words, bounded, and never the request.</exception>
    public static async Task<(HttpStatusCode Status, byte[] Body, Uri? Location)> SendAsync(HttpClient http, string service, Func<HttpRequestMessage> request, Func<HttpStatusCode, bool> accept, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var message = request();
                using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
                var body = await BoundedContent.ReadAsync(response, MaxBytes, cancellationToken).ConfigureAwait(false)
                    ?? throw new SigstoreException(SigstoreError.Malformed, $"{service} answers more than {MaxBytes} bytes");
                if (accept(response.StatusCode))
                {
                    return (response.StatusCode, body, response.Headers.Location);
                }

                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError) || attempt == Pauses.Length)
                {
                    throw new SigstoreException(SigstoreError.Refused, $"{service} refused ({(int)response.StatusCode}{Words(body)})");
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                if (attempt == Pauses.Length)
                {
                    throw new SigstoreException(SigstoreError.Unreachable, $"{service} cannot be reached ({e.Message.TrimEnd('.')})", e);
                }
            }

            await Task.Delay(Pauses[attempt], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The services answer refusals as <c>{"code": …, "message": …}</c>.</summary>
    private static string Words(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("message", out var message) && message.GetString() is { Length: > 0 } text ? $": {text[..Math.Min(text.Length, 200)]}" : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}
