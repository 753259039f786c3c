using System.Net;
using System.Net.Http.Headers;

namespace ContainerBuildGuard.Images;

/// <summary>One request to a registry, made anew for each attempt.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The address: below the registry's, or absolute (an upload session).</param>
internal sealed record RegistryRequest(HttpMethod Method, string Path)
{
    /// <summary>Whether the access that is asked for includes pushing.</summary>
    public bool Push { get; init; }

    /// <summary>A repository whose blobs are to be mounted.</summary>
    public string? MountFrom { get; init; }

    /// <summary>A scope other than the repository's (the catalogue).</summary>
    public string? Scope { get; init; }

    /// <summary>Makes the content; the action is a sign of life for each part sent.</summary>
    public Func<Action, HttpContent>? Content { get; init; }

    /// <summary>The first byte that is wanted.</summary>
    public long From { get; init; }

    /// <summary>Media types that are understood.</summary>
    public string[] Accept { get; init; } = [];

    /// <summary>Statuses that are answers, beside success.</summary>
    public HttpStatusCode[] Accepted { get; init; } = [];

    /// <summary>The scopes of a token for this request.</summary>
    public string[] Scopes(RegistryEndpoint endpoint)
    {
        var own = Scope ?? $"repository:{endpoint.Repository}:{(Push ? "pull,push" : "pull")}";
        return MountFrom is null ? [own] : [own, $"repository:{MountFrom}:pull"];
    }

    public HttpRequestMessage ToMessage(Uri registry, Action alive)
    {
        var message = new HttpRequestMessage(Method, new Uri(registry, Path)) { Content = Content?.Invoke(alive) };
        foreach (var type in Accept)
        {
            message.Headers.Accept.ParseAdd(type);
        }

        message.Headers.Range = From > 0 ? new RangeHeaderValue(From, null) : null;
        return message;
    }
}
