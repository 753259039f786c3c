using System.CommandLine;
using ContainerBuildGuard.Deploying;
using ContainerBuildGuard.HardenedConfiguration.Containers;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg audit containers</c></summary>
internal static class AuditContainersCommand
{
    private static readonly Option<string?> Host = new("--host", "-H") { Description = "The engine's API: unix:///path or tcp://host:port. DOCKER_HOST, the current context or the usual sockets by default.", HelpName = "ADDRESS" };
    private static readonly Option<bool> Watch = new("--watch") { Description = "Then judge each new container as soon as it is created or started, until Ctrl+C." };
    private static readonly Option<bool> Offline = new("--offline") { Description = "Ask no registry whether images are signed as the policy asks; the rule is then not checked." };

    public static Command Create()
    {
        var command = new TeachingCommand(
            "containers",
            "Audit the containers of Docker or Podman, stopped ones included: rights, mounts, ports, limits, credentials, drift, and signatures where the policy has trust rules. Changes nothing.",
            "cbg audit containers", "cbg audit containers --host unix:///run/podman/podman.sock --format json", "cbg audit containers --watch")
        {
            Host, Watch, Offline, SharedOptions.Policy, SharedOptions.FailOnOrPolicy, SharedOptions.ReportFormat, SharedOptions.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var endpoint = EngineAddress.Find(parsed.GetValue(Host));
        var policy = parsed.LoadPolicy();
        using var trust = RunningImageTrust.Of(policy, parsed.GetValue(Offline));
        Func<string, CancellationToken, Task<ImageTrust>>? ask = trust is null ? null : trust.AskAsync;
        if (!parsed.GetValue(Watch))
        {
            var result = await ContainerAudit.RunAsync(endpoint, policy, ask, TimeProvider.System, cancellationToken);
            await ResultOutput.WriteReportAsync(result, parsed, cancellationToken);
            return Code(result);
        }

        int? exitCode = null;
        try
        {
            await foreach (var one in ContainerAudit.WatchAsync(endpoint, policy, ask, TimeProvider.System, cancellationToken))
            {
                await ResultOutput.WriteReportAsync(one, parsed, cancellationToken);
                exitCode = Code(one) == ExitCode.Refused ? ExitCode.Refused : exitCode ?? Code(one);
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C is how a watch ends.
        }

        return exitCode ?? ExitCode.Unfinished;
    }

    private static int Code(GuardResult result) => result.Verdict == Verdict.Refused ? ExitCode.Refused
        : result.Checks.Any(c => c.Outcome == AuditOutcome.NotChecked) ? ExitCode.Unfinished
        : ExitCode.Passed;
}
