using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A request as the server saw it.</summary>
public sealed record ServerRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>What the server answers.</summary>
public sealed record ServerAnswer(int Status, byte[] Body, string ContentType = "application/json", IReadOnlyDictionary<string, string>? Headers = null)
{
    public static ServerAnswer Json(string json, int status = 200) => new(status, Encoding.UTF8.GetBytes(json));
}

/// <summary>An HTTP server of a few lines on a free loopback port; whatever protocol it speaks is the test's.</summary>
public sealed class AnswerServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<ServerRequest, ServerAnswer> _answer;
    private readonly Task _running;

    public AnswerServer(Func<ServerRequest, ServerAnswer> answer)
    {
        _answer = answer;
        for (var attempt = 0; ; attempt++)
        {
            Port = RegistryServer.FreePort();
            try
            {
                _listener.Prefixes.Clear();
                _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // Somebody else took the port meanwhile.
            }
        }

        _running = RunAsync();
    }

    public int Port { get; }

    public string Host => $"127.0.0.1:{Port}";

    public Uri Address => new($"http://{Host}/");

    /// <summary>Every request so far.</summary>
    public ConcurrentQueue<ServerRequest> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _running;
        _listener.Close();
    }

    private async Task RunAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Stopped, or the client left.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var request = new ServerRequest(
            context.Request.HttpMethod,
            context.Request.Url!.AbsolutePath,
            context.Request.Url.Query,
            context.Request.Headers.AllKeys.Where(k => k is not null).ToDictionary(k => k!, k => context.Request.Headers[k]!, StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        Requests.Enqueue(request);
        ServerAnswer answer;
        try
        {
            answer = _answer(request);
        }
        catch (Exception e)
        {
            // A defect of the test's own protocol: let the client show it.
            answer = new ServerAnswer(500, Encoding.UTF8.GetBytes(e.ToString()), "text/plain");
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers ?? new Dictionary<string, string>())
        {
            context.Response.Headers[name] = value;
        }

        context.Response.ContentLength64 = answer.Body.Length;
        await context.Response.OutputStream.WriteAsync(request.Method == "HEAD" ? [] : answer.Body);
        context.Response.Close();
    }
}
