using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Reads OSV records (Open Source Vulnerability format 1.x).</summary>
internal static class OsvReader
{
    /// <summary>The record; null where it is withdrawn.</summary>
    /// <exception cref="JsonException">Not an OSV record.</exception>
    public static Advisory? Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("id", out var id) || id.GetString() is not { Length: > 0 } name)
        {
            throw new JsonException("an OSV record needs an id");
        }

        if (root.TryGetProperty("withdrawn", out var withdrawn) && withdrawn.ValueKind == JsonValueKind.String)
        {
            return null;
        }

        var (severity, cvss) = ReadSeverity(root);
        return new Advisory
        {
            Id = name,
            Aliases = [.. Strings(root, "aliases").Concat(Strings(root, "upstream")).Distinct()],
            Summary = root.TryGetProperty("summary", out var summary) ? summary.GetString() ?? "" : "",
            Modified = root.TryGetProperty("modified", out var modified) && modified.TryGetDateTimeOffset(out var at) ? at : default,
            Severity = severity,
            Cvss = cvss,
            Affected = [.. Elements(root, "affected").Select(ReadAffected).OfType<AffectedPackage>()],
        };
    }

    private static AffectedPackage? ReadAffected(JsonElement affected)
    {
        if (!affected.TryGetProperty("package", out var package) || package.GetProperty("ecosystem").GetString() is not { } ecosystem || package.GetProperty("name").GetString() is not { } name)
        {
            return null;
        }

        var parts = ecosystem.Split(':', 2);
        // Ubuntu's support programmes stand before or behind the release: Ubuntu:Pro:22.04:LTS.
        var release = parts.Length > 1 ? string.Join(':', parts[1].Split(':').Where(p => p != "LTS")) : "";
        return new AffectedPackage(parts[0], release, name, [.. Strings(affected, "versions")],
            [.. Elements(affected, "ranges").Where(r => r.GetProperty("type").GetString() is "ECOSYSTEM" or "SEMVER").Select(r => new AffectedRange(
                [.. Elements(r, "events").SelectMany(e => e.EnumerateObject()).Select(e => (e.Name, e.Value.GetString() ?? ""))]))]);
    }

    private static (Severity? Severity, double? Cvss) ReadSeverity(JsonElement root)
    {
        double? score = null;
        foreach (var entry in Elements(root, "severity").Concat(Elements(root, "affected").SelectMany(a => Elements(a, "severity"))))
        {
            if (entry.TryGetProperty("score", out var vector) && Cvss3.BaseScore(vector.GetString() ?? "") is { } value)
            {
                score = Math.Max(score ?? 0, value);
            }
        }

        var word = Word(root) ?? Elements(root, "affected").Select(Word).FirstOrDefault(w => w is not null);
        Severity? named = word?.ToUpperInvariant() switch
        {
            "CRITICAL" => Severity.Critical,
            "HIGH" or "IMPORTANT" => Severity.High,
            "MODERATE" or "MEDIUM" => Severity.Medium,
            "LOW" or "NEGLIGIBLE" or "UNIMPORTANT" => Severity.Low,
            _ => null,
        };
        return (named ?? score switch { null => null, >= 9 => Severity.Critical, >= 7 => Severity.High, >= 4 => Severity.Medium, _ => Severity.Low }, score);
    }

    private static string? Word(JsonElement element)
    {
        foreach (var place in (string[])["database_specific", "ecosystem_specific"])
        {
            if (element.TryGetProperty(place, out var specific) && specific.ValueKind == JsonValueKind.Object)
            {
                foreach (var name in (string[])["severity", "urgency"])
                {
                    if (specific.TryGetProperty(name, out var word) && word.ValueKind == JsonValueKind.String)
                    {
                        return word.GetString();
                    }
                }
            }
        }

        return null;
    }

    private static List<JsonElement> Elements(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : [];

    private static IEnumerable<string> Strings(JsonElement element, string name) => Elements(element, name).Select(v => v.GetString() ?? "");
}
