using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Attesting;

/// <summary>What the guard itself can say about an image that it has checked, as predicates of in-toto statements.</summary>
public static class GuardPredicates
{
    /// <summary>The names of the types that can be made from a check.</summary>
    public static IReadOnlyList<string> Types { get; } = ["guard", "cyclonedx", "spdx", "vulnerabilities"];

    /// <summary>The predicate of one of <see cref="Types"/>, with its predicate type.</summary>
    public static async Task<(string PredicateType, JsonNode Predicate)> OfAsync(string type, GuardResult result, DateTimeOffset checkedAt, CancellationToken cancellationToken) => type switch
    {
        "cyclonedx" => (PredicateTypes.CycloneDx, Written(s => CycloneDxWriter.Write(result, s, checkedAt))),
        "spdx" => (PredicateTypes.Spdx, Written(s => SpdxWriter.Write(result, s, checkedAt))),
        "vulnerabilities" => (PredicateTypes.Vulnerabilities, Scan(await ReportAsync(result, checkedAt, cancellationToken), checkedAt)),
        "guard" => (PredicateTypes.Guard, Checked(await ReportAsync(result, checkedAt, cancellationToken), checkedAt)),
        _ => throw new GuardException("CBG9009", GuardFailure.Input, $"The guard cannot make an attestation of the type '{type}' itself: name its predicate's file, or one of {string.Join(", ", Types)}."),
    };

    private static async Task<JsonObject> ReportAsync(GuardResult result, DateTimeOffset checkedAt, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await ReportWriters.Find("json")!.WriteAsync(result, new ReportContext(checkedAt), buffer, cancellationToken);
        var report = JsonNode.Parse(buffer.ToArray())!.AsObject();
        report.Remove("timings");
        return report;
    }

    /// <summary>The report as it is, and when it was made: what was checked, by which version, what could not be, and the verdict.</summary>
    private static JsonObject Checked(JsonObject report, DateTimeOffset checkedAt)
    {
        report["checkedAt"] = Rfc3339.Format(checkedAt);
        return report;
    }

    /// <summary>cosign's scan predicate ("Cosign Vulnerability Scan Record Attestation Specification"); the result is the scanner's own.</summary>
    private static JsonObject Scan(JsonObject report, DateTimeOffset checkedAt) => new()
    {
        ["invocation"] = new JsonObject { ["parameters"] = new JsonArray(), ["uri"] = "", ["event_id"] = "", ["builder.id"] = "" },
        ["scanner"] = new JsonObject
        {
            ["uri"] = "https://containerbuildguard.dev",
            ["version"] = ReportContext.ToolVersion,
            ["db"] = new JsonObject { ["uri"] = "https://osv.dev", ["version"] = report["advisories"]?["asOf"]?.GetValue<string>() ?? "" },
            ["result"] = report,
        },
        ["metadata"] = new JsonObject { ["scanStartedOn"] = Rfc3339.Format(checkedAt), ["scanFinishedOn"] = Rfc3339.Format(checkedAt) },
    };

    private static JsonNode Written(Action<Stream> write)
    {
        using var buffer = new MemoryStream();
        write(buffer);
        return JsonNode.Parse(buffer.ToArray())!;
    }
}
