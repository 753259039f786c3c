using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Reports;

/// <summary>SARIF 2.1.0 for code scanning. Written by hand: the SARIF SDK brings Newtonsoft.Json into the task's folder for a dozen members.</summary>
internal sealed class SarifReport : IReportWriter
{
    public string Name => "sarif";

    public Task WriteAsync(GuardResult result, ReportContext context, Stream output, CancellationToken cancellationToken)
    {
        var rules = result.Findings.Select(f => f.Rule).DistinctBy(r => r.Code).OrderBy(r => r.Code, StringComparer.Ordinal).ToList();
        var refusing = result.Refusing.ToHashSet();
        var sarif = new JsonObject
        {
            ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(new JsonObject
            {
                ["tool"] = new JsonObject
                {
                    ["driver"] = new JsonObject
                    {
                        ["name"] = "ContainerBuildGuard",
                        ["semanticVersion"] = ReportContext.ToolVersion,
                        ["rules"] = new JsonArray([.. rules.Select(r => new JsonObject
                        {
                            ["id"] = r.Code,
                            ["shortDescription"] = new JsonObject { ["text"] = r.Title },
                            ["helpUri"] = r.HelpUri,
                            ["help"] = new JsonObject { ["text"] = r.Title, ["markdown"] = r.ReadPage() },
                        })]),
                    },
                },
                ["results"] = new JsonArray([.. result.Findings.Select(f => Result(f, rules.FindIndex(r => r.Code == f.Code), refusing.Contains(f), result))]),
            }),
        };
        return JsonOutput.WriteAsync(output, sarif, default, cancellationToken);
    }

    private static JsonObject Result(Finding f, int ruleIndex, bool refuses, GuardResult result)
    {
        var physical = new JsonObject { ["artifactLocation"] = new JsonObject { ["uri"] = Uri.EscapeDataString(f.Location.Path ?? result.Reference).Replace("%2F", "/", StringComparison.Ordinal) } };
        if (f.Location.Line is { } line)
        {
            physical["region"] = new JsonObject { ["startLine"] = line };
            if (f.Location.Column is { } column)
            {
                physical["region"]!["startColumn"] = column;
            }
        }

        var json = new JsonObject
        {
            ["ruleId"] = f.Code,
            ["ruleIndex"] = ruleIndex,
            ["level"] = refuses ? "error" : f.Severity == Severity.Info ? "note" : "warning",
            ["message"] = new JsonObject { ["text"] = $"{f.Message} {f.Remedy}" },
            ["locations"] = new JsonArray(new JsonObject { ["physicalLocation"] = physical }),
            ["partialFingerprints"] = new JsonObject { ["containerBuildGuard/v1"] = f.Fingerprint },
        };
        if (f.Waiver is { } waiver)
        {
            json["suppressions"] = new JsonArray(new JsonObject { ["kind"] = "external", ["justification"] = waiver.Reason });
        }

        return json;
    }
}
