using System.Globalization;
using System.Text;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>Checks the reference image in whole processes: with an empty cache, with only the app's layer changed, with everything known; and guarded publishes beside unguarded ones.</summary>
internal sealed class ImageBenchmark
{
    private readonly Dictionary<string, string?> _environment = [];
    private readonly List<(string Name, Measured Result)> _rows = [];
    private readonly int _rounds;

    private ImageBenchmark(int rounds) => _rounds = rounds;

    public static async Task<int> RunAsync(string[] options)
    {
        var rounds = 5;
        var peers = new List<string>();
        string? readme = null;
        for (var i = 0; i + 1 < options.Length; i += 2)
        {
            switch (options[i])
            {
                case "--rounds":
                    rounds = int.Parse(options[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--peer":
                    peers.Add(options[i + 1]);
                    break;
                case "--readme":
                    readme = options[i + 1];
                    break;
                default:
                    await Console.Error.WriteLineAsync($"'{options[i]}' is no option of this benchmark.");
                    return 2;
            }
        }

        await DebianPackages.InstallMissingAsync();
        if (!RegistryServer.IsAvailable || !DebianBaseImage.IsAvailable)
        {
            await Console.Error.WriteLineAsync("The benchmark needs docker-registry, skopeo and mmdebstrap, and root for mmdebstrap.");
            return 3;
        }

        using var products = await PackedProducts.PackAsync();
        await using var image = await ReferenceImage.BuildAsync(products);
        var table = await new ImageBenchmark(rounds).MeasureAsync(products, image, peers);
        Console.Write(table);
        if (readme is not null)
        {
            GeneratedSection.Replace(readme, "benchmark", table);
        }

        return 0;
    }

    private async Task<string> MeasureAsync(PackedProducts products, ReferenceImage image, List<string> peers)
    {
        var cache = Directory.CreateTempSubdirectory("cbg-bench-cache-");
        try
        {
            _environment["XDG_CACHE_HOME"] = cache.FullName;
            string[] Check(string archive) => ["check", archive, "--advisories", Path.Combine(Repository.Root, "samples", "advisories"), "--fail-on", "none"];
            void Forget() => Directory.Delete(Path.Combine(cache.FullName, "containerbuildguard"), recursive: true);

            await RowAsync("floor: inflate and SHA-256", "dotnet", [typeof(Floor).Assembly.Location, "floor", image.First]);
            await RowAsync("`cbg check`, nothing cached", products.Cbg, Check(image.First), after: Forget);
            await RowAsync("`cbg check`, the app's layer changed", products.Cbg, Check(image.Changed),
                before: () => Measured.RunAsync(products.Cbg, Check(image.First), environment: _environment), after: Forget);
            await Measured.RunAsync(products.Cbg, Check(image.First), environment: _environment);
            await RowAsync("`cbg check`, everything cached", products.Cbg, Check(image.First));
            foreach (var words in peers.Select(p => p.Replace("{image}", image.First, StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            {
                await RowAsync($"`{Path.GetFileName(words[0])} {string.Join(' ', words[1..].TakeWhile(w => w != image.First))}`", words[0], words[1..]);
            }

            return Table(image) + await PublishesAsync(image, cache);
        }
        finally
        {
            cache.Delete(recursive: true);
        }
    }

    private async Task RowAsync(string name, string command, string[] arguments, Func<Task>? before = null, Action? after = null)
    {
        var runs = new List<Measured>();
        for (var round = 0; round < _rounds; round++)
        {
            if (before is not null)
            {
                await before();
            }

            var run = await Measured.RunAsync(command, arguments, environment: _environment);
            if (run.ExitCode != 0)
            {
                throw new InvalidOperationException($"{name} ended with {run.ExitCode}: {run.Output}");
            }

            runs.Add(run);
            after?.Invoke();
        }

        _rows.Add((name, Measured.Median(runs)));
    }

    private string Table(ReferenceImage image)
    {
        var floor = _rows[0].Result.Elapsed;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Whole processes, medians of {_rounds} rounds, {Environment.ProcessorCount} cores; the image has {new FileInfo(image.First).Length / 1_000_000} MB (Debian 12 with ICU and OpenSSL, self-contained ASP.NET Core app).\n\n");
        text.Append("| | seconds | of the floor | peak memory |\n|---|---|---|---|\n");
        foreach (var (name, result) in _rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {result.Elapsed.TotalSeconds:0.00} | {result.Elapsed / floor:0.00} | {result.PeakBytes / (1 << 20)} MiB |\n");
        }

        return text.ToString();
    }

    /// <summary>What the guard adds to a publish: warm (only the source changed) and cold (nothing built, nothing cached).</summary>
    private async Task<string> PublishesAsync(ReferenceImage image, DirectoryInfo cache)
    {
        var text = new StringBuilder("\n| `dotnet publish /t:PublishContainer` | without | with the guard | added |\n|---|---|---|---|\n");
        foreach (var cold in (bool[])[false, true])
        {
            // Turn by turn, so that whatever else the machine does meets both.
            var (without, with) = (new List<Measured>(), new List<Measured>());
            for (var round = 0; round < _rounds; round++)
            {
                without.Add(await PublishAsync(image, cache, guarded: false, cold, round));
                with.Add(await PublishAsync(image, cache, guarded: true, cold, round));
            }

            var (plain, guarded) = (Measured.Median(without).Elapsed, Measured.Median(with).Elapsed);
            text.Append(CultureInfo.InvariantCulture, $"| {(cold ? "cold: nothing built, nothing cached" : "warm: one source file changed")} | {plain.TotalSeconds:0.0} s | {guarded.TotalSeconds:0.0} s | {(guarded / plain) - 1:P0} |\n");
        }

        return text.ToString();
    }

    private async Task<Measured> PublishAsync(ReferenceImage image, DirectoryInfo cache, bool guarded, bool cold, int round)
    {
        await image.EditAsync($"{guarded} {cold} {round}");
        if (cold)
        {
            foreach (var folder in (string[])[Path.Combine(image.App, "obj"), Path.Combine(image.App, "bin"), Path.Combine(cache.FullName, "containerbuildguard")])
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        }

        var run = await Measured.RunAsync("dotnet",
            ["publish", image.App, "/t:PublishContainer", "-nodeReuse:false", $"-p:ContainerRegistry={image.Registry}", $"-p:ContainerBuildGuardEnabled={guarded}", $"-p:ContainerBuildGuardAdvisories={Path.Combine(Repository.Root, "samples", "advisories")}"],
            environment: _environment);
        return run.ExitCode == 0 ? run : throw new InvalidOperationException($"publish ended with {run.ExitCode}: {run.Output}");
    }
}
