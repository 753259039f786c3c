using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A real registry (docker-registry) on a free loopback port, its storage in a folder of its own.</summary>
public sealed class RegistryServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-registry-");
    private readonly HttpClient _http = new();
    private Process? _process;

    private RegistryServer(int port) => Port = port;

    public static bool IsAvailable => ProcessRunner.Exists("docker-registry");

    public int Port { get; }

    /// <summary>What projects name: the SDK speaks plain HTTP to localhost.</summary>
    public string Host => $"localhost:{Port}";

    /// <param name="user">An account, for Basic authentication.</param>
    /// <param name="password">Its password.</param>
    /// <param name="auth">Another <c>auth:</c> section of the registry's configuration.</param>
    public static async Task<RegistryServer> StartAsync(string? user = null, string? password = null, string auth = "")
    {
        var server = new RegistryServer(FreePort());
        if (user is not null)
        {
            var file = Path.Combine(server._folder.FullName, "htpasswd");
            await ProcessRunner.MustAsync("htpasswd", "-Bbc", file, user, password!);
            auth = $"auth: {{ htpasswd: {{ realm: test, path: {file} }} }}\n";
            server._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        }

        var config = Path.Combine(server._folder.FullName, "config.yml");
        await File.WriteAllTextAsync(config, $"version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {server._folder.FullName}/data }} }}\nhttp: {{ addr: 127.0.0.1:{server.Port} }}\n{auth}");
        server._process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", config]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        server._process.OutputDataReceived += (_, _) => { };
        server._process.ErrorDataReceived += (_, _) => { };
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await server.WaitAsync();
        return server;
    }

    public async Task<IReadOnlyList<string>> RepositoriesAsync() => await ListAsync("v2/_catalog", "repositories");

    public async Task<IReadOnlyList<string>> TagsAsync(string repository) => await ListAsync($"v2/{repository}/tags/list", "tags");

    /// <summary>The digest that a tag points at; null where there is none.</summary>
    public async Task<string?> DigestAsync(string repository, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"http://{Host}/v2/{repository}/manifests/{tag}");
        foreach (var type in (string[])["application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json"])
        {
            request.Headers.Accept.ParseAdd(type);
        }

        using var response = await _http.SendAsync(request);
        return response.IsSuccessStatusCode ? response.Headers.GetValues("Docker-Content-Digest").First() : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<IReadOnlyList<string>> ListAsync(string path, string member)
    {
        using var response = await _http.GetAsync(new Uri($"http://{Host}/{path}"));
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }

        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.GetProperty(member) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(v => v.GetString()!)] : [];
    }

    private async Task WaitAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var _ = await _http.GetAsync(new Uri($"http://{Host}/v2/"));
                return;
            }
            catch (HttpRequestException) when (attempt < 100 && _process is { HasExited: false })
            {
                await Task.Delay(100);
            }
        }
    }
}
