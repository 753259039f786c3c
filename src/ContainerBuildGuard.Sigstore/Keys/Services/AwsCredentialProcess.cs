using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Credentials that a program of the user's gives (AWS SDKs and Tools Reference Guide, "Process credential provider"). It gets its arguments as they are: no shell reads them.</summary>
internal static class AwsCredentialProcess
{
    private const int MaxCharacters = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <exception cref="KeyException">It cannot be run, or gives no credentials. What it says on its error output may be a secret, and is not repeated.</exception>
    public static async Task<AwsCredentials> RunAsync(AwsContext context, string profile, string command)
    {
        var service = $"The program of the AWS profile '{profile}' (credential_process)";
        if (Split(command, OperatingSystem.IsWindows()) is not [var program, .. var arguments])
        {
            throw new KeyException($"{service} cannot be started: its command has a quotation mark too many, or none at its end.");
        }

        var (code, output) = await StartAsync(new ProcessStartInfo(program, arguments), service, context.CancellationToken).ConfigureAwait(false);
        if (code != 0)
        {
            throw new KeyException(string.Create(CultureInfo.InvariantCulture, $"{service} ended with {code}: run it by hand to see why."));
        }

        var answer = KeyServiceCall.Parse(Encoding.UTF8.GetBytes(output), service);
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("Version", out var version) || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number) || number != 1)
        {
            throw new KeyException($"{service} answered in another version than 1.");
        }

        if (answer.TryGetProperty("Expiration", out _) && !(DateTimeOffset.TryParse(answer.Text(service, "Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) && end > DateTimeOffset.UtcNow))
        {
            throw new KeyException($"{service} gave credentials that have expired.");
        }

        return new AwsCredentials(answer.Text(service, "AccessKeyId"), answer.Text(service, "SecretAccessKey"), answer.TryGetProperty("SessionToken", out _) ? answer.Text(service, "SessionToken") : null);
    }

    /// <summary>A command's words: parted by white space, together in quotation marks. A backslash means the next character, save where it parts folders. Empty where a quotation is not ended.</summary>
    internal static string[] Split(string command, bool windows)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (!windows && c == '\\' && quote != '\'' && i + 1 < command.Length && (quote == '\0' || command[i + 1] is '"' or '\\'))
            {
                (word ??= new StringBuilder()).Append(command[++i]);
            }
            else if (quote != '\0' ? c == quote : c == '"' || (c == '\'' && !windows))
            {
                word ??= new StringBuilder();
                quote = quote == '\0' ? c : '\0';
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                words.AddRange(word is null ? [] : [word.ToString()]);
                word = null;
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        return quote == '\0' ? [.. words, .. word is null ? (string[])[] : [word.ToString()]] : [];
    }

    private static async Task<(int ExitCode, string Output)> StartAsync(ProcessStartInfo start, string service, CancellationToken cancellationToken)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError, start.CreateNoWindow) = (true, true, true, true);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new KeyException($"{service} cannot be started: '{start.FileName}' is no program here.", e);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            process.StandardInput.Close();
            var error = process.StandardError.BaseStream.CopyToAsync(Stream.Null, limit.Token);
            var output = await ReadAsync(process.StandardOutput, service, limit.Token).ConfigureAwait(false);
            await error.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, output);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KeyException($"{service} did not answer within {Patience.TotalSeconds:0} seconds.", e);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, string service, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxCharacters + 1];
        var count = await reader.ReadBlockAsync(buffer, cancellationToken).ConfigureAwait(false);
        return count <= MaxCharacters ? new string(buffer, 0, count) : throw new KeyException($"{service} answered more than {MaxCharacters} characters.");
    }
}
