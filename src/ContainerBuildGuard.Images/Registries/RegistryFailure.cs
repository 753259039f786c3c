using System.Net;
using System.Net.Sockets;

namespace ContainerBuildGuard.Images;

/// <summary>A failure that may pass: another attempt is worth making, after <see cref="RetryAfter"/> where the registry says so.</summary>
internal sealed class TransientException(ImageException failure, TimeSpan? retryAfter = null) : Exception(failure.Message, failure)
{
    /// <summary>What to report when no attempt is left.</summary>
    public ImageException Failure { get; } = failure;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>Turns answers and broken connections into errors that say what to do. They name host and repository, never a credential.</summary>
internal static class RegistryFailure
{
    /// <summary>The exception for an answer that is no success.</summary>
    public static async Task<Exception> OfAsync(HttpResponseMessage response, RegistryEndpoint endpoint, bool push, string? credentialProblem, TimeProvider time, CancellationToken cancellationToken)
    {
        var status = response.StatusCode;
        var reason = await RegistryErrorText.ReadAsync(response, cancellationToken).ConfigureAwait(false);
        if (IsTransient(status))
        {
            var retryAfter = response.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - time.GetUtcNow()) : null;
            return new TransientException(new ImageException(ImageError.Unreachable, $"The registry answers {(int)status} for {endpoint}{reason}: try again later."), retryAfter);
        }

        return status switch
        {
            HttpStatusCode.Unauthorized => new ImageException(ImageError.Unauthorized,
                $"The registry refuses the credentials for {endpoint}, or there are none{reason}{(credentialProblem is null ? "" : $" ({credentialProblem})")}: sign in with `docker login {endpoint.Registry}`, or set DOTNET_CONTAINER_REGISTRY_UNAME and DOTNET_CONTAINER_REGISTRY_PWORD."),
            HttpStatusCode.Forbidden => new ImageException(ImageError.Denied, $"The registry does not allow {(push ? "pushing to" : "reading")} {endpoint}{reason}: ask for the permission, or choose another repository."),
            HttpStatusCode.NotFound => new ImageException(ImageError.NotFound, $"The registry has no such content in {endpoint}{reason}: check the name and the tag."),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new ImageException(ImageError.Unsupported, $"The registry redirects {endpoint} in a way that is not followed: name the registry that it points to."),
            HttpStatusCode.RequestEntityTooLarge => new ImageException(ImageError.LimitExceeded, $"The registry refuses content for {endpoint} as too large{reason}: raise its limit, or that of the proxy before it."),
            _ => new ImageException(ImageError.Denied, $"The registry answers {(int)status} for {endpoint}{reason}: check that it takes such images, and what its log says."),
        };
    }

    /// <summary>The exception for a connection that failed or broke.</summary>
    public static Exception Of(Exception e, string who)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is ImageException own)
            {
                return own;
            }
        }

        if (IsCertificate(e))
        {
            return new ImageException(ImageError.Unreachable, $"The TLS certificate of {who} does not verify ({Innermost(e)}): put the authority that issued it into certs.d/{who}/ca.crt of Docker's or Podman's configuration, or name the registry in DOTNET_CONTAINER_INSECURE_REGISTRIES.", e);
        }

        var failure = new ImageException(ImageError.Unreachable, $"The registry {who} cannot be reached ({Innermost(e)}): check its name, the network and, for a registry without TLS, DOTNET_CONTAINER_INSECURE_REGISTRIES; then try again.", e);
        return e.GetBaseException() is SocketException { SocketErrorCode: SocketError.HostNotFound } ? failure : new TransientException(failure);
    }

    /// <summary>Whether the other side's certificate is what failed, and not the connection.</summary>
    public static bool IsCertificate(Exception e) => e is UntrustedCertificateException || (e.InnerException is { } inner && IsCertificate(inner));

    private static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private static string Innermost(Exception e) => e.GetBaseException().Message.TrimEnd('.');
}
