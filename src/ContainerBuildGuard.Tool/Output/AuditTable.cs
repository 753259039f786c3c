using System.Globalization;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity;

namespace ContainerBuildGuard.Tool.Output;

/// <summary>An audit for people: one line a rule, findings and remedies below it.</summary>
internal static class AuditTable
{
    private const string Red = "\e[31m";
    private const string Green = "\e[32m";
    private const string Yellow = "\e[33m";
    private const string Plain = "\e[0m";

    public static string Write(GuardResult result, bool colour, string trend)
    {
        var text = new StringBuilder();
        foreach (var check in result.Checks)
        {
            var name = Name(check.Outcome).PadRight(14);
            var failed = check.Outcome == AuditOutcome.Failed;
            text.Append(check.Rule.Code).Append("  ").Append(colour ? Colour(check.Outcome) + name + Plain : name).Append("  ")
                .AppendLine(failed ? check.Rule.Title : check.Reason);
            foreach (var finding in result.Findings.Where(f => failed && f.Code == check.Rule.Code))
            {
                text.Append(' ', 9).Append(Lower(finding.Severity).PadRight(8)).Append("  ").Append(finding.Message).AppendLine(finding.Waiver is { } waiver ? $" (waived: {waiver.Reason})" : "");
                text.Append(' ', 19).Append("Remedy: ").AppendLine(finding.Remedy);
            }
        }

        string Count(AuditOutcome outcome) => $"{result.Checks.Count(c => c.Outcome == outcome)} {Name(outcome)}";
        return text.AppendLine()
            .AppendLine($"{result.Reference}: {(result.Verdict == Verdict.Refused ? "refused" : "passed")}; of {result.Checks.Length} rules {Count(AuditOutcome.Passed)}, {Count(AuditOutcome.Failed)}, {Count(AuditOutcome.NotApplicable)}, {Count(AuditOutcome.NotChecked)}. `cbg policy explain CODE` says more.")
            .Append(trend)
            .ToString().ReplaceLineEndings("\n");
    }

    /// <summary>The score, and what changed since an earlier audit.</summary>
    public static string Trend(HostReport report, HostComparison? comparison)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"Score {report.Score} of 100 ({report.Profile.Name()}");
        if (comparison is null)
        {
            return text.AppendLine(").").ToString();
        }

        text.AppendLine(comparison.PreviousScore is { } before ? string.Create(CultureInfo.InvariantCulture, $"; before: {before}).") : ").");
        foreach (var (name, lines) in new[] { ("New", comparison.New), ("Worse", comparison.Worse), ("Fixed", comparison.Fixed), ("No longer checked", comparison.Unknown) })
        {
            foreach (var line in lines)
            {
                text.Append(name).Append(": ").AppendLine(line);
            }
        }

        return text.ToString();
    }

    private static string Name(AuditOutcome outcome) => outcome switch
    {
        AuditOutcome.Passed => "passed",
        AuditOutcome.Failed => "failed",
        AuditOutcome.NotApplicable => "not applicable",
        _ => "not checked",
    };

    private static string Colour(AuditOutcome outcome) => outcome switch
    {
        AuditOutcome.Passed => Green,
        AuditOutcome.Failed => Red,
        AuditOutcome.NotChecked => Yellow,
        _ => "",
    };

    private static string Lower(Severity severity) => severity.ToString().ToLowerInvariant();
}
