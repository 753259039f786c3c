using System.Net;
using System.Net.Http.Headers;

namespace ContainerBuildGuard.Images;

/// <summary>Sends requests to registries: authentication by challenge, redirects, attempts, time limits.</summary>
internal sealed class RegistryTransport : IDisposable
{
    private const int MaxRedirects = 5;
    private readonly RegistryHttp _http;
    private readonly Authenticator _authenticator;

    public RegistryTransport(RegistryClientOptions options)
    {
        Options = options;
        _http = new RegistryHttp(options);
        _authenticator = new Authenticator(options, _http);
    }

    public RegistryClientOptions Options { get; }

    public void Dispose()
    {
        _authenticator.Dispose();
        _http.Dispose();
    }

    /// <summary>Sends with as many attempts as the options allow; returns a success or an accepted status.</summary>
    /// <exception cref="ImageException">Refused, or unreachable to the last attempt.</exception>
    public async Task<HttpResponseMessage> SendAsync(RegistryEndpoint endpoint, RegistryRequest request, CancellationToken cancellationToken)
    {
        var budget = new RetryBudget(Options);
        while (true)
        {
            try
            {
                return await SendOnceAsync(endpoint, request, cancellationToken).ConfigureAwait(false);
            }
            catch (TransientException e)
            {
                await budget.PauseAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends once.</summary>
    /// <exception cref="TransientException">It failed in a way that may pass.</exception>
    /// <exception cref="ImageException">It failed for good.</exception>
    public async Task<HttpResponseMessage> SendOnceAsync(RegistryEndpoint endpoint, RegistryRequest request, CancellationToken cancellationToken)
    {
        if (Options.Host(endpoint.Registry) is { Blocked: true })
        {
            throw new ImageException(ImageError.Denied, $"The settings block the registry {endpoint.Registry}: choose another, or take the block out of them.");
        }

        using var standstill = new StandstillLimit(Options);
        HttpResponseMessage response;
        try
        {
            response = await standstill.WatchAsync(async token => await SendAuthorizedAsync(endpoint, request, standstill.Alive, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw RegistryFailure.Of(e, endpoint.Host);
        }

        if (response.IsSuccessStatusCode || request.Accepted.Contains(response.StatusCode))
        {
            return response;
        }

        using (response)
        {
            throw await RegistryFailure.OfAsync(response, endpoint, request.Push, _authenticator.Problem(endpoint), Options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendAuthorizedAsync(RegistryEndpoint endpoint, RegistryRequest request, Action alive, CancellationToken cancellationToken)
    {
        var address = await _http.BaseAsync(endpoint, cancellationToken).ConfigureAwait(false);
        var scopes = request.Scopes(endpoint);
        var authorization = await _authenticator.KnownAsync(endpoint, request.Push, scopes, cancellationToken).ConfigureAwait(false);
        var response = await FollowAsync(request, address, authorization, alive, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !SameHost(response.RequestMessage!.RequestUri!, address))
        {
            return response;
        }

        var answer = await _authenticator.AnswerAsync(endpoint, request.Push, scopes, response, authorization, cancellationToken).ConfigureAwait(false);
        if (answer is null)
        {
            return response;
        }

        response.Dispose();
        return await FollowAsync(request, address, answer, alive, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> FollowAsync(RegistryRequest request, Uri address, AuthenticationHeaderValue? authorization, Action alive, CancellationToken cancellationToken)
    {
        var current = request;
        for (var hop = 0; ; hop++)
        {
            using var message = current.ToMessage(address, alive);
            var target = message.RequestUri!;
            if (target.Scheme is not ("https" or "http"))
            {
                throw new ImageException(ImageError.Denied, $"The registry {address.Host} sends on to an address that is none of HTTP, which is not followed: correct its configuration.");
            }

            if (target.Scheme != "https" && address.Scheme == "https")
            {
                throw new ImageException(ImageError.Denied, $"The registry {address.Host} sends on from TLS to plain HTTP at {target.Host}, which is not followed: correct its configuration.");
            }

            message.Headers.Authorization = SameHost(target, address) ? authorization : null;
            var response = await _http.SendAsync(message, cancellationToken).ConfigureAwait(false);
            if (hop == MaxRedirects || !IsRedirect(response) || !(request.Method == HttpMethod.Get || request.Method == HttpMethod.Head))
            {
                return response;
            }

            current = request with { Path = new Uri(target, response.Headers.Location!).AbsoluteUri };
            response.Dispose();
        }
    }

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Redirect or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is not null;

    private static bool SameHost(Uri a, Uri b) => a.Scheme == b.Scheme && a.Authority.Equals(b.Authority, StringComparison.OrdinalIgnoreCase);
}
