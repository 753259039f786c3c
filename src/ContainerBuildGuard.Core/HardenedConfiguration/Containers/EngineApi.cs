using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Reads Docker's API, which Podman serves as well. Only GET requests: an audit changes nothing.</summary>
internal sealed class EngineApi : IDisposable
{
    private const int MostBytes = 64 << 20;
    private readonly HttpClient _http;

    public EngineApi(EngineEndpoint endpoint)
    {
        try
        {
            _http = EngineConnection.Open(endpoint) ?? throw EngineErrors.Unreachable($"{endpoint.Address.Scheme}: is no way to its API");
        }
        catch (ImageException e)
        {
            throw e.ToGuardException();
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The answer to a request; null where the engine knows no such thing (any more).</summary>
    /// <param name="path">What is asked for.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="refusable">Whether null stands for an engine that fails over this one thing as well: the next may have its answer.</param>
    public async Task<JsonElement?> GetAsync(string path, CancellationToken cancellationToken, bool refusable = false)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict || (refusable && !response.IsSuccessStatusCode))
            {
                return null;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw EngineErrors.Unreachable($"it answered {(int)response.StatusCode} to {path.Split('?')[0]}");
            }

            await response.Content.LoadIntoBufferAsync(MostBytes, limit.Token);
            return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(limit.Token)).RootElement;
        }
        catch (Exception e) when (EngineErrors.IsOurs(e, cancellationToken))
        {
            throw EngineErrors.Of(e);
        }
    }

    /// <summary>Containers that were created or started since a moment of the engine's clock, and from then on, until cancelled.</summary>
    /// <param name="since">Seconds since 1970, with a fraction: the engine first tells again of what happened from then on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="GuardException">CBG9005, CBG9006: the engine cannot be asked, or has gone away.</exception>
    public async IAsyncEnumerable<string> NewContainersAsync(string since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const string Filter = "{\"type\":[\"container\"],\"event\":[\"create\",\"start\"]}";
        using var response = await Following(() => _http.GetAsync(new Uri($"events?since={since}&filters={Uri.EscapeDataString(Filter)}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken));
        if (!response.IsSuccessStatusCode)
        {
            throw EngineErrors.Unreachable($"it answered {(int)response.StatusCode} to events");
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await Following(async () => await reader.ReadLineAsync(cancellationToken)) is { } line)
        {
            if (line.Length > 0 && await Following(() => Task.FromResult(Container(line))) is { } id)
            {
                yield return id;
            }
        }

        throw EngineErrors.Unreachable("it ended the stream of its events; watch again when it is back");

        async Task<T> Following<T>(Func<Task<T>> act)
        {
            try
            {
                return await act();
            }
            catch (Exception e) when (EngineErrors.IsOurs(e, cancellationToken))
            {
                throw EngineErrors.Of(e);
            }
        }
    }

    private static string? Container(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Text("Actor", "ID") ?? document.RootElement.Text("id");
    }
}
