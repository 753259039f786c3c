using System.Globalization;
using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Reports;

/// <summary>For a terminal.</summary>
internal sealed class TableReport : IReportWriter
{
    public string Name => "table";

    public async Task WriteAsync(GuardResult result, ReportContext context, Stream output, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        foreach (var check in result.Checks.Where(c => c.Outcome == AuditOutcome.NotChecked))
        {
            await writer.WriteLineAsync($"{check.Outcome,-13} {check.Rule.Code}  {check.Rule.Title}: {check.Reason}");
        }

        foreach (var finding in result.Findings)
        {
            var severity = finding.Waiver is null ? finding.Severity.ToString().ToLowerInvariant() : "waived";
            await writer.WriteLineAsync($"{Paint(severity.PadRight(8), finding, context.Colour)} {finding.Code}  {Place(finding.Location)}{finding.Message}");
            await writer.WriteLineAsync($"                  {(finding.Waiver is { } w ? $"waived: {w.Reason}" : finding.Remedy)}");
        }

        await writer.WriteLineAsync(Counts.Summary(result));
        if (context.Timings)
        {
            foreach (var (phase, elapsed) in result.Phases)
            {
                await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {phase}: {elapsed.TotalMilliseconds:0.0} ms"));
            }
        }
    }

    /// <summary>A line and column, where a finding has them, in the form that editors jump to.</summary>
    private static string Place(Location at) => at is { Path: { } path, Line: { } line, Column: { } column }
        ? string.Create(CultureInfo.InvariantCulture, $"{path}:{line}:{column}: ")
        : "";

    private static string Paint(string text, Finding finding, bool colour) => !colour ? text : finding switch
    {
        { Waiver: not null } => $"\e[2m{text}\e[0m",
        { Severity: Severity.Critical or Severity.High } => $"\e[31m{text}\e[0m",
        { Severity: Severity.Medium } => $"\e[33m{text}\e[0m",
        _ => text,
    };
}

/// <summary>For a pull request's comment or a job's summary.</summary>
internal sealed class MarkdownReport : IReportWriter
{
    public string Name => "markdown";

    public async Task WriteAsync(GuardResult result, ReportContext context, Stream output, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        await writer.WriteLineAsync($"**{Escape(Counts.Summary(result))}**\n");
        if (result.Findings.IsEmpty)
        {
            return;
        }

        await writer.WriteLineAsync("| severity | code | finding | remedy |\n|---|---|---|---|");
        foreach (var f in result.Findings)
        {
            await writer.WriteLineAsync($"| {(f.Waiver is null ? f.Severity.ToString().ToLowerInvariant() : "waived")} | [{f.Code}]({f.Rule.HelpUri}) | {Escape(f.Message)} | {Escape(f.Waiver?.Reason ?? f.Remedy)} |");
        }
    }

    private static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);
}

/// <summary>GitHub Actions workflow commands.</summary>
internal sealed class GitHubReport : IReportWriter
{
    public string Name => "github";

    public async Task WriteAsync(GuardResult result, ReportContext context, Stream output, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        var refusing = result.Refusing.ToHashSet();
        foreach (var f in result.Findings.Where(f => f.Waiver is null))
        {
            var level = refusing.Contains(f) ? "error" : f.Severity == Severity.Info ? "notice" : "warning";
            var file = f.Location.Path is { } path ? $",file={Property(path)}" + (f.Location.Line is { } line ? $",line={line}" : "") : "";
            await writer.WriteLineAsync($"::{level} title={Property($"{f.Code} {f.Rule.Title}")}{file}::{Data($"{f.Message} {f.Remedy}")}");
        }
    }

    private static string Data(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}

internal static class Counts
{
    public static string Summary(GuardResult result)
    {
        var open = result.Findings.Where(f => f.Waiver is null).GroupBy(f => f.Severity).OrderByDescending(g => g.Key)
            .Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}").ToList();
        var waived = result.Findings.Count(f => f.Waiver is not null);
        return $"{(result.Verdict == Verdict.Passed ? "passed" : "REFUSED")}: {result.Reference}{(result.Digest is null ? "" : $" ({result.Digest})")}: "
            + (open.Count == 0 ? "no findings" : string.Join(", ", open)) + (waived > 0 ? $", {waived} waived" : "") + (result.Asked is null ? "" : $" ({result.Asked})");
    }
}
