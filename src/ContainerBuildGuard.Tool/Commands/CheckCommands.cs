using System.CommandLine;
using System.Collections.Immutable;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.SecretsManagement;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg check | lint | scan | secrets</c>: the image controls, together or one at a time.</summary>
internal static class CheckCommands
{
    public static Command Check() => Create("check", "Check an image by every image control at once: what a guarded publish runs.",
        [Control.HardenedConfiguration, Control.SecretsManagement, Control.ContentSecurity],
        "cbg check registry.example.com/app:1.0", "cbg check app.tar --format sarif --output app.sarif");

    public static Command Lint() => Create("lint", "Check an image's configuration and files: user, ports, setuid files, development leftovers…",
        [Control.HardenedConfiguration], "cbg lint oci-archive:app.tar");

    public static Command Scan() => Create("scan", "Find vulnerable and end-of-life packages of an image, or of a bill of materials (CycloneDX or SPDX in JSON).",
        [Control.ContentSecurity], "cbg scan docker-daemon:app:latest --advisories osv/", "cbg scan sbom.cdx.json --require-fresh", "cbg scan app.tar --fix-plan");

    public static Command Secrets() => Create("secrets", "Find embedded secrets in an image, a folder or a file.",
        [Control.SecretsManagement], "cbg secrets bin/Release/net10.0/publish", "cbg secrets registry.example.com/app:1.0 --fail-on low");

    private static Option<string?> Baseline { get; } = new("--baseline") { Description = "A baseline of known secrets: they are reported and do not refuse. Wins over the policy's.", HelpName = "FILE" };

    private static Option<string?> WriteBaseline { get; } = new("--write-baseline") { Description = "Write what is found to this baseline, as keyed fingerprints; the values are not in it.", HelpName = "FILE" };

    private static Option<bool> VerifyLive { get; } = new("--verify-live") { Description = "Ask GitHub, Azure DevOps, npm, Slack and AWS whether their credentials are live. Sends each credential found to its own service, and says so before." };

    private static TeachingCommand Create(string name, string description, ImmutableArray<Control> controls, params string[] examples)
    {
        var image = new Argument<string>(name == "secrets" ? "IMAGE|FOLDER|FILE" : name == "scan" ? "IMAGE|SBOM" : "IMAGE") { Description = "registry/repo:tag, oci:DIR, oci-archive:FILE, docker-archive:FILE, docker-daemon:REF, podman:REF, or a path." };
        var command = new TeachingCommand(name, description, examples)
        {
            image, SharedOptions.Platform, SharedOptions.Policy, SharedOptions.FailOnOrPolicy, SharedOptions.Advisories, SharedOptions.ReportFormat, SharedOptions.Output, SharedOptions.Base, SharedOptions.Offline, SharedOptions.NoCache, SharedOptions.Timings,
        };
        if (name == "secrets")
        {
            command.Add(Baseline);
            command.Add(WriteBaseline);
            command.Add(VerifyLive);
            command.Validators.Add(result =>
            {
                if (result.GetValue(VerifyLive) && result.GetValue(SharedOptions.Offline))
                {
                    result.AddError("--verify-live asks services on the internet and --offline asks none: leave one of them out.");
                }
            });
        }

        if (controls.Contains(Control.ContentSecurity))
        {
            command.Add(SharedOptions.RequireFresh);
            command.Add(SharedOptions.Vex);
            command.Add(SharedOptions.FixPlan);
        }

        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, parsed.GetRequiredValue(image), controls, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string reference, ImmutableArray<Control> controls, CancellationToken cancellationToken)
    {
        var policy = parsed.LoadPolicy();
        policy = parsed.GetResult(Baseline) is not null && parsed.GetValue(Baseline) is { } known ? policy with { SecretBaseline = Path.GetFullPath(known) } : policy;
        var recording = parsed.GetResult(WriteBaseline) is not null && parsed.GetValue(WriteBaseline) is { } written ? SecretBaseline.ForWriting(Path.GetFullPath(written)) : null;
        var verifiesLive = parsed.GetResult(VerifyLive) is not null && parsed.GetValue(VerifyLive);
        var secrets = SecretsOptions.Of(policy, recording, verifiesLive ? new LiveVerification(Console.Error.WriteLine) : null);
        var hasContent = controls.Contains(Control.ContentSecurity);
        var request = new GuardRequest
        {
            Policy = policy,
            Controls = controls,
            AdvisoriesPath = parsed.GetValue(SharedOptions.Advisories) ?? "",
            BaseLayersOf = parsed.GetValue(SharedOptions.Base) ?? "",
            Content = hasContent ? new ContentSecurityOptions { RequireFresh = parsed.GetValue(SharedOptions.RequireFresh), VexPaths = [.. parsed.GetValue(SharedOptions.Vex) ?? []] } : new ContentSecurityOptions(),
            Offline = parsed.GetValue(SharedOptions.Offline),
            Cache = verifiesLive ? null : parsed.Cache(),
            Secrets = secrets,
        };
        var result = controls is [Control.SecretsManagement] && IsFolderOrPlainFile(reference) ? await ScanFolderAsync(reference, policy, secrets, cancellationToken)
            : controls is [Control.ContentSecurity] && SbomGuard.IsBill(reference) ? SbomGuard.Check(reference, request, cancellationToken)
            : await Guard.CheckAsync(reference, parsed.SourceOptions(policy), request, cancellationToken);
        if (hasContent && parsed.GetValue(SharedOptions.FixPlan))
        {
            using var plan = new MemoryStream();
            FixPlan.Write(result, plan);
            await ResultOutput.WriteAsync(System.Text.Encoding.UTF8.GetString(plan.ToArray()) + "\n", parsed.GetValue(SharedOptions.Output), cancellationToken);
            return result.Verdict == Verdict.Passed ? ExitCode.Passed : ExitCode.Refused;
        }

        await ResultOutput.WriteReportAsync(result, parsed, cancellationToken);
        if (recording is not null)
        {
            await Console.Error.WriteLineAsync($"Wrote {recording.Save()} secrets to {Printable.OneLine(recording.Path)}; name it with --baseline or in the policy.");
            return ExitCode.Passed;
        }

        return result.Verdict == Verdict.Passed ? ExitCode.Passed : ExitCode.Refused;
    }

    private static bool IsFolderOrPlainFile(string path) =>
        (Directory.Exists(path) && !File.Exists(Path.Combine(path, "oci-layout")))
        || (File.Exists(path) && !path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) && !path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase));

    private static async Task<GuardResult> ScanFolderAsync(string path, Policy policy, SecretsOptions secrets, CancellationToken cancellationToken)
    {
        var scan = await SecretFolderScan.ScanAsync(path, secrets, cancellationToken);
        var judgement = PolicyJudge.Judge(policy, scan.Findings, scan.Gaps, TimeProvider.System);
        return new GuardResult
        {
            Reference = path,
            Verdict = judgement.Verdict,
            Findings = judgement.Findings,
            Refusing = judgement.Refusing,
            Controls = [Control.SecretsManagement],
            Gaps = [.. scan.Gaps],
        };
    }
}
