using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>
/// Red Hat's releases in OSV are product streams, a CPE without its beginning: <c>enterprise_linux:9::baseos</c>, <c>enterprise_linux:10.1</c>, <c>rhel_eus:9.4::appstream</c>. An image is of one
/// major version; which repositories and support programmes it had is not in it.
/// </summary>
internal static partial class RedHatStreams
{
    public const string Ecosystem = "Red Hat";

    /// <summary>
    /// The release to look a stream's packages up by: <c>9</c> for every repository and minor version of Enterprise Linux 9, <c>extended:9</c> for the support programmes of its older minor versions.
    /// Other products stay what they are, and no image is one of them.
    /// </summary>
    public static string Release(string stream) => stream.Split(':') is [var product, var version, ..] && version.Split('.')[0] is { Length: > 0 } major && major.All(char.IsAsciiDigit)
        ? product switch
        {
            "enterprise_linux" => major,
            "enterprise_linux_eus" or "rhel_eus" or "rhel_eus_long_life" or "rhel_aus" or "rhel_e4s" or "rhel_els" or "rhel_tus" => Extended(major),
            _ => stream,
        }
        : stream;

    /// <summary>
    /// Leaves out what a package is affected by only in the eyes of another stream. A fix that was built for the very minor version that the package was built for (<c>el9_4</c>) is in it from that
    /// build on, though the number of the fix in a later minor version is higher.
    /// </summary>
    public static void RemoveFixed(Package package, List<AffectedBy> affected, AdvisoryIndex index)
    {
        if (affected.Count == 0 || package.Ecosystem != Ecosystem || Minor(package.Version) is not { } minor)
        {
            return;
        }

        var mended = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in ((string[])[package.Name, package.SourceName ?? package.Name]).Distinct(StringComparer.Ordinal))
        {
            var entries = index.Find(Ecosystem, package.EcosystemRelease, name).Concat(index.Find(Ecosystem, Extended(package.EcosystemRelease), name));
            mended.UnionWith(entries.Where(e => FixesOf(minor, e.Affected).Any(f => RpmVersion.Compare(package.Version, f) >= 0)).SelectMany(e => Vulnerabilities(index.Read(e))));
        }

        // A second fix for the same minor version is comparable, and says that the first was not enough.
        affected.RemoveAll(a => !FixesOf(minor, a.Entry).Any() && Vulnerabilities(a.Advisory) is { Count: > 0 } named && named.TrueForAll(mended.Contains));
    }

    private static string Extended(string major) => $"extended:{major}";

    private static IEnumerable<string> FixesOf(string minor, AffectedPackage entry) =>
        entry.Ranges.SelectMany(r => r.Events).Where(e => e.Kind == RangeEventKind.Fixed && Minor(e.Version) == minor).Select(e => e.Version);

    private static List<string> Vulnerabilities(Advisory advisory) => [.. advisory.Aliases.Concat(advisory.Related).Where(i => i.StartsWith("CVE-", StringComparison.OrdinalIgnoreCase))];

    /// <summary><c>9_4</c> of <c>3.0.7-27.el9_4.1</c>; null for builds that are of no one minor version.</summary>
    private static string? Minor(string version) => Tag().Match(version) is { Success: true } tag ? tag.Groups[1].Value : null;

    [GeneratedRegex(@"\.el([0-9]+_[0-9]+)(?![0-9])")]
    private static partial Regex Tag();
}
