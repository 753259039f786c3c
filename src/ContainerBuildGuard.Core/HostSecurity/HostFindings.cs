using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>How the families write their rules and findings down.</summary>
internal static class HostFindings
{
    public static Rule Rule(string code, string title, Severity severity, params ImmutableArray<string> references) =>
        new(code, title, severity, Control.HostSecurity) { References = references };

    /// <summary>A finding of this rule. <paramref name="fix"/> holds shell commands, every untrusted word of them quoted by <see cref="Quote"/>.</summary>
    public static Finding Found(this Rule rule, string message, string remedy, string? path = null, string key = "", Severity? severity = null, string? fix = null) => new()
    {
        Rule = rule,
        Severity = severity ?? rule.DefaultSeverity,
        Message = message,
        Remedy = remedy,
        Key = key,
        Location = new() { Path = path },
        ShellFix = fix,
    };

    /// <summary>A word for a shell, whatever it holds.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    public static string List(IEnumerable<string> items, int most = 8)
    {
        string[] all = [.. items];
        return all.Length <= most ? string.Join(", ", all) : $"{string.Join(", ", all.Take(most))} and {all.Length - most} more";
    }
}
