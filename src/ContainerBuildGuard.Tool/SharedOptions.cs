using System.CommandLine;
using ContainerBuildGuard.Findings;

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
