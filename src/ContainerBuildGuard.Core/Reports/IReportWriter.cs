namespace ContainerBuildGuard.Reports;

/// <summary>What a report needs besides the result.</summary>
public sealed record ReportContext(DateTimeOffset Now, bool Colour = false, bool Timings = false)
{
    public static string ToolVersion { get; } = typeof(ReportContext).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}

/// <summary>One report format.</summary>
public interface IReportWriter
{
    /// <summary>The name that <c>--format</c> takes.</summary>
    string Name { get; }

    Task WriteAsync(GuardResult result, ReportContext context, Stream output, CancellationToken cancellationToken);
}

/// <summary>The formats.</summary>
public static class ReportWriters
{
    public static IReadOnlyList<IReportWriter> All { get; } = [new TableReport(), new JsonReport(), new SarifReport(), new HtmlReport(), new GitHubReport(), new MarkdownReport()];

    public static IReportWriter? Find(string name) => All.FirstOrDefault(w => w.Name == name);
}
