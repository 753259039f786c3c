using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>HTTP to registries: scheme, authentication (Basic and Bearer by challenge), retries. Errors name host and repository, never a credential.</summary>
internal sealed class RegistryTransport : IDisposable
{
    private readonly RegistryClientOptions _options;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<string, AuthenticationHeaderValue> _authorizations = new();
    private readonly ConcurrentDictionary<string, string> _schemes = new();

    public RegistryTransport(RegistryClientOptions options)
    {
        _options = options;
        var handler = new SocketsHttpHandler
        {
            // Redirects are followed by hand, so that the Authorization header stays with the host it is for.
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = DecompressionMethods.None,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (sender, _, _, errors) =>
            errors == System.Net.Security.SslPolicyErrors.None
            || (sender is System.Net.Security.SslStream { TargetHostName: var host } && options.InsecureRegistries.Any(r => HostOf(r) == host));
        _http = new HttpClient(handler) { Timeout = options.Timeout };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("ContainerBuildGuard");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Sends what <paramref name="create"/> makes (anew for each attempt) and returns an answer that is a success or in <paramref name="accepted"/>.</summary>
    public Task<HttpResponseMessage> SendAsync(string registry, string repository, bool push, Func<Uri, HttpRequestMessage> create, HttpStatusCode[] accepted, CancellationToken cancellationToken, string? extraScope = null) =>
        SendAsync(registry, repository, push, create, accepted, static _ => Task.CompletedTask, cancellationToken, extraScope);

    /// <summary>The same, with <paramref name="before"/> run before each attempt (a new upload session).</summary>
    public async Task<HttpResponseMessage> SendAsync(string registry, string repository, bool push, Func<Uri, HttpRequestMessage> create, HttpStatusCode[] accepted, Func<CancellationToken, Task> before, CancellationToken cancellationToken, string? extraScope = null)
    {
        var pause = _options.FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            HttpResponseMessage? response = null;
            try
            {
                await before(cancellationToken).ConfigureAwait(false);
                response = await SendAuthorizedAsync(registry, repository, push, create, extraScope, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || accepted.Contains(response.StatusCode))
                {
                    return response;
                }

                if (attempt >= _options.Attempts || !IsTransient(response.StatusCode))
                {
                    throw await FailureAsync(response, registry, repository, push, cancellationToken).ConfigureAwait(false);
                }

                pause = response.Headers.RetryAfter?.Delta ?? pause;
                response.Dispose();
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                response?.Dispose();
                if (attempt >= _options.Attempts)
                {
                    throw new ImageException(ImageError.Unreachable, $"The registry {registry} cannot be reached ({Innermost(e)}): check its name, the network and, for a registry without TLS, DOTNET_CONTAINER_INSECURE_REGISTRIES; then try again.", e);
                }
            }

            await Task.Delay(pause > _options.LongestPause ? _options.LongestPause : pause, cancellationToken).ConfigureAwait(false);
            pause *= 2;
        }
    }

    /// <summary>The registry's address. Loopback and named hosts fall back to plain HTTP where TLS does not answer.</summary>
    public async Task<Uri> BaseAsync(string registry, CancellationToken cancellationToken)
    {
        var host = registry == "docker.io" ? "registry-1.docker.io" : registry;
        if (_schemes.TryGetValue(registry, out var scheme))
        {
            return new Uri($"{scheme}://{host}/");
        }

        scheme = "https";
        if (IsLoopback(registry) || _options.InsecureRegistries.Contains(registry, StringComparer.OrdinalIgnoreCase))
        {
            try
            {
                using var _ = await _http.GetAsync(new Uri($"https://{host}/v2/"), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException)
            {
                scheme = "http";
            }
        }

        _schemes[registry] = scheme;
        return new Uri($"{scheme}://{host}/");
    }

    private static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private static bool IsLoopback(string registry) =>
        HostOf(registry) is "localhost" || (IPAddress.TryParse(HostOf(registry), out var address) && IPAddress.IsLoopback(address));

    private static string HostOf(string registry) => Uri.TryCreate($"https://{registry}", UriKind.Absolute, out var uri) ? uri.DnsSafeHost : registry;

    private static string Innermost(Exception e)
    {
        while (e.InnerException is not null)
        {
            e = e.InnerException;
        }

        return e.Message.TrimEnd('.');
    }

    private async Task<HttpResponseMessage> SendAuthorizedAsync(string registry, string repository, bool push, Func<Uri, HttpRequestMessage> create, string? extraScope, CancellationToken cancellationToken)
    {
        var address = await BaseAsync(registry, cancellationToken).ConfigureAwait(false);
        var key = $"{registry} {repository} {push} {extraScope}";
        var response = await SendOnceAsync(create(address), address, _authorizations.GetValueOrDefault(key), cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
        {
            return response;
        }

        var authorization = await AuthorizeAsync(response, registry, repository, push, extraScope, cancellationToken).ConfigureAwait(false);
        if (authorization is null)
        {
            return response;
        }

        response.Dispose();
        _authorizations[key] = authorization;
        return await SendOnceAsync(create(address), address, authorization, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, Uri address, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        using (request)
        {
            if (SameHost(request.RequestUri!, address))
            {
                request.Headers.Authorization = authorization;
            }

            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            for (var hop = 0; hop < 5 && request.Method == HttpMethod.Get && response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.Redirect or HttpStatusCode.MovedPermanently or HttpStatusCode.PermanentRedirect && response.Headers.Location is { } location; hop++)
            {
                var target = new Uri(request.RequestUri!, location);
                if (target.Scheme != "https" && address.Scheme == "https")
                {
                    throw new HttpRequestException($"a redirect from TLS to plain HTTP at {target.Host} is not followed");
                }

                response.Dispose();
                using var next = new HttpRequestMessage(HttpMethod.Get, target);
                if (SameHost(target, address))
                {
                    next.Headers.Authorization = authorization;
                }

                response = await _http.SendAsync(next, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            }

            return response;
        }
    }

    private static bool SameHost(Uri a, Uri b) => a.Scheme == b.Scheme && a.Authority.Equals(b.Authority, StringComparison.OrdinalIgnoreCase);

    private async Task<AuthenticationHeaderValue?> AuthorizeAsync(HttpResponseMessage response, string registry, string repository, bool push, string? extraScope, CancellationToken cancellationToken)
    {
        var credential = await _options.Credentials.FindAsync(registry, push, cancellationToken).ConfigureAwait(false);
        foreach (var challenge in response.Headers.WwwAuthenticate)
        {
            if (challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            {
                return await TokenAsync(AuthenticationChallenge.Parse(challenge.Parameter), credential, registry, $"repository:{repository}:{(push ? "pull,push" : "pull")}", extraScope, cancellationToken).ConfigureAwait(false);
            }

            if (challenge.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && credential is not null)
            {
                return Basic(credential);
            }
        }

        return null;
    }

    private static AuthenticationHeaderValue Basic(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}")));

    private async Task<AuthenticationHeaderValue?> TokenAsync(IReadOnlyDictionary<string, string> challenge, RegistryCredential? credential, string registry, string scope, string? extraScope, CancellationToken cancellationToken)
    {
        if (!challenge.TryGetValue("realm", out var realm) || !Uri.TryCreate(realm, UriKind.Absolute, out var uri) || !(uri.Scheme == "https" || uri.IsLoopback))
        {
            throw new ImageException(ImageError.Unauthorized, $"The registry {registry} names no safe token server (https) in its challenge: credentials are not sent there.");
        }

        var service = challenge.GetValueOrDefault("service", "");
        var scopes = extraScope is null ? new[] { scope } : [scope, extraScope];
        using var request = credential is { UserName: "<token>" }
            ? new HttpRequestMessage(HttpMethod.Post, uri)
            {
                Content = new FormUrlEncodedContent([
                    new("grant_type", "refresh_token"), new("refresh_token", credential.Password), new("service", service),
                    new("client_id", "ContainerBuildGuard"), new("scope", string.Join(' ', scopes))]),
            }
            : new HttpRequestMessage(HttpMethod.Get, $"{uri}{(uri.Query.Length == 0 ? "?" : "&")}service={Uri.EscapeDataString(service)}{string.Concat(scopes.Select(s => $"&scope={Uri.EscapeDataString(s)}"))}");
        if (credential is not null and not { UserName: "<token>" })
        {
            request.Headers.Authorization = Basic(credential);
        }

        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
        {
            return null;
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"the token server {uri.Host} answered {(int)response.StatusCode}");
        }

        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        foreach (var name in (string[])["token", "access_token"])
        {
            if (document.RootElement.TryGetProperty(name, out var token) && token.GetString() is { Length: > 0 } value)
            {
                return new AuthenticationHeaderValue("Bearer", value);
            }
        }

        return null;
    }

    private static async Task<ImageException> FailureAsync(HttpResponseMessage response, string registry, string repository, bool push, CancellationToken cancellationToken)
    {
        var status = response.StatusCode;
        var reason = await RegistryErrorText.ReadAsync(response, cancellationToken).ConfigureAwait(false);
        response.Dispose();
        var what = $"{registry}/{repository}";
        return status switch
        {
            HttpStatusCode.Unauthorized => new ImageException(ImageError.Unauthorized, $"The registry refuses the credentials for {what}, or there are none{reason}: sign in with `docker login {registry}`, or set DOTNET_CONTAINER_REGISTRY_UNAME and DOTNET_CONTAINER_REGISTRY_PWORD."),
            HttpStatusCode.Forbidden => new ImageException(ImageError.Denied, $"The registry does not allow {(push ? "pushing to" : "reading")} {what}{reason}: ask for the permission, or choose another repository."),
            HttpStatusCode.NotFound => new ImageException(ImageError.NotFound, $"The registry has no such content in {what}{reason}: check the name and the tag."),
            _ when IsTransient(status) => new ImageException(ImageError.Unreachable, $"The registry answers {(int)status} for {what}{reason}: try again later."),
            _ => new ImageException(ImageError.Denied, $"The registry answers {(int)status} for {what}{reason}."),
        };
    }
}
