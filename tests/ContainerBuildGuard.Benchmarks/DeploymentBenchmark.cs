using System.Diagnostics;
using System.Globalization;
using System.Text;
using ContainerBuildGuard.HardenedConfiguration.Deployments;
using ContainerBuildGuard.Testing.Servers;
using YamlDotNet.Core;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>
/// How many Kubernetes documents a second are judged by every rule, beside YamlDotNet reading the same text and doing nothing; and one Compose file as a whole process,
/// beside the same program saying its version.
/// </summary>
internal static class DeploymentBenchmark
{
    private const int Documents = 2000;
    private const int Rounds = 9;
    private static readonly string Projects = Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Core.Tests", "HardenedConfiguration", "Deployments", "Projects");

    public static async Task<int> RunAsync(string? cbg)
    {
        var (text, documents) = Stream();
        var request = new DeploymentAuditRequest { Paths = ["-"], StandardInput = text };
        var floor = Best(() => Parse(text));
        var whole = Best(() =>
        {
            var audit = DeploymentAudit.Run(request, CancellationToken.None);
            return audit.Documents == documents && audit.Unread == 0 ? audit.Findings.Length : throw new InvalidOperationException($"{audit.Documents} of {documents} documents were read.");
        });
        Print($"{documents} Kubernetes documents, {text.Length >> 10} KiB: {documents / whole:F0} a second; YamlDotNet alone {documents / floor:F0}; {whole / floor:F1} times the floor");

        using var products = cbg is null ? await PackedProducts.PackAsync() : null;
        var tool = cbg ?? products!.Cbg;
        var (audit, version) = (new List<Measured>(), new List<Measured>());
        for (var i = 0; i < Rounds; i++)
        {
            audit.Add(await Measured.RunAsync(tool, ["audit", "deployment", Path.Combine(Projects, "nextcloud.compose.yaml")]));
            version.Add(await Measured.RunAsync(tool, ["--version"]));
        }

        if (audit.Find(r => r.ExitCode != 0) is { } failed)
        {
            await Console.Error.WriteLineAsync($"cbg ended with {failed.ExitCode}: {failed.Output}");
            return 3;
        }

        Print($"one Compose file as a process: median {Measured.Median(audit).Elapsed.TotalMilliseconds:F0} ms, {Measured.Median(audit).PeakBytes >> 20} MiB; cbg --version {Measured.Median(version).Elapsed.TotalMilliseconds:F0} ms");
        return 0;
    }

    /// <summary>Rendered charts after each other until there are enough documents.</summary>
    private static (string Text, int Documents) Stream()
    {
        string[] charts = [.. new[] { "ingress-controller.helm.yaml", "certificates.kustomize.yaml", "node-exporter.helm.yaml" }.Select(f => File.ReadAllText(Path.Combine(Projects, f)))];
        var text = new StringBuilder();
        var documents = 0;
        for (var i = 0; documents < Documents; i++)
        {
            text.Append("---\n").Append(charts[i % charts.Length]).Append('\n');
            documents += charts[i % charts.Length].Split('\n').Count(l => l.StartsWith("kind:", StringComparison.Ordinal));
        }

        return (text.ToString(), documents);
    }

    private static int Parse(string text)
    {
        var (parser, events) = (new Parser(new StringReader(text)), 0);
        while (parser.MoveNext())
        {
            events++;
        }

        return events;
    }

    /// <summary>Seconds of the best round: on a machine that others use the best is the nearest to the truth.</summary>
    private static double Best(Func<int> work)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static void Print(FormattableString row) => Console.WriteLine(row.ToString(CultureInfo.InvariantCulture));
}
