using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A Sigstore on loopback (certificate authority, both kinds of transparency log, timestamp authority), and sigstore-js to exchange bundles with.</summary>
public sealed class SigstoreServer : IAsyncDisposable
{
    public const string Subject = "https://ci.example/builder";
    public const string Issuer = "https://issuer.example";
    private static readonly SemaphoreSlim Installing = new(1);
    private static string? _installed;
    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private SigstoreServer(Process process, DirectoryInfo folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    public string Folder => _folder.FullName;

    public string TrustedRootPath => Path.Combine(Folder, "trusted_root.json");

    /// <summary>A token that the authority takes; it does not look at signatures.</summary>
    public static string Token { get; } = MakeToken();

    public string SigningConfigPath(int rekor) => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"signing_config.rekor{rekor}.json"));

    /// <summary>Null where node or its packages are not to be had.</summary>
    public static async Task<SigstoreServer?> StartAsync()
    {
        if (await InstallAsync() is not { } packages)
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("cbg-sigstore-");
        var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(packages, "server.js")]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.FullName })!;
        var line = await process.StandardOutput.ReadLineAsync();
        return int.TryParse(line, CultureInfo.InvariantCulture, out var port)
            ? new SigstoreServer(process, folder, port)
            : throw new InvalidOperationException($"The loopback Sigstore did not start: {await process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>What sigstore-js signs.</summary>
    public async Task<byte[]> SignAsync(string kind, int rekor, bool timestamp, byte[] content)
    {
        var (input, output) = (Path.Combine(Folder, Path.GetRandomFileName()), Path.Combine(Folder, Path.GetRandomFileName()));
        await File.WriteAllBytesAsync(input, content);
        var result = await NodeAsync("sign", Port.ToString(CultureInfo.InvariantCulture), Token, kind, rekor.ToString(CultureInfo.InvariantCulture), timestamp ? "tsa" : "no-tsa", input, output);
        return result.ExitCode == 0 ? await File.ReadAllBytesAsync(output) : throw new InvalidOperationException(result.Output);
    }

    /// <summary>Whether sigstore-js verifies a bundle; else what it says.</summary>
    public async Task<string?> VerifyAsync(byte[] bundle, byte[]? content)
    {
        var (input, file) = (Path.Combine(Folder, Path.GetRandomFileName()), Path.Combine(Folder, Path.GetRandomFileName()));
        await File.WriteAllBytesAsync(file, bundle);
        await File.WriteAllBytesAsync(input, content ?? []);
        var result = await NodeAsync(content is null ? ["verify", TrustedRootPath, Subject, Issuer, file] : ["verify", TrustedRootPath, Subject, Issuer, file, input]);
        return result.ExitCode == 0 ? null : result.Output;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Task<ProcessResult> NodeAsync(params string[] arguments) => ProcessRunner.RunAsync("node", [Path.Combine(_installed!, "exchange.js"), .. arguments]);

    /// <summary>Installs the packages once, beside the build's other output.</summary>
    private static async Task<string?> InstallAsync()
    {
        await Installing.WaitAsync();
        try
        {
            if (_installed is not null || !ProcessRunner.Exists("node") || !ProcessRunner.Exists("npm"))
            {
                return _installed;
            }

            var source = Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Testing", "Servers", "SigstoreJs");
            var target = Path.Combine(Repository.Root, "artifacts", "sigstore-js");
            Directory.CreateDirectory(target);
            var wanted = await File.ReadAllTextAsync(Path.Combine(source, "package.json"));
            var marker = Path.Combine(target, "installed.json");
            foreach (var file in Directory.GetFiles(source))
            {
                File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
            }

            if (!File.Exists(marker) || await File.ReadAllTextAsync(marker) != wanted)
            {
                var result = await ProcessRunner.RunAsync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"], target, TimeSpan.FromMinutes(3));
                if (result.ExitCode != 0)
                {
                    return null;
                }

                await File.WriteAllTextAsync(marker, wanted);
            }

            return _installed = target;
        }
        finally
        {
            Installing.Release();
        }
    }

    private static string MakeToken()
    {
        static string Part(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var end = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{Part("""{"alg":"none","typ":"JWT"}""")}.{Part($$"""{"iss":"{{Issuer}}","sub":"{{Subject}}","aud":"sigstore","exp":{{end}}}""")}.x";
    }
}
