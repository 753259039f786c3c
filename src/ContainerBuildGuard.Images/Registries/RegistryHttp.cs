using System.Collections.Concurrent;
using System.Net;

namespace ContainerBuildGuard.Images;

/// <summary>Connections to registries and their token servers: one client for all hosts that need nothing of their own, one more for each that has certificates or is named insecure.</summary>
internal sealed class RegistryHttp : IDisposable
{
    private readonly RegistryClientOptions _options;
    private readonly HttpClient _shared;
    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> _own = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, string> _schemes = new(StringComparer.OrdinalIgnoreCase);

    public RegistryHttp(RegistryClientOptions options)
    {
        _options = options;
        _shared = Create(null);
    }

    public void Dispose()
    {
        _shared.Dispose();
        foreach (var client in _own.Values.Where(c => c.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    /// <summary>Sends one request; returns at the answer's headers.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        For(request.RequestUri!).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    /// <summary>The registry's address. Loopback hosts and those named insecure are spoken to over plain HTTP where they do not speak TLS.</summary>
    public async Task<Uri> BaseAsync(RegistryEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (endpoint.Service is { } service)
        {
            return service;
        }

        var authority = endpoint.Authority;
        if (!_schemes.TryGetValue(authority, out var scheme))
        {
            scheme = IsLoopback(authority) || _options.IsInsecure(endpoint.Registry) ? await ProbeAsync(authority, cancellationToken).ConfigureAwait(false) : "https";
            if (scheme is null)
            {
                // Nothing answered: the request itself will say why, and the next one asks anew.
                return new Uri($"http://{authority}/");
            }

            _schemes[authority] = scheme;
        }

        return new Uri($"{scheme}://{authority}/");
    }

    public static bool IsLoopback(string authority) =>
        Uri.TryCreate($"https://{authority}", UriKind.Absolute, out var uri)
        && (uri.DnsSafeHost is "localhost" || (IPAddress.TryParse(uri.DnsSafeHost, out var address) && IPAddress.IsLoopback(address)));

    private async Task<string?> ProbeAsync(string authority, CancellationToken cancellationToken)
    {
        foreach (var scheme in (string[])["https", "http"])
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var patience = new CancellationTokenSource(_options.ConnectTimeout, _options.Time);
            using var _ = patience.Token.Register(limit.Cancel);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://{authority}/v2/");
                using var answer = await SendAsync(request, limit.Token).ConfigureAwait(false);
                return scheme;
            }
            catch (HttpRequestException e) when (RegistryFailure.IsCertificate(e))
            {
                return scheme;
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Not this scheme, or nothing there at all.
            }
        }

        return null;
    }

    private HttpClient For(Uri address)
    {
        var authority = address.IsDefaultPort ? address.Host : address.Authority;
        return _own.GetOrAdd(authority, name => new Lazy<HttpClient>(() => NeedsOwn(name) ? Create(name) : _shared)).Value;
    }

    private bool NeedsOwn(string authority) =>
        _options.IsInsecure(authority) || _options.Host(authority)?.CertificateAuthority is not null
        || _options.CertificateFolders.Any(f => Directory.Exists(Path.Combine(f, authority)) || Directory.Exists(Path.Combine(f, authority.Replace(":", "", StringComparison.Ordinal))));

    private HttpClient Create(string? authority)
    {
        // The limits that matter are those on standstill, which each exchange sets itself: a large layer may take its time.
        var client = new HttpClient(_options.Handler?.Invoke() ?? Connections(authority)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("ContainerBuildGuard");
        return client;
    }

    private SocketsHttpHandler Connections(string? authority)
    {
        var handler = new SocketsHttpHandler
        {
            // Redirects are followed by hand, so that the Authorization header stays with the host it is for.
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = _options.ConnectTimeout,
            MaxResponseHeadersLength = 64,
            MaxResponseDrainSize = 0,
        };
        var (authorities, clients) = authority is null ? ([], []) : CertificateFolder.Load(_options, authority);
        var insecure = authority is not null && _options.IsInsecure(authority);
        handler.SslOptions.ClientCertificates = clients.Count > 0 ? clients : null;
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            insecure || CertificateTrust.Verifies(authorities, certificate, chain, errors) ? true : throw new UntrustedCertificateException(errors, chain);
        return handler;
    }
}
