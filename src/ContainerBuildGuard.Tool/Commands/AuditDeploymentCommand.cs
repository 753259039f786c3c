using System.CommandLine;
using System.Diagnostics;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration.Deployments;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg audit deployment</c></summary>
internal static class AuditDeploymentCommand
{
    private static readonly Argument<string[]> Paths = new("FILE|FOLDER|-") { Description = "Kubernetes manifests, Compose files, Podman quadlets, Aspire manifests, folders of them, or - for standard input.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> Profile = new("--profile") { Description = "Judge by the Kubernetes Pod Security Standards alone: pss-baseline or pss-restricted.", HelpName = "PROFILE" };
    private static readonly Option<string> Version = new("--pss-version") { Description = "The version of Kubernetes whose standards count: 1.31, or latest.", DefaultValueFactory = _ => "latest", HelpName = "VERSION" };
    private static readonly Option<bool> Fix = new("--fix") { Description = "Make the edits that are safe in the files themselves, then judge what is left." };
    private static readonly Option<bool> Merge = new("--merge") { Description = "Lay the Compose files over each other in this order, as `docker compose -f A -f B` does." };
    private static readonly Option<string[]> EnvironmentFiles = new("--env-file") { Description = "Variables for Compose files; the .env beside them by default.", HelpName = "FILE" };
    private static readonly Option<string[]> ComposeProfiles = new("--compose-profile") { Description = "Only the Compose services of this profile and of none; all by default.", HelpName = "NAME" };

    public static Command Create()
    {
        var command = new TeachingCommand(
            "deployment",
            "Audit what containers are deployed with: Compose, Swarm, Kubernetes, quadlets, Aspire. What could not be read is said, and never exit code 0.",
            "cbg audit deployment compose.yaml", "helm template chart/ | cbg audit deployment -", "cbg audit deployment k8s/ --profile pss-restricted", "cbg audit deployment compose.yaml --fix")
        {
            Paths, Profile, Version, Fix, Merge, EnvironmentFiles, ComposeProfiles, SharedOptions.Policy, SharedOptions.FailOnOrPolicy, SharedOptions.ReportFormat, SharedOptions.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var request = await RequestAsync(parsed, cancellationToken);
        if (parsed.GetValue(Fix))
        {
            foreach (var file in DeploymentFix.Apply(request, cancellationToken))
            {
                await Console.Error.WriteLineAsync(Printable.OneLine($"fixed {file.Path}: {file.Edits} edits"));
            }
        }

        var audit = DeploymentAudit.Run(request, cancellationToken);
        var judged = DeploymentVerdict.Judge(audit, request, parsed.LoadPolicy(), TimeProvider.System) with
        {
            Reference = string.Join(' ', request.Paths.Select(p => p == "-" ? "standard input" : p)),
            Elapsed = clock.Elapsed,
        };
        await ResultOutput.WriteReportAsync(judged, parsed, cancellationToken);
        return audit.Documents == 0 ? ExitCode.Usage
            : judged.Refusing.Any(f => f.Code != DeploymentVerdict.UnreadCode) ? ExitCode.Refused
            : audit.Unread > 0 ? ExitCode.Unfinished
            : ExitCode.Passed;
    }

    private static async Task<DeploymentAuditRequest> RequestAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var paths = parsed.GetRequiredValue(Paths);
        var minor = PodSecurityProfile.ParseMinor(parsed.GetRequiredValue(Version))
            ?? throw new GuardException("CBG9009", GuardFailure.Input, $"--pss-version is '{parsed.GetRequiredValue(Version)}': write it as 1.31, or latest.");
        return new DeploymentAuditRequest
        {
            Paths = [.. paths],
            StandardInput = paths.Contains("-") ? await ReadInputAsync(cancellationToken) : "",
            Profile = parsed.GetValue(Profile) switch
            {
                null => null,
                "pss-baseline" => new PodSecurityProfile(PodSecurityLevel.Baseline, minor),
                "pss-restricted" => new PodSecurityProfile(PodSecurityLevel.Restricted, minor),
                var other => throw new GuardException("CBG9009", GuardFailure.Input, $"'{other}' is no profile: use pss-baseline or pss-restricted."),
            },
            MergeCompose = parsed.GetValue(Merge),
            Compose = new ComposeOptions { EnvironmentFiles = [.. parsed.GetValue(EnvironmentFiles) ?? []], Profiles = [.. parsed.GetValue(ComposeProfiles) ?? []] },
        };
    }

    /// <summary>Standard input, to just past what the audit takes: it then says that it is too long.</summary>
    private static async Task<string> ReadInputAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[1 << 16];
        while (text.Length <= DeploymentAudit.MostCharacters && await Console.In.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            text.Append(buffer, 0, count);
        }

        return text.ToString();
    }
}
