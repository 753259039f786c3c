using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg run-check</c></summary>
internal static class RunCheckCommand
{
    public static Command Create()
    {
        var command = new TeachingCommand(
            "run-check",
            "Verify an image before it is run, by the same options and trust rules as `cbg verify`, and print nothing but its name with the verified digest.",
            "docker run \"$(cbg run-check registry.example.com/app:1.0)\"",
            "image=$(cbg run-check registry.example.com/app:1.0 --policy containerbuildguard.yaml) || exit 1")
        {
            SigningSettings.Image, SharedOptions.Policy,
        };
        command.AddTrust();
        command.SetAction((parsed, cancellationToken) => SigningSettings.GuardedAsync(async () =>
        {
            var image = parsed.GetRequiredValue(SigningSettings.Image);
            var name = parsed.GetValue(VerificationSettings.Bundle) is null ? VerificationSettings.Repository(ImageReference.Parse(image)) : image;
            var verification = (await parsed.VerifyAsync(image, name, cancellationToken))?.Verification;
            IEnumerable<string> errors = verification is null ? [$"error {ContentTrustRules.NoTrustRule.Code}: {VerificationSettings.NotCovered(name)}"]
                : verification.SkippedBy is { } statement ? [$"error {ContentTrustRules.NoTrustRule.Code}: {name} is not verified: the statement '{statement}' of the trust policy says not to look."]
                : VerificationOutput.Errors(verification);
            foreach (var line in errors)
            {
                await Console.Error.WriteLineAsync(Printable.OneLine(line));
            }

            if (verification is not { Verified: true })
            {
                return ExitCode.Refused;
            }

            await ResultOutput.WriteAsync($"{name}@{verification.Digest}\n", null, cancellationToken);
            return ExitCode.Passed;
        }));
        return command;
    }
}
