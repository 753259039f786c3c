using System.Net;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Publishing;

/// <summary>The registry of a <see cref="Rehearsal"/>: it answers inside the process, has one manifest, takes everything and keeps nothing.</summary>
internal sealed class RehearsalRegistry : HttpMessageHandler
{
    /// <summary>A name that exists nowhere (RFC 6761).</summary>
    public const string Name = "rehearsal.invalid";

    /// <summary>Without this process's settings: nobody's credentials are looked up for it.</summary>
    public static RegistryClientOptions Options => new(static _ => null) { Handler = static () => new RehearsalRegistry(), Attempts = 1 };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content)
        {
            await content.CopyToAsync(Stream.Null, cancellationToken);
        }

        var isManifest = request.RequestUri!.AbsolutePath.Contains("/manifests/", StringComparison.Ordinal);
        var answer = new HttpResponseMessage
        {
            RequestMessage = request,
            StatusCode = request.Method == HttpMethod.Post ? HttpStatusCode.Accepted
                : request.Method == HttpMethod.Put ? HttpStatusCode.Created
                : isManifest ? HttpStatusCode.OK
                : HttpStatusCode.NotFound,
        };
        if (request.Method == HttpMethod.Post)
        {
            answer.Headers.Location = new Uri(request.RequestUri, "session");
        }
        else if (request.Method == HttpMethod.Head && isManifest)
        {
            answer.Headers.Add("Docker-Content-Digest", Digest.Sha256([]).ToString());
        }

        return answer;
    }
}
