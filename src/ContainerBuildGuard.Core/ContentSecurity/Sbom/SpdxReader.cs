using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Reads SPDX: packages with a package URL among their external references.</summary>
internal static class SpdxReader
{
    private const string BuiltFrom = "built package from: ";

    public static SbomDocument Read(JsonElement root, string file)
    {
        var entries = new List<SbomEntry>();
        var unnamed = new List<string>();
        OperatingSystemRelease? release = null;
        // Nobody looks the described subject itself up.
        var subjects = SbomReader.Items(root, "documentDescribes").Select(d => d.GetString() ?? "")
            .Concat(SbomReader.Items(root, "relationships").Where(r => SbomReader.Text(r, "relationshipType") == "DESCRIBES").Select(r => SbomReader.Text(r, "relatedSpdxElement"))).ToHashSet(StringComparer.Ordinal);
        foreach (var package in SbomReader.Items(root, "packages"))
        {
            var (name, version, purpose) = (SbomReader.Text(package, "name"), SbomReader.Text(package, "versionInfo"), SbomReader.Text(package, "primaryPackagePurpose"));
            var purl = SbomReader.Items(package, "externalRefs").Where(r => SbomReader.Text(r, "referenceType") == "purl").Select(r => SbomReader.Text(r, "referenceLocator")).FirstOrDefault("");
            if (purpose is "OPERATING-SYSTEM" or "OPERATING_SYSTEM")
            {
                release ??= OperatingSystemRelease.Named(name, version);
            }
            else if (purpose is "CONTAINER" || subjects.Contains(SbomReader.Text(package, "SPDXID")))
            {
                continue;
            }
            else if (purl.Length > 0)
            {
                var source = SbomReader.Text(package, "sourceInfo") is var info && info.StartsWith(BuiltFrom, StringComparison.Ordinal) ? info[BuiltFrom.Length..].Split(' ', 2) : [""];
                entries.Add(new SbomEntry(purl)
                {
                    SourceName = source[0],
                    SourceVersion = source.Length > 1 ? source[1] : "",
                    Presence = Enum.GetValues<Presence>().FirstOrDefault(p => SbomReader.Text(package, "comment").EndsWith($", {p}", StringComparison.Ordinal)),
                    Origin = SbomReader.Text(package, "comment").StartsWith("base image", StringComparison.Ordinal) ? Origin.Base : Origin.App,
                });
            }
            else
            {
                unnamed.Add($"{name} {version}".Trim());
            }
        }

        return SbomReader.Assemble(SbomReader.Text(root, "name"), file, entries, unnamed, release);
    }
}
