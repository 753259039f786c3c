using System.CommandLine;
using System.Diagnostics;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg audit host</c></summary>
internal static class AuditHostCommand
{
    public static Command Create()
    {
        var format = SharedOptions.Format("table", "json");
        var command = new TeachingCommand(
            "host",
            "Audit this machine: Docker, SSH, kernel parameters, registry credentials, installed .NET. Reads only, runs nothing; as root it can read more. A rule that cannot be read is \"not checked\" and, when nothing is refused, exit code 3.",
            "cbg audit host", "sudo cbg audit host --fail-on medium", "cbg audit host --format json --output host.json")
        {
            format, SharedOptions.Output, SharedOptions.FailOn,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, parsed.GetRequiredValue(format), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string format, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var audit = await HostAudit.RunAsync(new LocalHostProbe(), TimeProvider.System, cancellationToken);
        var refusing = audit.Findings.Where(f => parsed.Refuses(f.Severity)).ToArray();
        var result = new GuardResult
        {
            Reference = "host",
            Verdict = refusing.Length > 0 ? Verdict.Refused : Verdict.Passed,
            Controls = [Control.HostSecurity],
            Findings = [.. audit.Findings.OrderByDescending(f => f.Severity)],
            Refusing = [.. refusing],
            Checks = audit.Checks,
            Elapsed = clock.Elapsed,
        };

        var file = parsed.GetValue(SharedOptions.Output);
        await ResultOutput.WriteAsync(format == "json" ? AuditJson.Write(result) : AuditTable.Write(result, ResultOutput.UsesColour(file)), file, cancellationToken);
        if (result.Verdict == Verdict.Refused)
        {
            return ExitCode.Refused;
        }

        var unread = result.Checks.Where(c => c.Outcome == AuditOutcome.NotChecked).ToArray();
        foreach (var check in unread)
        {
            await Console.Error.WriteLineAsync($"{check.Rule.Code} was not checked: {check.Reason}");
        }

        return unread.Length > 0 ? ExitCode.Unfinished : ExitCode.Passed;
    }
}
