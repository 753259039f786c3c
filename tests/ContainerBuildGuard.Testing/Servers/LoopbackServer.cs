using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>An HTTP server inside the test, on a free loopback port, with faults on demand before what it serves.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app) => _app = app;

    /// <summary>What goes wrong.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>Every request in order of arrival: <c>GET /v2/…?…</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The Authorization headers that came, in order, empty where a request had none.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = new();

    public int Port => new Uri(_app.Urls.First()).Port;

    public string Host => $"localhost:{Port}";

    /// <param name="serve">What it serves.</param>
    /// <param name="certificate">Its certificate, for TLS.</param>
    /// <param name="client">The thumbprint of the only client certificate that it lets in.</param>
    public static async Task<LoopbackServer> StartAsync(RequestDelegate serve, X509Certificate2? certificate = null, string? client = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        https.ClientCertificateMode = client is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
                        https.ClientCertificateValidation = (presented, _, _) => presented.Thumbprint == client;
                    });
                }
            });
        });
        var server = new LoopbackServer(builder.Build());
        server._app.Run(async context =>
        {
            server.Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            server.Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
            await server.Faults.ServeAsync(context, serve);
        });
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Faults.Release();
        await _app.DisposeAsync();
    }
}
