using System.Net.Sockets;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>One GET over a Unix socket, bounded in time and size: a daemon that hangs costs a second, not the audit.</summary>
internal static class UnixSocketHttp
{
    private const int MaxBytes = 4 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public static Probed<string> Get(string socket, string pathAndQuery)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        };
        using var client = new HttpClient(handler) { Timeout = Limit, MaxResponseContentBufferSize = MaxBytes };
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("http://engine" + pathAndQuery));
            using var response = client.Send(request, HttpCompletionOption.ResponseContentRead, CancellationToken.None);
            using var reader = new StreamReader(response.Content.ReadAsStream());
            var text = reader.ReadToEnd();
            return response.IsSuccessStatusCode ? text : Probed<string>.Unreadable($"{socket}: the engine answers {(int)response.StatusCode} to {pathAndQuery}");
        }
        catch (Exception e) when (e is TaskCanceledException or OperationCanceledException)
        {
            return Probed<string>.Unreadable($"{socket}: the engine does not answer within {Limit.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or ArgumentException)
        {
            return Probed<string>.Unreadable($"{socket}: {(e.InnerException ?? e).Message.TrimEnd('.')}; the audit needs a right to use the socket");
        }
    }
}
