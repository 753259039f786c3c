using System.Diagnostics;
using System.Globalization;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>
/// How long <c>cbg verify</c> takes as a process for an image that an identity signed, with the trusted root on this machine. Beside it, in turn with it: what of that is the registry's, which are the same
/// requests once more, and the same program saying its version.
/// </summary>
internal static class VerifyBenchmark
{
    private const int Rounds = 21;

    public static async Task<int> RunAsync(string? cbg)
    {
        await using var sigstore = await SigstoreServer.StartAsync();
        if (sigstore is null)
        {
            await Console.Error.WriteLineAsync("The loopback Sigstore needs node and the npm packages of sigstore-js.");
            return 3;
        }

        var registry = new MemoryRegistry();
        await using var server = await LoopbackServer.StartAsync(registry.ServeAsync);
        using var products = cbg is null ? await PackedProducts.PackAsync() : null;
        var tool = cbg ?? products!.Cbg;
        var token = Path.Combine(sigstore.Folder, "token");
        await File.WriteAllTextAsync(token, SigstoreServer.Token);
        foreach (var rekor in (int[])[1, 2])
        {
            registry.Put($"app{rekor}", "1.0", new ImageBuilder().Layer(l => l.File("app", "code")).Build());
            var image = $"{server.Host}/app{rekor}:1.0";
            await DoneAsync(tool, ["sign", image, "--identity-token-file", token, "--trusted-root", sigstore.TrustedRootPath, "--signing-config", sigstore.SigningConfigPath(rekor)]);
            var (verify, version, answers) = (new List<Measured>(), new List<Measured>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                server.Requests.Clear();
                verify.Add(await DoneAsync(tool, ["verify", image, "--certificate-identity", SigstoreServer.Subject, "--certificate-oidc-issuer", SigstoreServer.Issuer, "--trusted-root", sigstore.TrustedRootPath]));
                answers.Add(await AgainAsync(server.Host, [.. server.Requests]));
                version.Add(await DoneAsync(tool, ["--version"]));
            }

            answers.Sort();
            var (whole, registrys) = (Measured.Median(verify).Elapsed.TotalMilliseconds, answers[Rounds / 2]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"an image signed by an identity (Rekor {rekor}), as a process: median {whole:F0} ms, {Measured.Median(verify).PeakBytes >> 20} MiB; the registry's answers {registrys:F0} ms, so {whole - registrys:F0} ms above; cbg --version {Measured.Median(version).Elapsed.TotalMilliseconds:F0} ms"));
        }

        return 0;
    }

    /// <summary>The milliseconds of the same requests on a new connection.</summary>
    private static async Task<double> AgainAsync(string host, string[] requests)
    {
        var start = Stopwatch.GetTimestamp();
        using var http = new HttpClient();
        foreach (var request in requests)
        {
            using var message = new HttpRequestMessage(new HttpMethod(request.Split(' ')[0]), $"http://{host}{request.Split(' ')[1]}");
            using var response = await http.SendAsync(message);
            _ = await response.Content.ReadAsByteArrayAsync();
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task<Measured> DoneAsync(string tool, string[] arguments)
    {
        var run = await Measured.RunAsync(tool, arguments);
        return run.ExitCode == 0 ? run : throw new InvalidOperationException($"cbg ended with {run.ExitCode}: {run.Output}");
    }
}
