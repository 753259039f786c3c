using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Reads Docker's API, which Podman serves as well. Only GET requests: an audit changes nothing.</summary>
internal sealed class EngineApi : IDisposable
{
    private const int MostBytes = 64 << 20;
    private readonly HttpClient _http;

    public EngineApi(EngineAddress address)
    {
        try
        {
            var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), AllowAutoRedirect = false, UseProxy = false };
            var tls = address.CertificateFolder is not null || address.Uri.Scheme == "https";
            if (address.Uri.Scheme == "unix")
            {
                var path = Uri.UnescapeDataString(address.Uri.AbsolutePath);
                handler.ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                };
            }
            else if (address.CertificateFolder is { } folder)
            {
                handler.SslOptions = Certificates(folder);
            }

            _http = new HttpClient(handler)
            {
                BaseAddress = address.Uri.Scheme == "unix" ? new Uri("http://engine/") : new Uri($"{(tls ? "https" : "http")}://{address.Uri.Authority}/"),
                Timeout = Timeout.InfiniteTimeSpan,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Errors.Unreachable($"its certificates cannot be read ({e.Message.TrimEnd('.')}); DOCKER_CERT_PATH names a folder with ca.pem, cert.pem and key.pem", e);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The answer to a request; null where the engine knows no such thing (any more).</summary>
    public async Task<JsonElement?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
            {
                return null;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw Errors.Unreachable($"it answered {(int)response.StatusCode} to {path.Split('?')[0]}");
            }

            await response.Content.LoadIntoBufferAsync(MostBytes, limit.Token);
            return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(limit.Token)).RootElement;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw e.GetBaseException() is SocketException { SocketErrorCode: SocketError.AccessDenied } ? Errors.Denied(e) : Errors.Unreachable(Reason(e), e);
        }
    }

    /// <summary>Containers that start or are created from now on, until cancelled.</summary>
    public async IAsyncEnumerable<string> NewContainersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const string Filter = "{\"type\":[\"container\"],\"event\":[\"create\",\"start\"]}";
        using var response = await _http.GetAsync(new Uri($"events?filters={Uri.EscapeDataString(Filter)}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0 && JsonDocument.Parse(line).RootElement is var @event && (@event.Text("Actor", "ID") ?? @event.Text("id")) is { } id)
            {
                yield return id;
            }
        }
    }

    private static SslClientAuthenticationOptions Certificates(string folder)
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "ca.pem"));
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        var options = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        if (File.Exists(Path.Combine(folder, "cert.pem")))
        {
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"))];
        }

        return options;
    }

    private static string Reason(Exception exception) => exception.GetBaseException() switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.HostNotFound } => "nothing listens at its address; start it or name another with --host",
        OperationCanceledException => "it did not answer within 60 seconds",
        JsonException => "its answer is not JSON; is it a container engine?",
        var e => e.Message.TrimEnd('.'),
    };
}
