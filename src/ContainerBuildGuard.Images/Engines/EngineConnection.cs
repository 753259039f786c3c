using System.IO.Pipes;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Images;

/// <summary>HTTP to an engine: over its Unix socket or Windows pipe, or over TCP with or without TLS as the user set it up.</summary>
public static class EngineConnection
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>A client whose base address is the engine; null for an address that only the engine's own command can speak to. It connects with the first request.</summary>
    /// <exception cref="ImageException">A certificate or key of the endpoint cannot be read.</exception>
    public static HttpClient? Open(EngineEndpoint endpoint)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = ConnectTimeout, MaxResponseDrainSize = 0 };
        var address = endpoint.Address;
        string? target = address.Scheme switch
        {
            "unix" => OverSocket(handler, Uri.UnescapeDataString(address.AbsolutePath)),
            "npipe" => OverPipe(handler, address),
            "tcp" or "http" or "https" => OverNetwork(handler, endpoint),
            _ => null,
        };
        if (target is null)
        {
            handler.Dispose();
            return null;
        }

        return new HttpClient(handler) { BaseAddress = new Uri(target), Timeout = Timeout.InfiniteTimeSpan };
    }

    private static string OverSocket(SocketsHttpHandler handler, string path)
    {
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return "http://engine/";
    }

    private static string OverPipe(SocketsHttpHandler handler, Uri address)
    {
        var name = address.AbsolutePath.Split('/')[^1];
        handler.ConnectCallback = async (_, cancellationToken) =>
        {
            var pipe = new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous);
            try
            {
                await pipe.ConnectAsync(cancellationToken).ConfigureAwait(false);
                return pipe;
            }
            catch
            {
                await pipe.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        };
        return "http://engine/";
    }

    private static string OverNetwork(SocketsHttpHandler handler, EngineEndpoint endpoint)
    {
        var address = endpoint.Address;
        var port = address.Port > 0 ? address.Port : endpoint.CertificateFolder is null ? 2375 : 2376;
        if (endpoint.CertificateFolder is not { } folder)
        {
            return $"{(address.Scheme == "https" ? "https" : "http")}://{address.Host}:{port}/";
        }

        var authorities = new X509Certificate2Collection();
        string At(string name) => Path.Combine(folder, name);
        if (File.Exists(At("ca.pem")))
        {
            FileErrors.Guard(() => { authorities.ImportFromPemFile(At("ca.pem")); return true; }, At("ca.pem"));
        }

        if (File.Exists(At("cert.pem")) && File.Exists(At("key.pem")))
        {
            handler.SslOptions.ClientCertificates = [CertificateTrust.ReadPair(At("cert.pem"), At("key.pem"))];
        }

        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            endpoint.SkipVerify || CertificateTrust.Verifies(authorities, certificate, chain, errors);
        return $"https://{address.Host}:{port}/";
    }
}
