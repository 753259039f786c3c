using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg verify</c></summary>
internal static class VerifyCommand
{
    private static readonly Argument<string?> Image = new("IMAGE") { Description = SigningSettings.Image.Description, Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string[]> Deployment = new("--deployment") { Description = "Verify every image that these Compose files, Kubernetes manifests, quadlets and folders of them name.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<bool> Pin = new("--pin") { Description = "With --deployment: write the digests of what verified behind the images' names; all else in the files stays as it is." };
    private static readonly Option<string> OutputFormat = SharedOptions.Format("table", "json");

    public static Command Create()
    {
        var command = new TeachingCommand(
            "verify",
            "Verify that an image is signed by whom the policy or the options trust. Prints the digest that was verified: use the image by that digest.",
            "cbg verify registry.example.com/app:1.0 --key cbg.pub",
            "cbg verify registry.example.com/app:1.0 --certificate-identity https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main --certificate-oidc-issuer https://token.actions.githubusercontent.com",
            "cbg verify registry.example.com/app:1.0 --policy containerbuildguard.yaml --format json",
            "cbg verify mcr.example.com/dotnet/aspnet:10.0 --notation --notation-trust-policy trustpolicy.json --notation-trust-store trust-store",
            "cbg verify registry.example.com/app:1.0 --dct --dct-server https://notary.example.com",
            "cbg verify --deployment compose.yaml k8s/ --pin",
            "cbg verify app.tar --bundle app.tar.sigstore.json --key cbg.pub")
        {
            Image, Deployment, Pin, SharedOptions.Policy, OutputFormat, SharedOptions.Output,
        };
        command.AddTrust();
        command.SetAction((parsed, cancellationToken) => SigningSettings.GuardedAsync(() => (parsed.GetValue(Image), parsed.GetValue(Deployment)) switch
        {
            ({ } image, null or []) when !parsed.GetValue(Pin) => OneAsync(parsed, image, cancellationToken),
            (null, { Length: > 0 } files) when parsed.GetValue(VerificationSettings.Bundle) is null => VerifyDeployment.RunAsync(parsed, files, parsed.GetValue(Pin), parsed.GetRequiredValue(OutputFormat) == "json", cancellationToken),
            _ => throw new GuardException("CBG9009", GuardFailure.Input, "Name either an IMAGE, or --deployment with files; --pin goes with the latter, --bundle with the former."),
        }));
        return command;
    }

    private static async Task<int> OneAsync(ParseResult parsed, string image, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(VerificationSettings.Bundle) is null ? VerificationSettings.Repository(ImageReference.Parse(image)) : image;
        if (await parsed.VerifyAsync(image, name, cancellationToken) is not var (verification, note))
        {
            await Console.Error.WriteLineAsync(Printable.OneLine($"error {ContentTrustRules.NoTrustRule.Code}: {VerificationSettings.NotCovered(name)}"));
            return ExitCode.Refused;
        }

        var text = parsed.GetRequiredValue(OutputFormat) == "json" ? VerificationOutput.Json(verification, note) : VerificationOutput.Table(verification, note, name);
        await ResultOutput.WriteAsync(text, parsed.GetValue(SharedOptions.Output), cancellationToken);
        foreach (var line in VerificationOutput.Errors(verification))
        {
            await Console.Error.WriteLineAsync(Printable.OneLine(line));
        }

        return verification.Failures.IsEmpty ? ExitCode.Passed : ExitCode.Refused;
    }
}
