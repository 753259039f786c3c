using System.CommandLine;
using System.Diagnostics;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.HostSecurity.Facts;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg audit host</c></summary>
internal static class AuditHostCommand
{
    private static readonly Option<string?> Profile = new("--profile") { Description = $"Which checks are asked: {string.Join(", ", HostProfiles.Names)}. Wins over the policy; all by default.", HelpName = "PROFILE" };
    private static readonly Option<string?> Root = new("--root") { Description = "Audit the files of a mounted image or chroot instead of this machine.", HelpName = "DIR" };
    private static readonly Option<string?> WriteFacts = new("--facts") { Description = "Also write what was read of the host, to be judged elsewhere with --from; it holds no secret.", HelpName = "FILE" };
    private static readonly Option<string?> From = new("--from") { Description = "Judge facts that --facts wrote instead of this machine.", HelpName = "FILE" };
    private static readonly Option<string?> Compare = new("--compare") { Description = "Say what is new, fixed and worse since an earlier JSON report.", HelpName = "FILE" };
    private static readonly Option<string?> Fix = new("--fix-script") { Description = "Write the remedies as a shell script to be reviewed; it is never run.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new TeachingCommand(
            "host",
            "Audit this machine: container engines, kernel, SSH, accounts, packages, .NET, NuGet, credentials, build agent. Reads only, runs nothing; as root it can read more. What cannot be read is \"not checked\", never passed.",
            "cbg audit host", "sudo cbg audit host --profile build-agent --fail-on medium", "cbg audit host --format json --output host.json", "cbg audit host --root /mnt/image", "cbg audit host --compare host.json --fix-script fix.sh")
        {
            SharedOptions.ReportFormat, SharedOptions.Output, SharedOptions.FailOnOrPolicy, SharedOptions.Policy, Profile, Root, WriteFacts, From, Compare, Fix,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var policy = parsed.LoadPolicy();
        var facts = await FactsAsync(parsed, cancellationToken);
        if (parsed.GetValue(WriteFacts) is { } factsFile)
        {
            await ResultOutput.WriteAsync(HostFactsFile.Write(facts), factsFile, cancellationToken);
        }

        var report = HostReport.Of(facts, policy, ProfileOf(parsed, policy), TimeProvider.System, clock.Elapsed);
        var comparison = parsed.GetValue(Compare) is { } earlier ? HostComparison.With(earlier, report.Result.Findings, report.Result.Checks) : null;
        if (parsed.GetValue(Fix) is { } script)
        {
            await ResultOutput.WriteAsync(FixScript.Write(report.Result.Findings, TimeProvider.System.GetUtcNow()), script, cancellationToken);
        }

        await WriteAsync(parsed, report, comparison, cancellationToken);
        return ExitCodeOf(report.Result);
    }

    private static async Task<HostFacts> FactsAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (root, from) = (parsed.GetValue(Root), parsed.GetValue(From));
        if (root is not null && from is not null)
        {
            throw Wrong("--root and --from name two different hosts: give one of them.");
        }

        if (root is not null && !Directory.Exists(root))
        {
            throw Wrong($"'{root}' is not a folder: give --root the folder in which the image is mounted.");
        }

        return from is not null ? HostFactsFile.Read(from)
            : await HostCollector.CollectAsync(root is null ? new LocalHostProbe() : new RootedHostProbe(root), TimeProvider.System, cancellationToken);
    }

    private static HostProfile ProfileOf(ParseResult parsed, Policy policy)
    {
        var name = parsed.GetValue(Profile) ?? policy.HostProfile ?? "all";
        return HostProfiles.TryParse(name, out var profile) ? profile : throw Wrong($"'{name}' is no profile: use one of {string.Join(", ", HostProfiles.Names)}.");
    }

    private static async Task WriteAsync(ParseResult parsed, HostReport report, HostComparison? comparison, CancellationToken cancellationToken)
    {
        var file = parsed.GetValue(SharedOptions.Output);
        switch (parsed.GetRequiredValue(SharedOptions.ReportFormat))
        {
            case "json":
                await ResultOutput.WriteAsync(AuditJson.Write(report, comparison), file, cancellationToken);
                break;
            case "table":
                await ResultOutput.WriteAsync(AuditTable.Write(report.Result, ResultOutput.UsesColour(file), AuditTable.Trend(report, comparison)), file, cancellationToken);
                break;
            default:
                await ResultOutput.WriteReportAsync(report.Result, parsed, cancellationToken);
                break;
        }
    }

    /// <summary>An audit that could look at nothing has not finished; a single gap is told in the report and leaves the rest standing.</summary>
    private static int ExitCodeOf(GuardResult result) =>
        result.Verdict == Verdict.Refused ? ExitCode.Refused
        : result.Checks.All(c => c.Outcome is AuditOutcome.NotChecked or AuditOutcome.NotApplicable) ? ExitCode.Unfinished
        : ExitCode.Passed;

    private static GuardException Wrong(string message) => new("CBG9009", GuardFailure.Input, message);
}
