using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>SPDX 2.3 in JSON.</summary>
public static class SpdxWriter
{
    private const string None = "NOASSERTION";

    public static void Write(GuardResult result, Stream output, DateTimeOffset created)
    {
        var packages = SbomParts.Distinct(result);
        var ids = packages.Select((p, i) => (p.Purl, Id: $"SPDXRef-Package-{i + 1}")).ToDictionary(p => p.Purl, p => p.Id, StringComparer.Ordinal);
        var licenses = new SpdxLicenses();
        var nodes = new List<JsonNode> { Image(result) };
        var relations = new List<JsonNode> { Relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image") };
        if (result.BaseImage is { } name)
        {
            nodes.Add(new JsonObject { ["SPDXID"] = "SPDXRef-BaseImage", ["name"] = name, ["downloadLocation"] = None, ["filesAnalyzed"] = false, ["primaryPackagePurpose"] = "CONTAINER" });
            relations.Add(Relation("SPDXRef-Image", "DESCENDANT_OF", "SPDXRef-BaseImage"));
        }

        nodes.AddRange(packages.Select(p => Package(p, ids[p.Purl], licenses)));
        // What is named and not there is not contained.
        relations.AddRange(packages.Where(p => p.Presence is not (Presence.Absent or Presence.BuildOnly)).Select(p => Relation("SPDXRef-Image", "CONTAINS", ids[p.Purl])));
        relations.AddRange(packages.Where(p => p.Presence == Presence.BuildOnly).Select(p => Relation(ids[p.Purl], "BUILD_DEPENDENCY_OF", "SPDXRef-Image")));
        relations.AddRange(SbomParts.Edges(packages).Select(e => Relation(ids[e.From.Purl], "DEPENDS_ON", ids[e.To.Purl])));
        var root = new JsonObject
        {
            ["spdxVersion"] = "SPDX-2.3",
            ["dataLicense"] = "CC0-1.0",
            ["SPDXID"] = "SPDXRef-DOCUMENT",
            ["name"] = result.Reference,
            ["documentNamespace"] = $"https://containerbuildguard.dev/spdx/{Uri.EscapeDataString(result.Digest ?? result.Reference)}",
            ["creationInfo"] = new JsonObject { ["created"] = Rfc3339.Format(created), ["creators"] = new JsonArray($"Tool: ContainerBuildGuard-{SbomParts.Version}") },
            ["packages"] = new JsonArray([.. nodes]),
            ["relationships"] = new JsonArray([.. relations]),
        };
        if (licenses.Extracted.Count > 0)
        {
            root["hasExtractedLicensingInfos"] = new JsonArray([.. licenses.Extracted.Select(l => (JsonNode)new JsonObject { ["licenseId"] = l.Id, ["name"] = l.Text, ["extractedText"] = l.Text })]);
        }

        if (!result.Gaps.IsEmpty)
        {
            root["comment"] = $"Incomplete: {result.Gaps.Length} parts of the image could not be read.";
        }

        JsonOutput.Write(output, root, SbomParts.Options);
    }

    private static JsonObject Image(GuardResult result)
    {
        var image = new JsonObject { ["SPDXID"] = "SPDXRef-Image", ["name"] = result.Reference, ["versionInfo"] = result.Digest ?? "", ["downloadLocation"] = None, ["filesAnalyzed"] = false, ["primaryPackagePurpose"] = "CONTAINER" };
        if (result.Digest is { } digest && digest.StartsWith("sha256:", StringComparison.Ordinal))
        {
            image["checksums"] = new JsonArray(new JsonObject { ["algorithm"] = "SHA256", ["checksumValue"] = digest[7..] });
        }

        return image;
    }

    private static JsonObject Package(Package p, string id, SpdxLicenses licenses)
    {
        var package = new JsonObject
        {
            ["SPDXID"] = id,
            ["name"] = p.Name,
            ["versionInfo"] = p.Version,
            ["downloadLocation"] = None,
            ["filesAnalyzed"] = false,
            ["licenseConcluded"] = None,
            ["licenseDeclared"] = p.License is { Length: > 0 } license ? licenses.Declare(license) : None,
            ["externalRefs"] = new JsonArray(new JsonObject { ["referenceCategory"] = "PACKAGE-MANAGER", ["referenceType"] = "purl", ["referenceLocator"] = p.Purl }),
            ["comment"] = $"{(p.Origin == Origin.Base ? "base image" : "app")}, layer {p.LayerIndex}, /{p.Path}{(p.Presence == Presence.Present ? "" : $", {p.Presence}")}",
        };
        if (p.SourceName is { } source)
        {
            package["sourceInfo"] = $"built package from: {source} {p.SourceVersion ?? p.Version}";
        }

        if (p.Sha512.Length == 128)
        {
            package["checksums"] = new JsonArray(new JsonObject { ["algorithm"] = "SHA512", ["checksumValue"] = p.Sha512.ToLowerInvariant() });
        }

        return package;
    }

    private static JsonObject Relation(string from, string type, string to) =>
        new() { ["spdxElementId"] = from, ["relationshipType"] = type, ["relatedSpdxElement"] = to };
}
