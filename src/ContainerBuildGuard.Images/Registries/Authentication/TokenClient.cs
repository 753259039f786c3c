using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>Asks token servers for Bearer tokens (distribution, "Token Authentication" and "OAuth2 token authentication").</summary>
internal sealed class TokenClient(RegistryClientOptions options, RegistryHttp http)
{
    private const int MaxBytes = 1 << 20;
    private static readonly TimeSpan LeastLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, string> _refreshed = new();

    /// <summary>A token for <paramref name="scopes"/>; null where the server refuses one.</summary>
    /// <exception cref="TransientException">The server cannot be reached.</exception>
    /// <exception cref="ImageException">The challenge names no server that may be asked, or its answer is none.</exception>
    public async Task<Token?> RequestAsync(RegistryEndpoint endpoint, AuthenticationChallenge challenge, RegistryCredential? credential, string[] scopes, CancellationToken cancellationToken)
    {
        if (credential is { IsRegistryToken: true })
        {
            return new Token(new AuthenticationHeaderValue("Bearer", credential.Password), DateTimeOffset.MaxValue);
        }

        var realm = Realm(endpoint, challenge);
        var service = challenge.Parameters.GetValueOrDefault("service", "");
        try
        {
            using var request = credential is { IsIdentityToken: true }
                ? Refresh(realm, service, scopes, _refreshed.GetValueOrDefault(credential.Password, credential.Password))
                : Get(realm, service, scopes, credential);
            using var standstill = new StandstillLimit(options);
            using var response = await standstill.WatchAsync(async token => await http.SendAsync(request, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                return response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)response.StatusCode >= 500
                    ? throw new TransientException(new ImageException(ImageError.Unreachable, $"The token server {realm.Host} of {endpoint.Registry} answers {(int)response.StatusCode}: try again later."), response.Headers.RetryAfter?.Delta)
                    : null;
            }

            var bytes = await standstill.WatchAsync(async token => await (await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false)).ReadAllAsync(MaxBytes, $"The answer of the token server {realm.Host}", token).ConfigureAwait(false), cancellationToken, StandstillLimit.NotWhole).ConfigureAwait(false);
            return Read(bytes, realm, credential);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw RegistryFailure.Of(e, $"{endpoint.Registry} (its token server {realm.Host})");
        }
    }

    /// <summary>Credentials go to TLS servers alone; over plain HTTP to this machine, or to a host that the user named insecure.</summary>
    private Uri Realm(RegistryEndpoint endpoint, AuthenticationChallenge challenge) =>
        challenge.Parameters.TryGetValue("realm", out var realm) && Uri.TryCreate(realm, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
            && (uri.Scheme == "https" || (uri.Scheme == "http" && (RegistryHttp.IsLoopback(uri.Authority) || options.IsInsecure(uri.Authority))))
            ? uri
            : throw new ImageException(ImageError.Unauthorized, $"The registry {endpoint.Registry} names no safe token server (https) in its challenge, so credentials are not sent there: correct the registry's configuration.");

    private static HttpRequestMessage Get(Uri realm, string service, string[] scopes, RegistryCredential? credential)
    {
        var query = string.Concat(scopes.Select(s => $"&scope={Uri.EscapeDataString(s)}"));
        query = service.Length > 0 ? $"service={Uri.EscapeDataString(service)}{query}" : query.TrimStart('&');
        return new HttpRequestMessage(HttpMethod.Get, $"{realm.GetLeftPart(UriPartial.Query)}{(realm.Query.Length == 0 ? "?" : "&")}{query}")
        {
            Headers = { Authorization = credential is null ? null : Authenticator.Basic(credential) },
        };
    }

    private static HttpRequestMessage Refresh(Uri realm, string service, string[] scopes, string refreshToken) => new(HttpMethod.Post, realm)
    {
        Content = new FormUrlEncodedContent([
            new("grant_type", "refresh_token"), new("refresh_token", refreshToken), new("service", service),
            new("client_id", "ContainerBuildGuard"), new("scope", string.Join(' ', scopes))]),
    };

    private Token? Read(byte[] bytes, Uri realm, RegistryCredential? credential)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            var value = root.Text("token") is { Length: > 0 } token ? token : root.Text("access_token");
            if (string.IsNullOrEmpty(value))
            {
                return null;
            }

            if (credential is { IsIdentityToken: true } && root.Text("refresh_token") is { Length: > 0 } next)
            {
                _refreshed[credential.Password] = next;
            }

            var lifetime = root.Member("expires_in") is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var seconds) && seconds is > 0 and < 1e8 ? TimeSpan.FromSeconds(seconds) : LeastLifetime;
            return new Token(new AuthenticationHeaderValue("Bearer", value), options.Time.GetUtcNow() + (lifetime > Margin * 2 ? lifetime - Margin : lifetime / 2));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ImageException(ImageError.Unauthorized, $"The token server {realm.Host} answers with something other than a token: check its address in the registry's configuration.");
        }
    }
}
