namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary>
/// The command line that the conformance suite of Sigstore speaks with clients (sigstore-conformance, docs/cli_protocol.md).
/// Exit code 0: done. 1: refused, or failed, with one sentence on standard error. 2: not the protocol.
/// </summary>
public static class Protocol
{
    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter error)
    {
        try
        {
            switch (args)
            {
                case ["verify-bundle", .. var options]:
                    return Report(VerifyBundle.Run(Arguments.Parse(options)), error);
                case ["sign-bundle", .. var options]:
                    await SignBundle.RunAsync(Arguments.Parse(options));
                    return 0;
                default:
                    await error.WriteLineAsync("Use: sign-bundle [--staging] [--in-toto] --identity-token TOKEN --bundle FILE [--trusted-root FILE] [--signing-config FILE] FILE");
                    await error.WriteLineAsync("     verify-bundle [--staging] --bundle FILE (--certificate-identity ID --certificate-oidc-issuer URL | --key FILE) [--trusted-root FILE] FILE_OR_DIGEST");
                    return 2;
            }
        }
        catch (Exception e) when (e is SigstoreException or KeyException or IOException or UnauthorizedAccessException)
        {
            return Report(e.Message, error);
        }
        catch (ArgumentException e)
        {
            await error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static int Report(string? reason, TextWriter error)
    {
        if (reason is null)
        {
            return 0;
        }

        error.WriteLine($"Refused: {reason.TrimEnd('.')}.");
        return 1;
    }
}
