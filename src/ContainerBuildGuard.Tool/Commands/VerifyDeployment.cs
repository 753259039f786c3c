using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Deploying;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration.Deployments;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg verify --deployment</c></summary>
internal static class VerifyDeployment
{
    public static async Task<int> RunAsync(ParseResult parsed, string[] files, bool pin, bool json, CancellationToken cancellationToken)
    {
        var request = new DeploymentAuditRequest { Paths = [.. files], StandardInput = files.Contains("-") ? await Console.In.ReadToEndAsync(cancellationToken) : "" };
        var result = await DeploymentVerification.RunAsync(request, (name, token) => VerifyAsync(parsed, name, token), pin, cancellationToken);
        await ResultOutput.WriteAsync(json ? DeploymentOutput.Json(result) : DeploymentOutput.Table(result), parsed.GetValue(SharedOptions.Output), cancellationToken);
        foreach (var line in DeploymentOutput.Errors(result))
        {
            await Console.Error.WriteLineAsync(Printable.OneLine(line));
        }

        return result.Documents == 0 ? ExitCode.Usage
            : result.IsRefused ? ExitCode.Refused
            : result.IsComplete && result.ByHand.IsEmpty ? ExitCode.Passed
            : ExitCode.Unfinished;
    }

    private static async Task<ImageVerification> VerifyAsync(ParseResult parsed, string image, CancellationToken cancellationToken)
    {
        var name = VerificationSettings.Repository(ImageReference.Parse(image));
        return await parsed.VerifyAsync(image, name, cancellationToken) is var (verification, _)
            ? verification
            : throw new GuardException(ContentTrustRules.NoTrustRule.Code, GuardFailure.Input, VerificationSettings.NotCovered(name));
    }
}
