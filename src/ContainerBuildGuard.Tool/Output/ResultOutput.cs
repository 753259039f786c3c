using System.CommandLine;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Tool.Output;

/// <summary>Where a result goes: standard output, or a file that is there whole or not at all.</summary>
internal static class ResultOutput
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Colour is for a person at a terminal who has not declined it.</summary>
    public static bool UsesColour(string? file) =>
        file is null && !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Writes a result in the format that was asked for.</summary>
    public static async Task WriteReportAsync(GuardResult result, ParseResult parsed, CancellationToken cancellationToken)
    {
        var file = parsed.GetValue(SharedOptions.Output);
        using var buffer = new MemoryStream();
        var context = new ReportContext(TimeProvider.System.GetUtcNow(), UsesColour(file), parsed.GetValue(SharedOptions.Timings));
        await ReportWriters.Find(parsed.GetRequiredValue(SharedOptions.ReportFormat))!.WriteAsync(result, context, buffer, cancellationToken);
        await WriteAsync(Utf8.GetString(buffer.ToArray()), file, cancellationToken);
    }

    public static async Task WriteAsync(string text, string? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(Utf8.GetBytes(text), cancellationToken);
            return;
        }

        var beside = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllTextAsync(beside, text, Utf8, cancellationToken);
            File.Move(beside, file, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GuardException("CBG9012", GuardFailure.Environment, $"'{file}' cannot be written: {exception.Message.TrimEnd('.')}. Give --output a file in a folder that exists and can be written.", exception);
        }
        finally
        {
            if (File.Exists(beside))
            {
                File.Delete(beside);
            }
        }
    }
}
