using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>CycloneDX 1.6 in JSON. The same image gives the same serial number.</summary>
public static class CycloneDxWriter
{
    public static void Write(GuardResult result, Stream output, DateTimeOffset created)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{result.Reference}\n{result.Digest}"));
        var root = new JsonObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = $"urn:uuid:{new Guid(hash.AsSpan(0, 16))}",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
                ["tools"] = new JsonObject { ["components"] = new JsonArray(new JsonObject { ["type"] = "application", ["name"] = "ContainerBuildGuard", ["version"] = SbomTool.Version }) },
                ["component"] = new JsonObject { ["type"] = "container", ["bom-ref"] = "image", ["name"] = result.Reference, ["version"] = result.Digest ?? "" },
            },
            ["components"] = new JsonArray([.. SbomTool.Distinct(result).Select(Component)]),
        };
        JsonSerializer.Serialize(output, root, SbomTool.Options);
    }

    private static JsonNode Component(Package p)
    {
        var component = new JsonObject { ["type"] = "library", ["bom-ref"] = p.Purl, ["name"] = p.Name, ["version"] = p.Version, ["purl"] = p.Purl };
        if (p.License is { Length: > 0 } license)
        {
            component["licenses"] = new JsonArray(new JsonObject { ["license"] = new JsonObject { ["name"] = license } });
        }

        component["properties"] = new JsonArray(
            Property("origin", p.Origin.ToString().ToLowerInvariant()),
            Property("layerIndex", p.LayerIndex.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Property("path", p.Path));
        return component;
    }

    private static JsonObject Property(string name, string value) => new() { ["name"] = $"containerbuildguard:{name}", ["value"] = value };
}

/// <summary>SPDX 2.3 in JSON.</summary>
public static class SpdxWriter
{
    public static void Write(GuardResult result, Stream output, DateTimeOffset created)
    {
        var packages = SbomTool.Distinct(result).Select((p, i) => (Package: p, Id: $"SPDXRef-Package-{i + 1}")).ToList();
        var root = new JsonObject
        {
            ["spdxVersion"] = "SPDX-2.3",
            ["dataLicense"] = "CC0-1.0",
            ["SPDXID"] = "SPDXRef-DOCUMENT",
            ["name"] = result.Reference,
            ["documentNamespace"] = $"https://containerbuildguard.dev/spdx/{Uri.EscapeDataString(result.Digest ?? result.Reference)}",
            ["creationInfo"] = new JsonObject
            {
                ["created"] = created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
                ["creators"] = new JsonArray($"Tool: ContainerBuildGuard-{SbomTool.Version}"),
            },
            ["packages"] = new JsonArray([Package("SPDXRef-Image", result.Reference, result.Digest ?? "", null), .. packages.Select(p => Package(p.Id, p.Package.Name, p.Package.Version, p.Package.Purl))]),
            ["relationships"] = new JsonArray([Relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image"), .. packages.Select(p => Relation("SPDXRef-Image", "CONTAINS", p.Id))]),
        };
        JsonSerializer.Serialize(output, root, SbomTool.Options);
    }

    private static JsonObject Package(string id, string name, string version, string? purl)
    {
        var package = new JsonObject { ["SPDXID"] = id, ["name"] = name, ["versionInfo"] = version, ["downloadLocation"] = "NOASSERTION", ["filesAnalyzed"] = false };
        if (purl is not null)
        {
            package["externalRefs"] = new JsonArray(new JsonObject { ["referenceCategory"] = "PACKAGE-MANAGER", ["referenceType"] = "purl", ["referenceLocator"] = purl });
        }

        return package;
    }

    private static JsonObject Relation(string from, string type, string to) =>
        new() { ["spdxElementId"] = from, ["relationshipType"] = type, ["relatedSpdxElement"] = to };
}

internal static class SbomTool
{
    public static JsonSerializerOptions Options { get; } = new() { WriteIndented = true };

    public static string Version { get; } = typeof(SbomTool).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static IEnumerable<Package> Distinct(GuardResult result) => result.Packages.DistinctBy(p => p.Purl).OrderBy(p => p.Purl, StringComparer.Ordinal);
}
