using System.Net;
using System.Net.Sockets;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>
/// A loopback relay in front of a real registry that goes away in the middle of a push: once so many bytes have come in from
/// clients, every connection is reset and none is taken any more, until <see cref="Recover"/>.
/// </summary>
public sealed class DyingRegistry : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private long _left;

    public DyingRegistry(RegistryServer registry, long bytesBeforeDeath)
    {
        _target = registry.Port;
        _left = bytesBeforeDeath;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Host => $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public bool Died => Interlocked.Read(ref _left) <= 0;

    public void Recover() => Interlocked.Exchange(ref _left, long.MaxValue);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = RelayAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            client.LingerState = new LingerOption(true, 0);
            if (Died)
            {
                return;
            }

            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                var up = PumpAsync(client.GetStream(), server.GetStream(), counted: true);
                var down = PumpAsync(server.GetStream(), client.GetStream(), counted: false);
                await Task.WhenAny(up, down);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool counted)
    {
        var buffer = new byte[16384];
        while (!Died && await from.ReadAsync(buffer, _stop.Token) is > 0 and var count)
        {
            if (counted && Interlocked.Add(ref _left, -count) <= 0)
            {
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
