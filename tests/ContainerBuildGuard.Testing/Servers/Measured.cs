using System.Diagnostics;
using System.Globalization;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>One run of a whole process.</summary>
public sealed record Measured(TimeSpan Elapsed, long PeakBytes, int ExitCode, string Output)
{
    /// <summary>Runs a command to its end; its memory is the high-water mark that the kernel keeps.</summary>
    public static async Task<Measured> RunAsync(string command, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? Environment.CurrentDirectory };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var ended = process.WaitForExitAsync();
        long peak = 0;
        while (!ended.IsCompleted)
        {
            peak = Math.Max(peak, HighWater(process.Id));
            await Task.WhenAny(ended, Task.Delay(5));
        }

        return new Measured(clock.Elapsed, peak, process.ExitCode, await output + await error);
    }

    /// <summary>The run of the middle time, with the most memory of all.</summary>
    public static Measured Median(IReadOnlyList<Measured> runs) => runs.OrderBy(r => r.Elapsed).ElementAt(runs.Count / 2) with { PeakBytes = runs.Max(r => r.PeakBytes) };

    private static long HighWater(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
