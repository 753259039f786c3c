using System.Diagnostics;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>The tool, run as a user runs it: the installed native one where the test run made it, else the built one.</summary>
internal sealed record Cbg(int ExitCode, string Output, string Error)
{
    /// <summary>The words that the tool's arguments follow.</summary>
    public static string[] Command { get; } = Environment.GetEnvironmentVariable("CONTAINERBUILDGUARD_TEST_PRODUCTS") is { Length: > 0 } folder
        ? [Path.Combine(folder, "tool", "cbg")]
        : ["dotnet", Path.Combine(AppContext.BaseDirectory, "cbg.dll")];

    public static Task<Cbg> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string?>(), arguments);

    /// <summary>Runs it with further variables; null takes one away.</summary>
    public static Task<Cbg> RunAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments) => RunAsync(environment, "", arguments);

    /// <summary>Runs it with a text on standard input.</summary>
    public static Task<Cbg> RunWithInputAsync(string input, params string[] arguments) => RunAsync(new Dictionary<string, string?>(), input, arguments);

    /// <summary>Runs it with further variables and a text on standard input.</summary>
    public static Task<Cbg> RunWithInputAsync(IReadOnlyDictionary<string, string?> environment, string input, params string[] arguments) => RunAsync(environment, input, arguments);

    private static async Task<Cbg> RunAsync(IReadOnlyDictionary<string, string?> environment, string input, string[] arguments)
    {
        var start = new ProcessStartInfo(Command[0], [.. Command[1..], .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it.
        }

        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await error);
    }
}
