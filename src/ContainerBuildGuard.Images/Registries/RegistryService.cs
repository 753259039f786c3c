using System.Net;

namespace ContainerBuildGuard.Images;

/// <summary>A service beside a registry, such as a Notary server: it challenges as registries do (distribution, "Token Authentication") and takes the registry's credentials.</summary>
public sealed class RegistryService : IDisposable
{
    private readonly RegistryTransport _transport;
    private readonly RegistryEndpoint _endpoint;

    /// <summary>Creates the client. Its certificates are found as a registry's, by the service's host and port.</summary>
    /// <param name="options">How to talk to the registry.</param>
    /// <param name="address">The service's address; what is asked for lies below it.</param>
    /// <param name="registry">The registry whose credentials it takes.</param>
    /// <param name="repository">The repository that it is asked about, for its credentials and for messages.</param>
    public RegistryService(RegistryClientOptions options, Uri address, string registry, string repository)
    {
        _transport = new RegistryTransport(options);
        _endpoint = new RegistryEndpoint(registry, repository) { Service = address.AbsoluteUri.EndsWith('/') ? address : new Uri($"{address.AbsoluteUri}/") };
    }

    /// <inheritdoc />
    public void Dispose() => _transport.Dispose();

    /// <summary>The content at <paramref name="path"/>; null where there is none.</summary>
    /// <param name="path">The path below the service's address.</param>
    /// <param name="scope">The scope of a token for it.</param>
    /// <param name="maxBytes">The most that is read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">Refused, unreachable, or more bytes than that.</exception>
    public async Task<byte[]?> GetAsync(string path, string scope, int maxBytes, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Get, path) { Scope = scope, Accepted = [HttpStatusCode.NotFound] };
        var (bytes, status, _) = await _transport.ReadAsync(_endpoint, request, maxBytes, r => (r.StatusCode, 0), cancellationToken).ConfigureAwait(false);
        return status == HttpStatusCode.NotFound ? null : bytes;
    }

    /// <summary>Posts content, made anew for each attempt; returns the status, and what the service says where that is one of <paramref name="accepted"/>.</summary>
    /// <exception cref="ImageException">Refused or unreachable.</exception>
    public async Task<(HttpStatusCode Status, string Reason)> PostAsync(string path, string scope, Func<HttpContent> content, HttpStatusCode[] accepted, CancellationToken cancellationToken)
    {
        var request = new RegistryRequest(HttpMethod.Post, path) { Scope = scope, Push = true, Content = _ => content(), Accepted = accepted };
        using var response = await _transport.SendAsync(_endpoint, request, cancellationToken).ConfigureAwait(false);
        return (response.StatusCode, response.IsSuccessStatusCode ? "" : await RegistryErrorText.ReadAsync(response, cancellationToken).ConfigureAwait(false));
    }
}
