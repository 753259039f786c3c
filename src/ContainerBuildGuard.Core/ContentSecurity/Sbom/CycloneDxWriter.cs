using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>CycloneDX 1.6 in JSON. The same image gives the same serial number.</summary>
public static class CycloneDxWriter
{
    /// <summary>The prefix of properties that CycloneDX has no field for.</summary>
    internal const string Prefix = "containerbuildguard:";

    public static void Write(GuardResult result, Stream output, DateTimeOffset created)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{result.Reference}\n{result.Digest}"));
        var packages = SbomParts.Distinct(result);
        var root = new JsonObject
        {
            ["$schema"] = "http://cyclonedx.org/schema/bom-1.6.schema.json",
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["serialNumber"] = $"urn:uuid:{new Guid(hash.AsSpan(0, 16))}",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["timestamp"] = Rfc3339.Format(created),
                ["lifecycles"] = new JsonArray(new JsonObject { ["phase"] = "post-build" }),
                ["tools"] = new JsonObject { ["components"] = new JsonArray(new JsonObject { ["type"] = "application", ["name"] = "ContainerBuildGuard", ["version"] = SbomParts.Version }) },
                ["component"] = Image(result),
            },
            ["components"] = new JsonArray([.. packages.Select(Component)]),
            ["dependencies"] = Dependencies(packages),
        };
        if (!result.Gaps.IsEmpty)
        {
            // A list with holes says so.
            root["compositions"] = new JsonArray(new JsonObject { ["aggregate"] = "incomplete", ["assemblies"] = new JsonArray("image") });
        }

        JsonOutput.Write(output, root, SbomParts.Options);
    }

    private static JsonObject Image(GuardResult result)
    {
        var image = new JsonObject { ["type"] = "container", ["bom-ref"] = "image", ["name"] = result.Reference, ["version"] = result.Digest ?? "" };
        if (result.Digest is { } digest && digest.StartsWith("sha256:", StringComparison.Ordinal))
        {
            image["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-256", ["content"] = digest[7..] });
        }

        if (result.BaseImage is { } name)
        {
            image["pedigree"] = new JsonObject { ["ancestors"] = new JsonArray(new JsonObject { ["type"] = "container", ["name"] = name }) };
        }

        return image;
    }

    private static JsonNode Component(Package p)
    {
        var component = new JsonObject { ["type"] = "library", ["bom-ref"] = p.Purl, ["name"] = p.Name, ["version"] = p.Version };
        if (p.Presence is Presence.Absent or Presence.BuildOnly)
        {
            component["scope"] = "excluded";
        }

        if (p.Sha512.Length == 128)
        {
            component["hashes"] = new JsonArray(new JsonObject { ["alg"] = "SHA-512", ["content"] = p.Sha512.ToLowerInvariant() });
        }

        if (p.License is { Length: > 0 } license)
        {
            component["licenses"] = new JsonArray(License(license));
        }

        component["purl"] = p.Purl;
        component["properties"] = new JsonArray([.. Properties(p).Select(x => (JsonNode)new JsonObject { ["name"] = Prefix + x.Name, ["value"] = x.Value })]);
        return component;
    }

    private static JsonObject License(string license) => !SpdxLicenses.IsExpression(license) ? new JsonObject { ["license"] = new JsonObject { ["name"] = license } }
        : license.Contains(' ', StringComparison.Ordinal) ? new JsonObject { ["expression"] = license }
        : new JsonObject { ["license"] = new JsonObject { ["id"] = license } };

    private static IEnumerable<(string Name, string Value)> Properties(Package p)
    {
        yield return ("origin", p.Origin.ToString().ToLowerInvariant());
        yield return ("layerIndex", p.LayerIndex.ToString(CultureInfo.InvariantCulture));
        yield return ("path", p.Path);
        yield return ("presence", p.Presence.ToString());
        if (!p.IsVersionCertain)
        {
            yield return ("versionCertain", "false");
        }

        if (p.SourceName is { } source)
        {
            yield return ("sourceName", source);
            yield return ("sourceVersion", p.SourceVersion ?? p.Version);
        }

        if (!p.DependencyPath.IsEmpty)
        {
            yield return ("dependencyPath", string.Join(" > ", p.DependencyPath));
        }
    }

    private static JsonArray Dependencies(List<Package> packages)
    {
        static JsonNode Of(string from, IEnumerable<string> to) => new JsonObject { ["ref"] = from, ["dependsOn"] = new JsonArray([.. to.Select(t => (JsonNode)t)]) };
        return new JsonArray([
            Of("image", SbomParts.Roots(packages).Select(p => p.Purl)),
            .. SbomParts.Edges(packages).GroupBy(e => e.From.Purl, e => e.To.Purl).Select(g => Of(g.Key, g)),
        ]);
    }
}
