using System.Net;
using System.Text;

namespace ContainerBuildGuard.Reports;

/// <summary>One self-contained page without script; everything that comes from the image is encoded.</summary>
internal sealed class HtmlReport : IReportWriter
{
    private const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width"><title>ContainerBuildGuard</title><style>
        :root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #8884;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
        .critical,.high{color:#c33;font-weight:600}.medium{color:#b60}.waived{opacity:.6}small{opacity:.75}</style></head><body>
        """;

    public string Name => "html";

    public async Task WriteAsync(GuardResult result, ReportContext context, Stream output, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        await writer.WriteLineAsync(Head);
        await writer.WriteLineAsync($"<h1>{Encode(result.Reference)}</h1><p>{Encode(Counts.Summary(result))}<br><small>{Encode(string.Join(", ", result.Platforms))} · {result.Packages.Length} packages · {context.Now:u}</small></p>");
        if (!result.Findings.IsEmpty)
        {
            await writer.WriteLineAsync("<table><tr><th>Severity<th>Code<th>Finding<th>Remedy</tr>");
            foreach (var f in result.Findings)
            {
                var severity = f.Waiver is null ? f.Severity.ToString().ToLowerInvariant() : "waived";
                await writer.WriteLineAsync($"<tr><td class=\"{severity}\">{severity}<td><a href=\"{Encode(f.Rule.HelpUri)}\">{f.Code}</a><td>{Encode(f.Message)}<br><small>{Encode(f.Location.Path ?? "")}</small><td>{Encode(f.Waiver?.Reason ?? f.Remedy)}</tr>");
            }

            await writer.WriteLineAsync("</table>");
        }

        await writer.WriteLineAsync("</body></html>");
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
