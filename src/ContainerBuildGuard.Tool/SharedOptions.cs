using System.CommandLine;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Tool;

/// <summary>Options that several commands share, so that they read and mean the same everywhere.</summary>
internal static class SharedOptions
{
    public static Option<bool> Verbose { get; } = new("--verbose", "-v")
    {
        Description = "Print more on standard error; a stack trace when something fails.",
        Recursive = true,
    };

    public static Option<string?> Output { get; } = new("--output", "-o")
    {
        Description = "Write the result to this file instead of standard output.",
        HelpName = "FILE",
    };

    public static Option<string> FailOn { get; } = OneOf("--fail-on", "high", "The lowest severity that refuses (exit code 1).", "critical", "high", "medium", "low", "none");

    /// <summary>The threshold where a policy file may have one too.</summary>
    public static Option<string?> FailOnOrPolicy { get; } = new("--fail-on") { Description = "The lowest severity that refuses: critical, high, medium, low or none. Wins over the policy; high by default.", HelpName = "SEVERITY" };

    public static Option<string?> Policy { get; } = new("--policy") { Description = "The policy file; the nearest containerbuildguard.yaml upward by default.", HelpName = "FILE" };

    public static Option<string?> Advisories { get; } = new("--advisories") { Description = "An OSV file, zip or folder; the user's own database by default.", HelpName = "PATH" };

    public static Option<bool> RequireFresh { get; } = new("--require-fresh") { Description = "Refuse when the advisory index is older than the policy allows, or knows nothing of the packages' ecosystem." };

    public static Option<string[]> Vex { get; } = new("--vex") { Description = "An OpenVEX document whose statements accept findings; again for more.", HelpName = "FILE" };

    public static Option<bool> FixPlan { get; } = new("--fix-plan") { Description = "Write the steps that fix the findings, with their commands, as JSON in place of the report." };

    public static Option<bool> Offline { get; } = new("--offline") { Description = "Ask no service but the registries that the command names: advisories and trust are taken as they are on this machine." };

    public static Option<string?> Platform { get; } = new("--platform") { Description = "Only this platform of an index; every one by default.", HelpName = "OS/ARCH" };

    public static Option<string?> Base { get; } = new("--base") { Description = "The base image, so that its layers are told from the app's; the image's history tells them by default.", HelpName = "IMAGE" };

    public static Option<bool> NoCache { get; } = new("--no-cache") { Description = "Look at every layer anew, and keep nothing for the next run." };

    public static Option<bool> Timings { get; } = new("--timings") { Description = "Say how long each phase took." };

    public static Option<string> ReportFormat { get; } = OneOf("--format", "table", "How the result is written.", [.. ReportWriters.All.Select(w => w.Name)]);

    public static Policies.Policy LoadPolicy(this ParseResult parsed)
    {
        var path = parsed.GetValue(Policy) ?? PolicyLoader.FindNearest(Environment.CurrentDirectory);
        var policy = path is null ? Policies.Policy.Default : PolicyLoader.Load(path, RuleCatalog.Codes);
        return parsed.GetValue(FailOnOrPolicy) is { } failOn ? policy.WithFailOn(failOn, "--fail-on") : policy;
    }

    public static ImageSourceOptions SourceOptions(this ParseResult parsed, Policies.Policy policy)
    {
        try
        {
            return policy.SourceOptions() with { Platform = parsed.GetValue(Platform) is { } platform ? Images.Platform.Parse(platform) : null };
        }
        catch (FormatException e)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, e.Message, e);
        }
    }

    public static FactCache? Cache(this ParseResult parsed) => parsed.GetValue(NoCache) ? null : FactCache.Open(FactCache.DefaultFolder());

    public static Option<string> Format(params string[] formats) => OneOf("--format", formats[0], "How the result is written.", formats);

    /// <summary>Whether a severity refuses under the value of <see cref="FailOn"/>.</summary>
    public static bool Refuses(this ParseResult parsed, Severity severity) => parsed.GetRequiredValue(FailOn) switch
    {
        "none" => false,
        var threshold => severity >= Enum.Parse<Severity>(threshold, ignoreCase: true),
    };

    private static Option<string> OneOf(string name, string otherwise, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => otherwise, HelpName = string.Join('|', values) };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !values.Contains(token.Value, StringComparer.Ordinal)))
            {
                result.AddError($"'{token.Value}' is no value of {name}: use one of {string.Join(", ", values)}.");
            }
        });
        return option;
    }
}
