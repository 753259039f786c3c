using System.Text.Json;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Recognises a document by what is in it, and adds what it says.</summary>
internal static class AdvisoryDocuments
{
    public const string Osv = "osv";

    /// <summary>Adds the document's advisories; returns when the newest of them was changed.</summary>
    /// <exception cref="JsonException">None of the forms that are known.</exception>
    public static DateTimeOffset Add(AdvisoryIndexWriter writer, AdvisoryDocument document)
    {
        if (document.Name.Contains(".csv", StringComparison.OrdinalIgnoreCase))
        {
            using var csv = new MemoryStream(document.Bytes.ToArray());
            foreach (var (cve, probability) in EpssReader.Read(csv))
            {
                writer.AddExploit(cve, probability, knownExploited: false);
            }

            return default;
        }

        using var json = JsonDocument.Parse(document.Bytes, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        var root = json.RootElement;
        if (root.ValueKind == JsonValueKind.Array)
        {
            return AddAll(writer, root.EnumerateArray().Select(r => OsvReader.Read(System.Text.Encoding.UTF8.GetBytes(r.GetRawText()))).OfType<Advisory>(), Osv);
        }

        if (root.TryGetProperty("id", out _) || root.TryGetProperty("affected", out _))
        {
            return AddAll(writer, OsvReader.Read(document.Bytes.Span) is { } record ? [record] : [], Osv);
        }

        if (root.TryGetProperty("disclosures", out _))
        {
            return AddAll(writer, DotNetCveReader.Read(root), "dotnet");
        }

        if (root.TryGetProperty("catalogVersion", out _))
        {
            foreach (var cve in KevReader.Read(root))
            {
                writer.AddExploit(cve, epss: null, knownExploited: true);
            }

            return default;
        }

        // A package can have several entries for one advisory, and an advisory several packages: they are one advisory with several ranges.
        return root.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.Array)
            ? AddAll(writer, Merge(NuGetVulnerabilityReader.Read(root)), "nuget")
            : throw new JsonException("it is no OSV record, NuGet vulnerability page, .NET CVE file, KEV catalogue or EPSS list");
    }

    private static IEnumerable<Advisory> Merge(IEnumerable<Advisory> advisories) =>
        advisories.GroupBy(a => a.Id, StringComparer.OrdinalIgnoreCase).Select(g => g.First() with { Affected = [.. g.SelectMany(a => a.Affected)], Severity = g.Max(a => a.Severity) });

    private static DateTimeOffset AddAll(AdvisoryIndexWriter writer, IEnumerable<Advisory> advisories, string source)
    {
        var newest = default(DateTimeOffset);
        foreach (var advisory in advisories)
        {
            writer.Add(advisory, source);
            newest = advisory.Modified > newest ? advisory.Modified : newest;
        }

        return newest;
    }
}
