using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>Passes requests on to a real registry, so that faults, tokens and TLS can stand before it.</summary>
public sealed class RegistryRelay(RegistryServer registry) : IDisposable
{
    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase) { "Transfer-Encoding", "Connection", "Host", "Authorization", "Content-Length" };
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public async Task ServeAsync(HttpContext context)
    {
        var incoming = context.Request;
        using var request = new HttpRequestMessage(new HttpMethod(incoming.Method), $"http://127.0.0.1:{registry.Port}{incoming.Path}{incoming.QueryString}");
        request.Headers.Host = incoming.Host.ToString();
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", incoming.Scheme);
        if (incoming.Method is not ("GET" or "HEAD"))
        {
            request.Content = new StreamContent(incoming.Body);
            request.Content.Headers.ContentLength = incoming.ContentLength;
        }

        foreach (var (name, values) in incoming.Headers.Where(h => !Own.Contains(h.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Where(h => !h.Key.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = new StringValues([.. values]);
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public void Dispose() => _http.Dispose();
}
