using System.Text;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>An entry of a distribution's package database.</summary>
internal sealed record SystemPackage(string Name, string Version, string Architecture, string? SourceName, string? SourceVersion, string? License)
{
    public void Save(FactWriter facts)
    {
        facts.Write(Name);
        facts.Write(Version);
        facts.Write(Architecture);
        facts.Write(SourceName);
        facts.Write(SourceVersion);
        facts.Write(License);
    }

    public static SystemPackage Load(FactReader facts) => new(facts.ReadText(), facts.ReadText(), facts.ReadText(), facts.ReadString(), facts.ReadString(), facts.ReadString());
}

/// <summary>Paragraphs of <c>/var/lib/dpkg/status</c> and <c>status.d/*</c> (distroless).</summary>
internal static class DpkgStatus
{
    public static bool Wants(string path) =>
        path == "var/lib/dpkg/status" || (path.StartsWith("var/lib/dpkg/status.d/", StringComparison.Ordinal) && !path.EndsWith(".md5sums", StringComparison.Ordinal));

    public static List<SystemPackage> Parse(ReadOnlyMemory<byte> bytes)
    {
        var packages = new List<SystemPackage>();
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in Encoding.UTF8.GetString(bytes.Span).Split('\n').Append(""))
        {
            if (line.Length == 0)
            {
                Add(packages, fields);
                fields.Clear();
            }
            else if (line[0] is not (' ' or '\t') && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        return packages;
    }

    private static void Add(List<SystemPackage> packages, Dictionary<string, string> fields)
    {
        // status.d has no Status field: everything there is installed.
        if (!fields.TryGetValue("Package", out var name) || !fields.TryGetValue("Version", out var version)
            || (fields.TryGetValue("Status", out var status) && !status.EndsWith(" installed", StringComparison.Ordinal)))
        {
            return;
        }

        var (sourceName, sourceVersion) = (name, version);
        if (fields.TryGetValue("Source", out var source))
        {
            // "Source: name (version)"; the version is given where it differs from the binary's.
            var open = source.IndexOf('(', StringComparison.Ordinal);
            sourceName = (open < 0 ? source : source[..open]).Trim();
            sourceVersion = open < 0 ? version : source[(open + 1)..].TrimEnd(')', ' ');
        }

        packages.Add(new SystemPackage(name, version, fields.GetValueOrDefault("Architecture", ""), sourceName, sourceVersion, null));
    }
}
