using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Paragraphs of <c>/var/lib/dpkg/status</c> and <c>status.d/*</c> (distroless), which has no <c>Status</c> fields; nor has the file of a chiselled image.</summary>
internal static class DpkgStatus
{
    private static readonly string[] NotPackages = [".md5sums", ".list", ".preinst", ".postinst", ".prerm", ".postrm", ".conffiles"];

    public static bool Wants(string path) =>
        path == "var/lib/dpkg/status" || (path.StartsWith("var/lib/dpkg/status.d/", StringComparison.Ordinal) && !NotPackages.Any(s => path.EndsWith(s, StringComparison.Ordinal)));

    public static Catalogue Parse(ReadOnlyMemory<byte> bytes)
    {
        var found = new Catalogue();
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var (line, start) = (0, 1);
        foreach (var text in Encoding.UTF8.GetString(bytes.Span).EnumerateLines())
        {
            line++;
            if (text.IsWhiteSpace())
            {
                Add(found, fields, start);
                start = line + 1;
            }
            else if (text[0] is not (' ' or '\t') && text.IndexOf(':') is > 0 and var colon)
            {
                fields[text[..colon].ToString()] = text[(colon + 1)..].Trim().ToString();
            }
        }

        Add(found, fields, start);
        return found;
    }

    private static void Add(Catalogue found, Dictionary<string, string> fields, int line)
    {
        if (fields.Count == 0)
        {
            return;
        }

        // "want flag state": the files of a package are there in these states.
        var state = fields.GetValueOrDefault("Status", "").Split(' ')[^1];
        if (state is "" or "installed" or "unpacked" or "half-configured" or "triggers-awaited" or "triggers-pending")
        {
            if (fields.TryGetValue("Package", out var name) && fields.TryGetValue("Version", out var version) && name.Length > 0 && version.Length > 0)
            {
                found.Packages.Add(Of(name, version, fields));
            }
            else
            {
                found.Problems.Add(string.Create(CultureInfo.InvariantCulture, $"the paragraph from line {line} on names no package or no version"));
            }
        }
        else if (state == "half-installed")
        {
            found.Problems.Add($"{fields.GetValueOrDefault("Package", "a package")} is half installed");
        }

        fields.Clear();
    }

    private static SystemPackage Of(string name, string version, Dictionary<string, string> fields)
    {
        var (sourceName, sourceVersion) = (name, version);
        if (fields.TryGetValue("Source", out var source) && source.Length > 0)
        {
            // "Source: name (version)"; the version is given where it differs from the binary's.
            var open = source.IndexOf('(', StringComparison.Ordinal);
            sourceName = (open < 0 ? source : source[..open]).Trim();
            sourceVersion = open < 0 ? version : source[(open + 1)..].TrimEnd(')', ' ');
        }

        return new SystemPackage(name, version) { Architecture = fields.GetValueOrDefault("Architecture", ""), SourceName = sourceName, SourceVersion = sourceVersion };
    }
}
