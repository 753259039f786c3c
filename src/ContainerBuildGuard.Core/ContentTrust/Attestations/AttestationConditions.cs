using System.Globalization;
using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Compares a signed predicate with what the policy asks of it. A predicate that does not say what is asked does not meet it.</summary>
internal static class AttestationConditions
{
    /// <summary>Null where every condition is met, or the first that is not.</summary>
    /// <param name="wanted">The conditions.</param>
    /// <param name="predicate">The predicate.</param>
    /// <param name="signedAt">When it was signed, where a trusted source says so.</param>
    /// <param name="now">The time.</param>
    public static string? Check(RequiredAttestation wanted, JsonElement predicate, DateTimeOffset? signedAt, DateTimeOffset now) =>
        Pattern(wanted.Builder, "builder", [Find(predicate, "runDetails", "builder", "id") ?? Find(predicate, "builder", "id")])
        ?? Pattern(wanted.Source, "source", Sources(predicate))
        ?? Pattern(wanted.Verdict, "verdict", [Find(predicate, "verdict")])
        ?? NoVulnerability(wanted.NoVulnerability, predicate)
        ?? Age(wanted.MaxAge, signedAt ?? Said(predicate), now);

    private static string? Pattern(string? wanted, string what, IEnumerable<string?> values)
    {
        if (wanted is null)
        {
            return null;
        }

        var found = values.OfType<string>().ToList();
        return found.Exists(v => Glob.IsMatch(wanted, v)) ? null
            : found.Count == 0 ? $"it does not say its {what}"
            : $"its {what} is '{string.Join("', '", found)}', not '{wanted}'";
    }

    /// <summary>Where the source stands in provenance of version 1 and 0.2, by the build types in use.</summary>
    private static IEnumerable<string?> Sources(JsonElement predicate)
    {
        yield return Find(predicate, "buildDefinition", "externalParameters", "source");
        yield return Find(predicate, "buildDefinition", "externalParameters", "workflow", "repository");
        yield return Find(predicate, "invocation", "configSource", "uri");
        foreach (var dependency in Items(predicate, "buildDefinition", "resolvedDependencies").Concat(Items(predicate, "materials")))
        {
            if (Find(dependency, "uri") is { } uri && uri.StartsWith("git+", StringComparison.Ordinal))
            {
                yield return uri;
                yield return uri[4..].Split('@')[0];
            }
        }
    }

    private static string? NoVulnerability(Severity? threshold, JsonElement predicate)
    {
        if (threshold is not { } severity)
        {
            return null;
        }

        // The guard's own findings, or those of Trivy inside cosign's scan predicate; anything else cannot be judged.
        var own = Member(predicate, "findings") ?? Member(predicate, "scanner", "result", "findings");
        var scanned = Member(predicate, "scanner", "result", "Results");
        if (own is not { ValueKind: JsonValueKind.Array } && scanned is not { ValueKind: JsonValueKind.Array })
        {
            return "it holds no list of vulnerabilities of a known form";
        }

        var severities = own is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Where(f => Member(f, "advisory") is { ValueKind: JsonValueKind.Object }).Select(f => (Id: Find(f, "advisory", "id"), Severity: Find(f, "severity")))
            : scanned!.Value.EnumerateArray().SelectMany(r => Items(r, "Vulnerabilities")).Select(v => (Id: Find(v, "VulnerabilityID"), Severity: Find(v, "Severity")));
        var bad = severities.Where(v => !Enum.TryParse<Severity>(v.Severity, ignoreCase: true, out var found) ? !string.Equals(v.Severity, "unknown", StringComparison.OrdinalIgnoreCase) : found >= severity).ToList();
        return bad.Count == 0 ? null : $"it lists {bad.Count} vulnerabilities of the severity {severity.ToString().ToLowerInvariant()} or more ({string.Join(", ", bad.Take(3).Select(b => b.Id))}{(bad.Count > 3 ? ", …" : "")})";
    }

    private static string? Age(TimeSpan? limit, DateTimeOffset? time, DateTimeOffset now) =>
        limit is not { } most ? null
        : time is not { } moment ? "it does not say when it was made"
        : now - moment > most ? string.Create(CultureInfo.InvariantCulture, $"it is {(now - moment).TotalDays:0} days old, {most.TotalDays:0.##} are allowed")
        : null;

    /// <summary>When the predicate says it was made. Its signer vouches for that, as for the rest.</summary>
    private static DateTimeOffset? Said(JsonElement predicate) =>
        DateTimeOffset.TryParse(
            Find(predicate, "runDetails", "metadata", "finishedOn") ?? Find(predicate, "metadata", "scanFinishedOn") ?? Find(predicate, "metadata", "timestamp") ?? Find(predicate, "creationInfo", "created") ?? Find(predicate, "checkedAt"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time) ? time : null;

    private static string? Find(JsonElement element, params ReadOnlySpan<string> path) => Member(element, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement element, params ReadOnlySpan<string> path) => Member(element, path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    private static JsonElement? Member(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element;
    }
}
