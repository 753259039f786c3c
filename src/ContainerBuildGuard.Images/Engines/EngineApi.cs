using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>
/// What is asked of an engine's API: Docker's, and Podman's own where its service answers, for in Docker's words that gives images other names than `podman load`.
/// </summary>
internal sealed class EngineApi(HttpClient http, string engine) : IDisposable
{
    private const int MaxAnswerBytes = 8 << 20;
    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(30);

    /// <summary>An engine gathers an image, and takes one in, before it says a word.</summary>
    private static readonly TimeSpan TransferPatience = TimeSpan.FromMinutes(10);

    private string? _podman;

    public void Dispose() => http.Dispose();

    /// <summary>Null where the engine answers; else why it does not. To be called first: the answer says which API it has.</summary>
    public async Task<string?> PingAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var limit = new StandstillLimit(PingPatience, TimeProvider.System);
            using var response = await limit.WatchAsync(async token => await http.GetAsync(new Uri("_ping", UriKind.Relative), token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            _podman = response.Headers.TryGetValues("Libpod-API-Version", out var values) && Version.TryParse(values.First().Split('-')[0], out var version) ? $"v{version}/libpod/" : null;
            return response.IsSuccessStatusCode ? null : $"{engine} answers {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return $"{engine}: {e.GetBaseException().Message.TrimEnd('.')}";
        }
    }

    /// <summary>Writes an image's archive to <paramref name="target"/> as it comes.</summary>
    /// <exception cref="ImageException">There is no such image, it is over the limit, or the engine broke off.</exception>
    public async Task SaveAsync(string image, Stream target, long limitBytes, CancellationToken cancellationToken)
    {
        using var limit = new StandstillLimit(TransferPatience, TimeProvider.System);
        using var request = new HttpRequestMessage(HttpMethod.Get, _podman is null
            ? $"images/get?names={Uri.EscapeDataString(image)}"
            : $"{_podman}images/export?format=docker-archive&references={Uri.EscapeDataString(image)}");
        await ExchangeAsync(limit, request, $"give the image '{image}'", async (body, token) =>
        {
            await body.CopyAtMostAsync(target, limitBytes, $"The image '{image}' of {engine}", token, limit.Alive).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Loads an archive.</summary>
    /// <exception cref="ImageException">The engine refused; the message has its words.</exception>
    public async Task LoadAsync(Stream archive, CancellationToken cancellationToken)
    {
        using var limit = new StandstillLimit(TransferPatience, TimeProvider.System);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_podman}images/load{(_podman is null ? "?quiet=1" : "")}") { Content = new StreamContent(new TouchingStream(archive, limit.Alive), 1 << 17) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        request.Headers.TransferEncodingChunked = true;
        const string What = "load the image";
        var answer = await ExchangeAsync(limit, request, What, (body, token) => body.ReadAllAsync(MaxAnswerBytes, $"The answer of {engine}", token), cancellationToken).ConfigureAwait(false);
        if (ErrorIn(answer) is { } words)
        {
            throw Refused(What, words);
        }
    }

    private async Task<T> ExchangeAsync<T>(StandstillLimit limit, HttpRequestMessage request, string what, Func<Stream, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await limit.WatchAsync(async token =>
            {
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
                await using var body = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return await read(body, token).ConfigureAwait(false);
                }

                var words = ErrorIn(await body.ReadAllAsync(MaxAnswerBytes, $"The answer of {engine}", token).ConfigureAwait(false)) ?? $"it answers {(int)response.StatusCode}";
                throw response.StatusCode == HttpStatusCode.NotFound || EngineWords.MeanMissing(words)
                    ? new ImageException(ImageError.NotFound, $"{engine} could not {what}: there is none of that name; `{engine} images` lists those that are there.")
                    : Refused(what, words);
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ImageException(ImageError.Unreachable, $"{engine} broke off where it should {what} ({e.GetBaseException().Message.TrimEnd('.')}): check its log and the space on the disk, and try again.", e);
        }
    }

    private ImageException Refused(string what, string words) =>
        new(ImageError.Unreachable, $"{engine} could not {what} ({words}): check its log and the space on its disk, and try again.");

    /// <summary>The engine's error: <c>message</c> of a failed request, or <c>error</c> in a line of the progress that a load answers with.</summary>
    private static string? ErrorIn(byte[] answer)
    {
        foreach (var line in System.Text.Encoding.UTF8.GetString(answer).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                if ((document.RootElement.Text("error") ?? document.RootElement.Text("message") ?? document.RootElement.Text("cause")) is { Length: > 0 } words)
                {
                    return EngineWords.FirstLine(words);
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // Not every line is JSON of its own; what is no error needs no reading.
            }
        }

        return null;
    }

    /// <summary>An archive on its way out; each piece is a sign of life. The archive stays its owner's.</summary>
    private sealed class TouchingStream(Stream archive, Action alive) : AsyncForwardStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            alive();
            return archive.ReadAsync(buffer, cancellationToken);
        }
    }
}
