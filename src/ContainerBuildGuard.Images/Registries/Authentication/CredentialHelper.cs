using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>Asks <c>docker-credential-NAME get</c> for a credential: the server's address on standard input, JSON on standard output.</summary>
internal static class CredentialHelper
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The credential, or why there is none; neither where the helper knows none.</summary>
    public static async Task<(RegistryCredential? Credential, string? Problem)> GetAsync(string helper, string key, Func<string, string?> environment, CancellationToken cancellationToken)
    {
        var command = $"docker-credential-{helper}";
        if (helper.AsSpan().ContainsAny('/', '\\'))
        {
            return (null, $"the credential helper '{helper}' is not a plain name; correct credsStore or credHelpers");
        }

        // By the search path of the environment that was given, so that a store is all of one environment.
        var answer = await ProcessCall.RunAsync(ProcessCall.Find(command, environment) ?? command, ["get"], input => input.WriteAsync(Encoding.UTF8.GetBytes(key), cancellationToken).AsTask(), Patience, cancellationToken).ConfigureAwait(false);
        switch (answer)
        {
            case null:
                return (null, $"the credential helper {command} is not installed");
            case { ExitCode: 0 }:
                return Read(answer.Value.Output, command);
            default:
                // Standard output holds the helper's reason; it is not repeated, for nobody vouches that no secret is in it.
                return answer.Value.Output.Contains("credentials not found", StringComparison.OrdinalIgnoreCase)
                    ? (null, null)
                    : (null, $"the credential helper {command} ended with {answer.Value.ExitCode} for {key}; run it by hand");
        }
    }

    private static (RegistryCredential? Credential, string? Problem) Read(string output, string command)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            return document.RootElement.Text("Secret") is { Length: > 0 } secret
                ? (new RegistryCredential(document.RootElement.Text("Username") ?? "", secret), null)
                : (null, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, $"the credential helper {command} answers with something other than JSON");
        }
    }
}
