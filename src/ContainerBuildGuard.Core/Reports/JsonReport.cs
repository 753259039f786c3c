using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Reports;

/// <summary>report.json: what people script against. Members are added, never changed.</summary>
internal sealed class JsonReport : IReportWriter
{
    public string Name => "json";

    public Task WriteAsync(GuardResult result, ReportContext context, Stream output, CancellationToken cancellationToken) =>
        JsonOutput.WriteAsync(output, Build(result), JsonOutput.Readable, cancellationToken);

    private static JsonObject Build(GuardResult result)
    {
        var refusing = result.Refusing.ToHashSet();
        var root = new JsonObject
        {
            ["schemaVersion"] = 1,
            ["tool"] = new JsonObject { ["name"] = "ContainerBuildGuard", ["version"] = ReportContext.ToolVersion },
            ["image"] = new JsonObject
            {
                ["reference"] = result.Reference,
                ["digest"] = result.Digest,
                ["platform"] = result.Platforms.IsEmpty ? null : string.Join(", ", result.Platforms),
            },
            ["verdict"] = result.Verdict == Verdict.Passed ? "passed" : "refused",
            ["controls"] = Strings(result.Controls.Select(c => c.ToKebabCase())),
            ["asked"] = result.Asked,
            ["advisories"] = result.Advisories is { } used ? new JsonObject { ["count"] = used.Count, ["asOf"] = Rfc3339.Format(used.AsOf), ["built"] = Rfc3339.Format(used.Built) } : null,
            ["findings"] = new JsonArray([.. result.Findings.Select(f => Finding(f, refusing.Contains(f)))]),
            ["packages"] = new JsonArray([.. result.Packages.Select(Package)]),
            ["gaps"] = new JsonArray([.. result.Gaps.Select(g => new JsonObject { ["what"] = g.What, ["reason"] = g.Reason, ["layerIndex"] = g.LayerIndex, ["path"] = g.Path })]),
            ["timings"] = new JsonObject
            {
                ["totalMs"] = Math.Round(result.Elapsed.TotalMilliseconds, 1),
                ["phases"] = new JsonObject(result.Phases.DistinctBy(p => p.Phase).Select(p => KeyValuePair.Create(p.Phase, (JsonNode?)Math.Round(p.Elapsed.TotalMilliseconds, 1)))),
            },
        };
        if (!result.Checks.IsEmpty)
        {
            root["checks"] = new JsonArray([.. result.Checks.Select(Check)]);
        }

        return root;
    }

    private static JsonObject Check(AuditCheck check)
    {
        var json = new JsonObject
        {
            ["code"] = check.Rule.Code,
            ["title"] = check.Rule.Title,
            ["result"] = char.ToLowerInvariant(check.Outcome.ToString()[0]) + check.Outcome.ToString()[1..],
            ["reason"] = check.Reason,
            ["references"] = Strings(check.Rule.References),
        };
        if (CisDocker.ByEdition(check.Rule.References).ToList() is { Count: > 0 } editions)
        {
            json["cisDocker"] = new JsonObject(editions.Select(e => KeyValuePair.Create(e.Edition, (JsonNode?)Strings(e.Numbers))));
        }

        return json;
    }

    private static JsonObject Package(Package package)
    {
        var json = new JsonObject { ["purl"] = package.Purl, ["origin"] = Lower(package.Origin), ["layerIndex"] = package.LayerIndex, ["path"] = package.Path };
        if (package.Presence != Presence.Present)
        {
            json["presence"] = package.Presence switch
            {
                Presence.Superseded => "superseded",
                Presence.Absent => "absent",
                Presence.DocumentationOnly => "documentation-only",
                _ => "build-only",
            };
        }

        return json;
    }

    private static JsonObject Finding(Finding f, bool refuses) => new()
    {
        ["code"] = f.Code,
        ["control"] = f.Rule.Control.ToKebabCase(),
        ["severity"] = Lower(f.Severity),
        ["level"] = refuses ? "error" : f.Severity == Severity.Info || f.Waiver is not null ? "note" : "warning",
        ["message"] = f.Message,
        ["remedy"] = f.Remedy,
        ["helpUri"] = f.Rule.HelpUri,
        ["location"] = new JsonObject
        {
            ["layer"] = f.Location.Layer,
            ["layerIndex"] = f.Location.LayerIndex,
            ["origin"] = f.Location.Origin is { } origin ? Lower(origin) : null,
            ["path"] = f.Location.Path,
            ["line"] = f.Location.Line,
            ["column"] = f.Location.Column,
            ["jsonPath"] = f.Location.JsonPath,
        },
        ["patch"] = f.Patch,
        ["package"] = f.Package is not { } p ? null : new JsonObject
        {
            ["purl"] = p.Purl,
            ["name"] = p.Name,
            ["version"] = p.Version,
            ["fixedVersion"] = p.FixedVersion,
            ["dependencyPath"] = Strings(p.DependencyPath),
        },
        ["advisory"] = f.Advisory is not { } a ? null : new JsonObject
        {
            ["id"] = a.Id,
            ["aliases"] = Strings(a.Aliases),
            ["cvss"] = a.Cvss,
            ["epss"] = a.Epss,
            ["knownExploited"] = a.KnownExploited,
            ["url"] = a.Url,
        },
        ["liveness"] = f.Liveness == Liveness.NotAsked ? null : Lower(f.Liveness),
        ["platform"] = f.Platform,
        ["fingerprint"] = f.Fingerprint,
        ["waiver"] = f.Waiver is not { } w ? null : new JsonObject { ["reason"] = w.Reason, ["expires"] = w.Expires?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) },
    };

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)v)]);
}
