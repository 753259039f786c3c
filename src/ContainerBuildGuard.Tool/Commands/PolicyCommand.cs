using System.CommandLine;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg policy init | check | explain CODE</c></summary>
internal static class PolicyCommand
{
    private const string Template = """
        # What refuses an image, and what is let through. Reference: docs/policy.md
        version: 1
        fail-on: high
        #controls:
        #  content-security: { fail-on: critical }
        #rules:
        #  CBG2011: medium
        #waivers:
        #  - code: CBG1002
        #    package: Newtonsoft.Json
        #    reason: why it is acceptable
        #    expires: 2027-01-31
        #base-images:
        #  allow: ["mcr.microsoft.com/dotnet/*"]

        """;

    public static Command Create() => new TeachingCommand("policy", "The policy file, and what the rules are.", "cbg policy init", "cbg policy check", "cbg policy explain CBG5002")
    {
        Init(),
        Check(),
        PolicyExplainCommand.Create(),
    };

    private static TeachingCommand Init()
    {
        var command = new TeachingCommand("init", $"Write a {PolicyLoader.FileName} to start from into this folder.", "cbg policy init");
        command.SetAction(async (_, cancellationToken) =>
        {
            if (File.Exists(PolicyLoader.FileName))
            {
                throw new GuardException("CBG9012", GuardFailure.Environment, $"There is a {PolicyLoader.FileName} here already: it is left as it is.");
            }

            await ResultOutput.WriteAsync(Template, PolicyLoader.FileName, cancellationToken);
            return ExitCode.Passed;
        });
        return command;
    }

    private static TeachingCommand Check()
    {
        var file = new Argument<string?>("FILE") { Description = "The policy file; the nearest upward by default.", Arity = ArgumentArity.ZeroOrOne };
        var command = new TeachingCommand("check", "Check a policy file: every key, type, code and date.", "cbg policy check", "cbg policy check build/containerbuildguard.yaml") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(file) ?? PolicyLoader.FindNearest(Environment.CurrentDirectory)
                ?? throw new GuardException("CBG9007", GuardFailure.Input, $"There is no {PolicyLoader.FileName} here or above: run `cbg policy init`.");
            var policy = PolicyLoader.Load(path, RuleCatalog.Codes);
            await ResultOutput.WriteAsync($"{path}: valid; {policy.Waivers.Length} waivers, {policy.RuleSeverities.Count} rule severities\n", null, cancellationToken);
            return ExitCode.Passed;
        });
        return command;
    }
}
