using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Reads the .NET team's <c>cve.json</c> files (dotnet/core, branch release-index): disclosures, and the products and packages that they affect.</summary>
internal static class DotNetCveReader
{
    /// <summary>Products as their shared frameworks are called; what never runs in a container has no entry.</summary>
    private static readonly Dictionary<string, string[]> Products = new(StringComparer.Ordinal)
    {
        ["dotnet-runtime"] = ["Microsoft.NETCore.App"],
        ["dotnet-runtime-libraries"] = ["Microsoft.NETCore.App"],
        ["dotnet-aspnetcore"] = ["Microsoft.AspNetCore.App"],
        ["dotnet-sdk"] = ["dotnet-sdk"],
    };

    /// <summary>The advisories of the file that concern Linux; Windows-only ones are left out.</summary>
    public static IEnumerable<Advisory> Read(JsonElement root)
    {
        foreach (var cve in root.GetProperty("disclosures").EnumerateArray())
        {
            var id = cve.GetProperty("id").GetString() ?? throw new JsonException("a disclosure has no id");
            if (cve.TryGetProperty("platforms", out var platforms) && !platforms.EnumerateArray().Any(p => p.GetString() is "all" or "linux"))
            {
                continue;
            }

            var affected = Affected(root, id).ToImmutableArray();
            if (affected.IsEmpty)
            {
                continue;
            }

            var cvss = cve.TryGetProperty("cvss", out var rating) ? rating : default;
            yield return new Advisory
            {
                Id = id,
                Summary = cve.TryGetProperty("problem", out var problem) ? problem.GetString() ?? "" : "",
                Modified = DateTimeOffset.TryParse(root.TryGetProperty("last_updated", out var at) ? at.GetString() : null, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : default,
                Severity = cvss.ValueKind == JsonValueKind.Object && cvss.TryGetProperty("severity", out var word) ? Ratings.OfWord(word.GetString()) : null,
                Cvss = cvss.ValueKind == JsonValueKind.Object && cvss.TryGetProperty("vector", out var vector) ? Ratings.Score(vector.GetString() ?? "")?.Score : null,
                Affected = affected,
            };
        }
    }

    private static IEnumerable<AffectedPackage> Affected(JsonElement root, string id)
    {
        foreach (var (list, isPackage) in ((string, bool)[])[("products", false), ("packages", true)])
        {
            if (!root.TryGetProperty(list, out var items))
            {
                continue;
            }

            foreach (var item in items.EnumerateArray().Where(i => i.GetProperty("cve_id").GetString() == id))
            {
                // An empty range is a fix that was ported back to where nothing was vulnerable.
                var (name, from, to, fix) = (Text(item, "name"), Text(item, "min_vulnerable"), Text(item, "max_vulnerable"), Text(item, "fixed"));
                if (from.Length == 0 || (to.Length == 0 && fix.Length == 0))
                {
                    continue;
                }

                var range = new AffectedRange([new(RangeEventKind.Introduced, from), fix.Length > 0 ? new(RangeEventKind.Fixed, fix) : new(RangeEventKind.LastAffected, to)]);
                foreach (var package in isPackage ? [name] : Products.GetValueOrDefault(name, []))
                {
                    yield return new AffectedPackage { Ecosystem = isPackage ? "NuGet" : VersionOrder.DotNet, Name = package, Ranges = [range] };
                }
            }
        }
    }

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
