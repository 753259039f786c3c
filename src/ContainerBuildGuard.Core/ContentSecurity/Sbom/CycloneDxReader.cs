using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Reads CycloneDX: components, nested ones too, with what the guard and Trivy write into properties.</summary>
internal static class CycloneDxReader
{
    public static SbomDocument Read(JsonElement root, string file)
    {
        var entries = new List<SbomEntry>();
        var unnamed = new List<string>();
        OperatingSystemRelease? release = null;
        var open = new Stack<JsonElement>(SbomReader.Items(root, "components"));
        while (open.TryPop(out var component))
        {
            foreach (var child in SbomReader.Items(component, "components"))
            {
                open.Push(child);
            }

            var (type, name) = (SbomReader.Text(component, "type"), SbomReader.Text(component, "name"));
            if (type == "operating-system")
            {
                release ??= OperatingSystemRelease.Named(name, SbomReader.Text(component, "version"));
            }
            else if (SbomReader.Text(component, "purl") is { Length: > 0 } purl)
            {
                entries.Add(Entry(component, purl));
            }
            else if (type is "library" or "framework")
            {
                unnamed.Add($"{name} {SbomReader.Text(component, "version")}".Trim());
            }
        }

        entries.Reverse();
        var subject = root.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty("component", out var image) ? SbomReader.Text(image, "name") : "";
        var document = SbomReader.Assemble(subject, file, entries, unnamed, release);
        if (SbomReader.Items(root, "compositions").Any(c => SbomReader.Text(c, "aggregate") == "incomplete"))
        {
            document.Gaps.Add(new Gap("the bill of materials", "it says of itself that it is incomplete", null, file));
        }

        return document;
    }

    private static SbomEntry Entry(JsonElement component, string purl)
    {
        var properties = SbomReader.Items(component, "properties").DistinctBy(p => SbomReader.Text(p, "name")).ToDictionary(p => SbomReader.Text(p, "name"), p => SbomReader.Text(p, "value"), StringComparer.Ordinal);
        string Own(string name) => properties.GetValueOrDefault(CycloneDxWriter.Prefix + name, "");
        string Trivy(string name) => properties.GetValueOrDefault($"aquasecurity:trivy:{name}", "");
        return new SbomEntry(purl)
        {
            SourceName = Own("sourceName") is { Length: > 0 } source ? source : Trivy("SrcName"),
            SourceVersion = Own("sourceVersion") is { Length: > 0 } version ? version
                : $"{(Trivy("SrcEpoch") is { Length: > 0 } and not "0" and var epoch ? $"{epoch}:" : "")}{Trivy("SrcVersion")}{(Trivy("SrcRelease") is { Length: > 0 } release ? $"-{release}" : "")}",
            Path = Own("path") is { Length: > 0 } path ? path : properties.GetValueOrDefault("syft:location:0:path", ""),
            Origin = Own("origin") == "base" ? Origin.Base : Origin.App,
            Presence = Enum.TryParse<Presence>(Own("presence"), out var presence) ? presence : SbomReader.Text(component, "scope") == "excluded" ? Presence.Absent : Presence.Present,
            IsVersionCertain = Own("versionCertain") != "false",
            License = SbomReader.Items(component, "licenses").Select(l => l.TryGetProperty("license", out var license) ? $"{SbomReader.Text(license, "id")}{SbomReader.Text(license, "name")}" : SbomReader.Text(l, "expression")).FirstOrDefault("") ?? "",
        };
    }
}
