using System.Diagnostics;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>The built tool, run as a user runs it.</summary>
internal sealed record Cbg(int ExitCode, string Output, string Error)
{
    public static async Task<Cbg> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "cbg.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }
}
