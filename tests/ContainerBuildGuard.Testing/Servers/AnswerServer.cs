using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

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

/// <summary>An HTTP server of a few lines on a free loopback port; whatever protocol it speaks is the test's, one request at a time.</summary>
public sealed class AnswerServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Func<ServerRequest, ServerAnswer> _answer;
    private readonly SemaphoreSlim _turn = new(1);

    public AnswerServer(Func<ServerRequest, ServerAnswer> answer)
    {
        _answer = answer;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);

        // A constructor can wait for nothing; binding a loopback port does not take long.
        _app.StartAsync().GetAwaiter().GetResult();
        Port = new Uri(_app.Urls.First()).Port;
    }

    public int Port { get; }

    public string Host => $"127.0.0.1:{Port}";

    public Uri Address => new($"http://{Host}/");

    /// <summary>Every request so far.</summary>
    public ConcurrentQueue<ServerRequest> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _turn.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new ServerRequest(
            context.Request.Method,
            context.Request.Path.ToUriComponent(),
            context.Request.QueryString.ToUriComponent(),
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        var answer = await TakeTurnAsync(request);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers ?? new Dictionary<string, string>())
        {
            context.Response.Headers[name] = value;
        }

        // A status without content allows no length either.
        if (answer.Status is not (204 or 304))
        {
            context.Response.ContentLength = answer.Body.Length;
            await context.Response.Body.WriteAsync(request.Method == "HEAD" ? [] : answer.Body);
        }
    }

    private async Task<ServerAnswer> TakeTurnAsync(ServerRequest request)
    {
        await _turn.WaitAsync();
        try
        {
            Requests.Enqueue(request);
            return _answer(request);
        }
        catch (Exception e)
        {
            // A defect of the test's own protocol: let the client show it.
            return new ServerAnswer(500, Encoding.UTF8.GetBytes(e.ToString()), "text/plain");
        }
        finally
        {
            _turn.Release();
        }
    }
}
