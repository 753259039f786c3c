using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Tool.Output;

/// <summary>How a migration is written.</summary>
internal static class MigrationOutput
{
    public static string Table(DctMigrationReport report, string? signer)
    {
        if (report.Refusal is not null)
        {
            return "";
        }

        var text = new StringBuilder(Printable.OneLine($"{report.Repository}: {report.Tags.Length} tags{(signer is null ? ", dry run" : $", signed anew by {signer}")}")).Append('\n');
        var width = report.Tags.Select(t => t.Tag.Length).DefaultIfEmpty(0).Max();
        foreach (var tag in report.Tags)
        {
            text.Append(Printable.OneLine($"  {tag.Tag.PadRight(width)}  {Word(tag.Outcome),-10}  {tag.Digest}  {string.Join(", ", tag.Signers)}").TrimEnd()).Append('\n');
        }

        text.Append(Printable.OneLine($"  root key {string.Join(", ", report.Evidence!["rootKeys"]!.AsArray())}")).Append('\n');
        return report.Expired.IsEmpty ? text.ToString() : text.Append(Printable.OneLine($"  accepted although expired: {string.Join(", ", report.Expired)}")).Append('\n').ToString();
    }

    public static string Json(DctMigrationReport report, string? signer) => JsonOutput.ToText(new JsonObject
    {
        ["schemaVersion"] = 1,
        ["repository"] = report.Repository,
        ["verdict"] = report.Complete ? "passed" : "refused",
        ["signedBy"] = signer,
        ["tags"] = new JsonArray([.. report.Tags.Select(t => new JsonObject
        {
            ["tag"] = t.Tag,
            ["digest"] = t.Digest?.ToString(),
            ["signers"] = new JsonArray([.. t.Signers.Select(s => (JsonNode)s)]),
            ["outcome"] = Word(t.Outcome),
            ["detail"] = t.Detail,
        })]),
        ["evidence"] = report.Evidence?.DeepClone(),
        ["inspection"] = report.Inspection?.DeepClone(),
        ["failures"] = new JsonArray([.. Errors(report).Select(e => (JsonNode)e)]),
    });

    public static IEnumerable<string> Errors(DctMigrationReport report) => report.Refusal is { } refusal
        ? [$"error {refusal.Rule.Code}: {report.Repository} is not migrated: {refusal.What} ({string.Join("; ", refusal.Reasons)})."]
        : report.Tags.Where(t => t.Detail.Length > 0).Select(t => $"error {(t.Outcome == DctMigrationOutcome.NotSigned ? DctRules.TagNotSigned : DctRules.OtherDigest).Code}: {report.Repository}:{t.Tag} is not migrated: {t.Detail}.");

    private static string Word(DctMigrationOutcome outcome) => outcome switch
    {
        DctMigrationOutcome.Migrated => "migrated",
        DctMigrationOutcome.Ready => "ready",
        DctMigrationOutcome.Moved => "moved",
        DctMigrationOutcome.Missing => "missing",
        _ => "not-signed",
    };
}
