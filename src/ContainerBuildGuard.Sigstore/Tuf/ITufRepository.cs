using System.Net;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>Where metadata and targets come from. Nothing that it answers is trusted.</summary>
public interface ITufRepository
{
    /// <summary>The file's bytes; null where there is no such file.</summary>
    /// <param name="path">The path below the repository, parts percent-encoded.</param>
    /// <param name="maxBytes">The most that is read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="TufException">Unreachable, or more bytes than that.</exception>
    Task<byte[]?> FetchAsync(string path, long maxBytes, CancellationToken cancellationToken);
}

/// <summary>A repository over HTTP: metadata at its root, targets below <c>targets/</c>.</summary>
/// <param name="http">The client; its lifetime is the caller's.</param>
/// <param name="address">The repository's address.</param>
public sealed class HttpTufRepository(HttpClient http, Uri address) : ITufRepository
{
    private readonly Uri _base = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");

    /// <inheritdoc />
    public async Task<byte[]?> FetchAsync(string path, long maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(_base, path), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);

            // Object stores answer 403 for what is not there when listing is not allowed.
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
            {
                return null;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new TufException(TufError.Unreachable, $"{_base.Host} answers {(int)response.StatusCode} for {path}");
            }

            return await BoundedContent.ReadAsync(response, maxBytes, cancellationToken).ConfigureAwait(false)
                ?? throw new TufException(TufError.Limit, $"{path} of {_base.Host} has more than {maxBytes} bytes");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new TufException(TufError.Unreachable, $"{_base.Host} cannot be reached ({e.Message.TrimEnd('.')})", e);
        }
    }
}
