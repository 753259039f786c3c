using System.Globalization;
using ContainerBuildGuard.SystemPackages;

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
        foreach (var package in DpkgPackage.Read(bytes))
        {
            // The files of a package are there in these states.
            if (package.State is "" or "installed" or "unpacked" or "half-configured" or "triggers-awaited" or "triggers-pending")
            {
                if (package is { Name.Length: > 0, Version.Length: > 0 })
                {
                    found.Packages.Add(Of(package));
                }
                else
                {
                    found.Problems.Add(string.Create(CultureInfo.InvariantCulture, $"the paragraph from line {package.Line} on names no package or no version"));
                }
            }
            else if (package.State == "half-installed")
            {
                found.Problems.Add($"{(package.Name.Length > 0 ? package.Name : "a package")} is half installed");
            }
        }

        return found;
    }

    private static SystemPackage Of(DpkgPackage package)
    {
        // "Source: name (version)"; the version is given where it differs from the binary's.
        var open = package.Source.IndexOf('(', StringComparison.Ordinal);
        var source = (open < 0 ? package.Source : package.Source[..open]).Trim();
        return new SystemPackage(package.Name, package.Version)
        {
            Architecture = package.Architecture,
            SourceName = source.Length > 0 ? source : package.Name,
            SourceVersion = open < 0 ? package.Version : package.Source[(open + 1)..].TrimEnd(')', ' '),
        };
    }
}
