using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Serves files on a free loopback port with entity tags, and can fail or cut them off.</summary>
internal sealed class LoopbackMirror : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, byte[]> _files = new();

    public LoopbackMirror()
    {
        var port = FreePort();
        Root = $"http://127.0.0.1:{port}/";
        _listener.Prefixes.Add(Root);
        _listener.Start();
        _ = ServeAsync();
    }

    public string Root { get; }

    /// <summary>Paths that were answered with their content.</summary>
    public ConcurrentQueue<string> Sent { get; } = new();

    public HashSet<string> Down { get; } = [];
    public HashSet<string> Cut { get; } = [];

    public byte[] this[string path]
    {
        set => _files[path] = value;
    }

    public void Text(string path, string text) => this[path] = Encoding.UTF8.GetBytes(text.Replace("ROOT/", Root, StringComparison.Ordinal));

    public void Dispose() => ((IDisposable)_listener).Dispose();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // The client or the listener is gone.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath.TrimStart('/');
        using var response = context.Response;
        if (Down.Contains(path) || !_files.TryGetValue(path, out var bytes))
        {
            response.StatusCode = Down.Contains(path) ? 503 : 404;
            return;
        }

        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"";
        response.Headers["ETag"] = tag;
        if (context.Request.Headers["If-None-Match"] == tag)
        {
            response.StatusCode = 304;
            return;
        }

        Sent.Enqueue(path);
        if (Cut.Contains(path))
        {
            response.ContentLength64 = bytes.Length;
            await response.OutputStream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            response.Abort();
            return;
        }

        response.ContentType = path.EndsWith(".json", StringComparison.Ordinal) ? "application/json" : "application/octet-stream";
        response.ContentLength64 = bytes.Length;
        await response.OutputStream.WriteAsync(bytes);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
