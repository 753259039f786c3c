namespace ContainerBuildGuard.Testing.Servers;

/// <summary>What a process printed (both streams, in order of arrival) and how it ended.</summary>
public sealed record ProcessResult(int ExitCode, string Output);

/// <summary>Runs commands to their end, with a bound on time; the whole tree is killed past it.</summary>
public static class ProcessRunner
{
    public static async Task<ProcessResult> RunAsync(string command, IEnumerable<string> arguments, string? folder = null, TimeSpan? timeout = null, bool echo = false, IReadOnlyDictionary<string, string?>? environment = null)
    {
        using var running = new RunningProcess(command, arguments, folder, echo, environment);
        using var limit = new CancellationTokenSource(timeout ?? TimeSpan.FromMinutes(10));
        try
        {
            return new ProcessResult(await running.Ended.WaitAsync(limit.Token), running.Output);
        }
        catch (OperationCanceledException)
        {
            running.Kill();
            return new ProcessResult(-1, $"{running.Output}\n{command} did not end in time.");
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
