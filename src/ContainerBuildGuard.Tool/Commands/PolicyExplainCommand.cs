using System.CommandLine;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg policy explain CODE</c></summary>
internal static class PolicyExplainCommand
{
    public static Command Create()
    {
        var code = new Argument<string>("CODE") { Description = "The code of a rule, for example CBG5002." };
        var command = new TeachingCommand("explain", "Print a rule's page: what it finds, why it matters, how to fix it, how to waive it.", "cbg policy explain CBG5002") { code };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(code), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string code, CancellationToken cancellationToken)
    {
        var rule = RuleCatalog.Find(code)
            ?? throw new GuardException("CBG9009", GuardFailure.Input, $"'{code}' is not the code of a rule: use one of {string.Join(", ", RuleCatalog.All.Select(r => r.Code))}.");
        var references = rule.References.Length > 0 ? $"References: {string.Join(", ", rule.References)}\n" : "";
        await ResultOutput.WriteAsync(
            $"{rule.ReadPage().TrimEnd()}\n\nControl: {rule.Control.ToKebabCase()}. Default severity: {rule.DefaultSeverity.ToString().ToLowerInvariant()}.\n{references}", null, cancellationToken);
        return ExitCode.Passed;
    }
}
