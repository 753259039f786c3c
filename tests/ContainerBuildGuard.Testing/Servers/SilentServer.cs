using System.Net;
using System.Net.Sockets;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A loopback server that takes connections and never answers.</summary>
public sealed class SilentServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task<TcpClient> _first;

    public SilentServer()
    {
        _listener.Start();
        _first = _listener.AcceptTcpClientAsync();
    }

    public string Host => $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Completes when somebody has connected.</summary>
    public Task Connected => _first;

    public void Dispose()
    {
        _listener.Dispose();
        if (_first.IsCompletedSuccessfully)
        {
            _first.Result.Dispose();
        }
    }
}
