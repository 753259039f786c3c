using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Tool.Output;

/// <summary>Where a result goes: standard output, or a file that is there whole or not at all.</summary>
internal static class ResultOutput
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Colour is for a person at a terminal who has not declined it.</summary>
    public static bool UsesColour(string? file) =>
        file is null && !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

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
