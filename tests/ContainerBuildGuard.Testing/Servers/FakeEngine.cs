using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A container engine's API that tells of containers which nobody runs, with a clock and events of its own.</summary>
public sealed class FakeEngine : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _containers = new();
    private readonly ConcurrentDictionary<string, int> _lost = new();
    private readonly List<(DateTimeOffset Time, string Id)> _events = [];
    private readonly Channel<string> _live = Channel.CreateUnbounded<string>();
    private LoopbackServer _server = null!;

    /// <summary>The engine's clock: far from this machine's, as a virtual machine's may be.</summary>
    public DateTimeOffset Now { get; private set; } = new(2031, 1, 1, 0, 0, 0, 500, TimeSpan.Zero);

    /// <summary>Runs when a client has the list of containers and has not asked for events yet.</summary>
    public Action AfterList { get; set; } = static () => { };

    /// <summary>Answers every request for events with this, where it is not 200.</summary>
    public int EventsStatus { get; set; } = 200;

    /// <summary>The image's digests in registries.</summary>
    public IReadOnlyList<string> Digests { get; set; } = [];

    public Uri Address => new($"tcp://127.0.0.1:{_server.Port}");

    public IEnumerable<string> Requests => _server.Requests;

    public static async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine();
        engine._server = await LoopbackServer.StartAsync(engine.ServeAsync);
        return engine;
    }

    /// <summary>Creates a container, and says so to those who listen.</summary>
    /// <param name="id">Its id and name.</param>
    /// <param name="host">Its HostConfig, as JSON.</param>
    public void Create(string id, string host = "{}")
    {
        _containers[id] = $$"""{"Id":"{{id}}","Name":"/{{id}}","Image":"sha256:aa","State":{"Running":false},"Config":{"Image":"shop:1"},"HostConfig":{{host}},"Mounts":[]}""";
        lock (_events)
        {
            _events.Add((Now += TimeSpan.FromMilliseconds(10), id));
        }

        _live.Writer.TryWrite(id);
    }

    /// <summary>Answers every question about a container with this status from now on.</summary>
    public void Lose(string id, int status) => _lost[id] = status;

    /// <summary>Tells of something that is no event.</summary>
    public void Babble() => _live.Writer.TryWrite("");

    /// <summary>Ends the stream of events, as an engine that stops does.</summary>
    public void Stop() => _live.Writer.Complete();

    public ValueTask DisposeAsync()
    {
        _live.Writer.TryComplete();
        return _server.DisposeAsync();
    }

    private Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        switch (path.Split('/'))
        {
            case ["", "version"]:
                return Json("""{"Components":[{"Name":"Engine"}]}""");
            case ["", "info"]:
                return Json($$"""{"SystemTime":"{{Now:O}}"}""");
            case ["", "containers", "json"]:
                var list = $"[{string.Join(',', _containers.Keys.Select(id => $$$"""{"Id":"{{{id}}}"}"""))}]";
                AfterList();
                return Json(list);
            case ["", "containers", var id, _] when _lost.TryGetValue(id, out var status):
                context.Response.StatusCode = status;
                return Task.CompletedTask;
            case ["", "containers", var id, "json"] when _containers.TryGetValue(id, out var container):
                return Json(container);
            case ["", "images", _, "json"]:
                return Json($$"""{"Id":"sha256:aa","RepoDigests":[{{string.Join(',', Digests.Select(d => $"\"{d}\""))}}]}""");
            case ["", "events"]:
                return EventsAsync(context);
            default:
                context.Response.StatusCode = 404;
                return Task.CompletedTask;
        }

        Task Json(string text) => context.Response.WriteAsync(text);
    }

    private async Task EventsAsync(HttpContext context)
    {
        if (EventsStatus != 200)
        {
            context.Response.StatusCode = EventsStatus;
            return;
        }

        var parts = context.Request.Query["since"].ToString().Split('.');
        var since = DateTimeOffset.FromUnixTimeSeconds(long.Parse(parts[0], CultureInfo.InvariantCulture)).AddTicks(parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) / 100 : 0);
        List<string> missed;
        lock (_events)
        {
            // What is told again is not told a second time.
            while (_live.Reader.TryRead(out _))
            {
            }

            missed = [.. _events.Where(e => e.Time >= since).Select(e => e.Id)];
        }

        await context.Response.StartAsync();
        foreach (var id in missed)
        {
            await TellAsync(id);
        }

        await foreach (var id in _live.Reader.ReadAllAsync(context.RequestAborted))
        {
            await TellAsync(id);
        }

        async Task TellAsync(string id)
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(id.Length == 0 ? "what\n" : $$$"""{"Type":"container","Action":"create","Actor":{"ID":"{{{id}}}"}}""" + "\n"));
            await context.Response.Body.FlushAsync();
        }
    }
}
