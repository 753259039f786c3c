using System.Diagnostics;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A Podman service of its own: own storage, own socket.</summary>
public sealed class PodmanServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-podman-");
    private Process? _process;

    private PodmanServer()
    {
    }

    public static bool IsAvailable => ProcessRunner.Exists("podman") && Environment.IsPrivilegedProcess;

    public string Socket => At("podman.sock");

    private string[] Store => ["--root", At("root"), "--runroot", At("run"), "--storage-driver", "vfs"];

    /// <summary>Null where this machine cannot run it.</summary>
    public static async Task<PodmanServer?> StartAsync()
    {
        var server = new PodmanServer();
        server._process = Process.Start(new ProcessStartInfo("podman", [.. server.Store, "system", "service", "--time", "300", $"unix://{server.Socket}"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        for (var attempt = 0; attempt < 100 && !server._process.HasExited; attempt++)
        {
            if (File.Exists(server.Socket))
            {
                return server;
            }

            await Task.Delay(100);
        }

        await server.DisposeAsync();
        return null;
    }

    public Task<ProcessResult> RunAsync(params string[] arguments) => ProcessRunner.RunAsync("podman", [.. Store, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
