using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A real Notary v1 server on a free loopback port, plain or with TLS, its data in memory; and a notary client that knows it.</summary>
public sealed class NotaryServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-notary-");
    private Process? _process;

    private NotaryServer(Uri address) => Address = address;

    public static bool IsAvailable => ProcessRunner.Exists("notary-server") && ProcessRunner.Exists("notary");

    /// <summary>Opens every key of the tests.</summary>
    public static string Passphrase { get; } = string.Concat("made", "-up-", "passphrase");

    public Uri Address { get; }

    /// <summary>The authority of its certificate, where it has one.</summary>
    public string AuthorityFile => At("ca.crt");

    /// <summary>The trust folder of <see cref="ClientAsync"/>.</summary>
    public string Trust => At("trust");

    /// <param name="authority">Issues the server's certificate; null for plain HTTP.</param>
    public static async Task<NotaryServer> StartAsync(PrivateAuthority? authority = null)
    {
        var port = RegistryServer.FreePort();
        var server = new NotaryServer(new Uri($"{(authority is null ? "http" : "https")}://localhost:{port}"));
        var http = new Dictionary<string, string> { ["http_addr"] = $"127.0.0.1:{port}" };
        if (authority is not null)
        {
            using var certificate = authority.IssueServer();
            using var key = certificate.GetECDsaPrivateKey()!;
            (http["tls_cert_file"], http["tls_key_file"]) = (server.At("server.crt"), server.At("server.key"));
            await File.WriteAllTextAsync(server.At("server.crt"), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(server.At("server.key"), key.ExportPkcs8PrivateKeyPem());
            await File.WriteAllTextAsync(server.AuthorityFile, authority.Pem);
        }

        await File.WriteAllTextAsync(server.At("server.json"), JsonSerializer.Serialize(new
        {
            server = http,
            trust_service = new { type = "local", hostname = "", port = "", key_algorithm = "ecdsa" },
            storage = new { backend = "memory" },
            logging = new { level = "error" },
        }));
        server._process = Process.Start(new ProcessStartInfo("notary-server", ["-config", server.At("server.json")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        server._process.OutputDataReceived += (_, _) => { };
        server._process.ErrorDataReceived += (_, _) => { };
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        for (var attempt = 0; attempt < 100 && !await AnswersAsync(port); attempt++)
        {
            await Task.Delay(100);
        }

        return server;
    }

    /// <summary>Runs the notary client against the server.</summary>
    public Task<ProcessResult> ClientAsync(params string[] arguments) =>
        ProcessRunner.RunAsync("notary", ["-s", Address.GetLeftPart(UriPartial.Authority), "-d", Trust, .. File.Exists(AuthorityFile) ? ["--tlscacert", AuthorityFile] : (string[])[], .. arguments], environment: Passphrases);

    /// <summary>Where notary and docker look for the passphrases of keys.</summary>
    public static IReadOnlyDictionary<string, string?> Passphrases { get; } =
        new[] { "NOTARY_ROOT_PASSPHRASE", "NOTARY_TARGETS_PASSPHRASE", "NOTARY_SNAPSHOT_PASSPHRASE", "NOTARY_DELEGATION_PASSPHRASE", "DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE", "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE" }
            .ToDictionary(n => n, string? (_) => Passphrase);

    public string At(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>From now on nobody listens there.</summary>
    public async Task StopAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        try
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
