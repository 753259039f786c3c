using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>
/// Identities of people: OpenID Connect with a browser on this machine (authorization code with PKCE, RFC 7636, to a loopback address, RFC 8252) or on another one
/// (device code, RFC 8628). Never for builds.
/// </summary>
/// <param name="issuer">The OpenID Connect provider.</param>
/// <param name="http">The client.</param>
/// <param name="time">The clock; its timers pace the device flow.</param>
public sealed class InteractiveIdentity(Uri issuer, HttpClient http, TimeProvider? time = null)
{
    private const string ClientId = "sigstore";
    private const string Scope = "openid email";
    private const int MaxRequestBytes = 16 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Sends the person's browser to the provider and waits for its return.</summary>
    /// <param name="openBrowser">Opens an address in the browser.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SigstoreException">Refused, not in time, or the answer does not belong to this request.</exception>
    public async Task<IdentityToken> WithBrowserAsync(Action<Uri> openBrowser, CancellationToken cancellationToken)
    {
        var provider = await DiscoverAsync(cancellationToken).ConfigureAwait(false);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var redirect = $"http://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/auth/callback";
        var (state, nonce, verifier) = (Secret(), Secret(), Secret());
        openBrowser(new Uri($"{provider.Authorization}?{Form(
            ("response_type", "code"), ("client_id", ClientId), ("scope", Scope), ("redirect_uri", redirect), ("state", state), ("nonce", nonce),
            ("code_challenge", Base64.Url(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), ("code_challenge_method", "S256"))}"));
        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        string code;
        try
        {
            code = await CodeAsync(listener, state, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SigstoreException(SigstoreError.Refused, $"nobody signed in at {issuer.Host} within {Patience.TotalMinutes:0} minutes");
        }

        var answer = await PostAsync(provider.Token, [("grant_type", "authorization_code"), ("client_id", ClientId), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier)], cancellationToken).ConfigureAwait(false);
        return Token(answer, nonce);
    }

    /// <summary>Shows a code that the person enters in a browser anywhere, and waits until that is done.</summary>
    /// <param name="show">Shows the address and the code.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SigstoreException">Refused, or not in time.</exception>
    public async Task<IdentityToken> WithDeviceAsync(Action<Uri, string> show, CancellationToken cancellationToken)
    {
        var provider = await DiscoverAsync(cancellationToken).ConfigureAwait(false);
        var verifier = Secret();
        var start = await PostAsync(
            provider.Device ?? throw new SigstoreException(SigstoreError.Unsupported, $"{issuer.Host} does not offer the device flow"),
            [("client_id", ClientId), ("scope", Scope), ("code_challenge", Base64.Url(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), ("code_challenge_method", "S256")],
            cancellationToken).ConfigureAwait(false);
        var address = Address(Text(start, "verification_uri_complete") ?? Text(start, "verification_uri"));
        show(address, Text(start, "user_code") ?? throw Malformed("user_code"));
        var pause = TimeSpan.FromSeconds(Number(start, "interval") is > 0 and < 120 and var seconds ? seconds : 5);
        var end = _time.GetUtcNow() + Patience;
        while (_time.GetUtcNow() < end)
        {
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
            var answer = await PostAsync(
                provider.Token,
                [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", ClientId), ("device_code", Text(start, "device_code") ?? throw Malformed("device_code")), ("code_verifier", verifier)],
                cancellationToken).ConfigureAwait(false);
            switch (Text(answer, "error"))
            {
                case null:
                    return Token(answer, nonce: null);
                case "authorization_pending":
                    break;
                case "slow_down":
                    pause += TimeSpan.FromSeconds(5);
                    break;
                case var error:
                    throw new SigstoreException(SigstoreError.Refused, $"{issuer.Host} refused to sign in ({error})");
            }
        }

        throw new SigstoreException(SigstoreError.Refused, $"nobody signed in at {issuer.Host} within {Patience.TotalMinutes:0} minutes");
    }

    /// <summary>Waits for the browser's return, and lets every other visitor go by.</summary>
    private async Task<string> CodeAsync(TcpListener listener, string state, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var connection = await listener.AcceptTcpClientAsync(cancellationToken).ConfigureAwait(false);
            await using var stream = connection.GetStream();
            var query = await ReadQueryAsync(stream, cancellationToken).ConfigureAwait(false);
            var good = query is not null && query.GetValueOrDefault("state") == state;
            await stream.WriteAsync(Encoding.ASCII.GetBytes(good
                ? "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nSigned in. This window can be closed."
                : "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n"), cancellationToken).ConfigureAwait(false);
            if (good)
            {
                return query!.GetValueOrDefault("code") is { Length: > 0 } code
                    ? code
                    : throw new SigstoreException(SigstoreError.Refused, $"{issuer.Host} refused to sign in ({(query!.GetValueOrDefault("error") is { Length: > 0 and < 100 } error && error.All(c => char.IsAsciiLetter(c) || c == '_') ? error : "no code")})");
            }
        }
    }

    private static async Task<Dictionary<string, string>?> ReadQueryAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxRequestBytes];
        var length = 0;
        while (length < buffer.Length && !buffer.AsSpan(0, length).Contains((byte)'\n')
            && await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            length += count;
        }

        var parts = Encoding.ASCII.GetString(buffer, 0, length).Split('\r', 2)[0].Split(' ');
        return parts is ["GET", var target, ..] && target.StartsWith("/auth/callback?", StringComparison.Ordinal)
            ? target["/auth/callback?".Length..].Split('&').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).DistinctBy(p => p[0]).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1].Replace('+', ' ')))
            : null;
    }

    private async Task<(Uri Authorization, Uri Token, Uri? Device)> DiscoverAsync(CancellationToken cancellationToken)
    {
        var (_, body, _) = await ServiceCall.SendAsync(http, issuer.Host, () => new HttpRequestMessage(HttpMethod.Get, ServiceUrl.Below(issuer, ".well-known/openid-configuration")), s => s == HttpStatusCode.OK, cancellationToken).ConfigureAwait(false);
        var provider = Parse(body);
        return (Address(Text(provider, "authorization_endpoint")), Address(Text(provider, "token_endpoint")), Text(provider, "device_authorization_endpoint") is { } device ? Address(device) : null);
    }

    private async Task<JsonElement> PostAsync(Uri address, (string Name, string Value)[] fields, CancellationToken cancellationToken)
    {
        // A pending sign-in is answered with 400 and a word.
        var (_, body, _) = await ServiceCall.SendAsync(
            http,
            issuer.Host,
            () => new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) },
            s => s is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized,
            cancellationToken).ConfigureAwait(false);
        return Parse(body);
    }

    private IdentityToken Token(JsonElement answer, string? nonce)
    {
        var token = IdentityToken.Parse(Text(answer, "id_token") ?? throw new SigstoreException(SigstoreError.Refused, $"{issuer.Host} gave no identity token ({Text(answer, "error") ?? "no reason"})"));
        return nonce is null || token.Nonce == nonce ? token : throw new SigstoreException(SigstoreError.Untrusted, $"{issuer.Host} answers another sign-in than this one");
    }

    private JsonElement Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw Malformed("an object");
        }
        catch (JsonException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, $"{issuer.Host} answers with something else than JSON", e);
        }
    }

    /// <summary>The provider's own endpoints, over TLS unless it is this machine.</summary>
    private Uri Address(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback)) ? address : throw Malformed("an address");

    private SigstoreException Malformed(string what) => new(SigstoreError.Malformed, $"{issuer.Host} answers without {what}");

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;

    private static string Form(params (string Name, string Value)[] fields) => string.Join('&', fields.Select(f => $"{f.Name}={Uri.EscapeDataString(f.Value)}"));

    private static string Secret() => Base64.Url(RandomNumberGenerator.GetBytes(32));
}
