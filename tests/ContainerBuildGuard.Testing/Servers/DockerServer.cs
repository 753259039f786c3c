using System.Diagnostics;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A Docker daemon of its own: own data, own socket, no bridge, no firewall rules. Containers run with <c>--network none</c>.</summary>
public sealed class DockerServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-dockerd-");
    private Process? _process;

    private DockerServer()
    {
    }

    public static bool IsAvailable => ProcessRunner.Exists("dockerd") && ProcessRunner.Exists("docker") && Environment.IsPrivilegedProcess;

    public string Socket => Path.Combine(_folder.FullName, "docker.sock");

    /// <summary>What a process needs in order to find this daemon.</summary>
    public IReadOnlyDictionary<string, string?> Variables => new Dictionary<string, string?> { ["DOCKER_HOST"] = $"unix://{Socket}" };

    /// <summary>Null where this machine cannot run a daemon (no cgroups, no mounts).</summary>
    public static async Task<DockerServer?> StartAsync(params string[] flags)
    {
        var server = new DockerServer();
        string At(string name) => Path.Combine(server._folder.FullName, name);
        server._process = Process.Start(new ProcessStartInfo("dockerd",
            ["--data-root", At("data"), "--exec-root", At("exec"), "--pidfile", At("pid"), "-H", $"unix://{server.Socket}", "--iptables=false", "--ip6tables=false", "--bridge=none", .. flags])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        server._process.OutputDataReceived += (_, _) => { };
        server._process.ErrorDataReceived += (_, _) => { };
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        for (var attempt = 0; attempt < 100 && !server._process.HasExited; attempt++)
        {
            if ((await server.RunAsync("version")).ExitCode == 0)
            {
                return server;
            }

            await Task.Delay(200);
        }

        await server.DisposeAsync();
        return null;
    }

    public Task<ProcessResult> RunAsync(params string[] arguments) => ProcessRunner.RunAsync("docker", arguments, environment: Variables);

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await ProcessRunner.RunAsync("kill", ["-TERM", $"{_process.Id}"]);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process?.Dispose();
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A mount that the daemon left behind keeps its folder; the next clean-up of the temporary folder takes it.
        }
    }
}
