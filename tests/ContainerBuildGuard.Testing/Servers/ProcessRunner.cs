using System.Diagnostics;
using System.Text;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>What a process printed (both streams, in order of arrival) and how it ended.</summary>
public sealed record ProcessResult(int ExitCode, string Output);

/// <summary>Runs commands to their end, with a bound on time; the whole tree is killed past it.</summary>
public static class ProcessRunner
{
    public static async Task<ProcessResult> RunAsync(string command, IEnumerable<string> arguments, string? folder = null, TimeSpan? timeout = null, bool echo = false, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var process = new Process { StartInfo = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false } };
        process.StartInfo.WorkingDirectory = folder ?? Environment.CurrentDirectory;
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            process.StartInfo.Environment[name] = value;
        }

        var output = new StringBuilder();
        void Add(object sender, DataReceivedEventArgs e)
        {
            if (e.Data is { } line)
            {
                lock (output)
                {
                    output.AppendLine(line);
                }

                if (echo)
                {
                    Console.WriteLine(line);
                }
            }
        }

        process.OutputDataReceived += Add;
        process.ErrorDataReceived += Add;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(timeout ?? TimeSpan.FromMinutes(10));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return new ProcessResult(process.ExitCode, output.ToString());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return new ProcessResult(-1, $"{output}\n{command} did not end in time.");
        }
    }

    /// <summary>Runs a command that must succeed.</summary>
    public static async Task<string> MustAsync(string command, params string[] arguments)
    {
        var result = await RunAsync(command, arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Output}");
    }

    /// <summary>Whether a command is on the path.</summary>
    public static bool Exists(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, command)));
}
