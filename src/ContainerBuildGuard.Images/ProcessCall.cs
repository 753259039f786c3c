using System.ComponentModel;
using System.Diagnostics;

namespace ContainerBuildGuard.Images;

/// <summary>Runs a command to its end with a bound on time and output, without a shell.</summary>
public static class ProcessCall
{
    private const int MaxOutputCharacters = 1 << 20;

    /// <summary>The command's file by the search path of the environment that is given; null where no folder of it has one.</summary>
    public static string? Find(string command, Func<string, string?> environment)
    {
        var folders = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] names = OperatingSystem.IsWindows() ? [$"{command}.exe", $"{command}.cmd"] : [command];
        return folders.SelectMany(f => names.Select(n => Path.Combine(f, n))).FirstOrDefault(File.Exists);
    }

    /// <summary>Runs <paramref name="command"/>; null where there is no such command.</summary>
    /// <param name="command">The program, or its file.</param>
    /// <param name="arguments">Its arguments, each as it is.</param>
    /// <param name="input">Writes its standard input; null where it has none.</param>
    /// <param name="timeout">After how long it is ended.</param>
    /// <param name="cancellationToken">Cancels, and ends it.</param>
    /// <exception cref="ImageException">It took longer than that.</exception>
    public static async Task<(int ExitCode, string Output, string Error)?> RunAsync(
        string command, IEnumerable<string> arguments, Func<Stream, Task>? input, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            var output = ReadAsync(process.StandardOutput, limit.Token);
            var error = ReadAsync(process.StandardError, limit.Token);
            try
            {
                if (input is not null)
                {
                    await input(process.StandardInput.BaseStream).ConfigureAwait(false);
                }

                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // The process ended before it had read everything; its exit code and its error text say why.
            }

            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ImageException(ImageError.Unreachable, $"'{command}' did not answer within {timeout.TotalSeconds:0} seconds: check that it works by hand.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (text.Length < MaxOutputCharacters)
            {
                text.Append(buffer, 0, count);
            }
        }

        return text.ToString();
    }
}
