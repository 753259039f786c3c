using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>
/// Streams of RPM modules. The packages of <c>nodejs:18</c> and <c>nodejs:20</c> have the same names, and so have those outside any module: a fix of one stream
/// says nothing about the others, whatever its version number.
/// </summary>
internal static partial class RpmModules
{
    /// <summary>Whether an affected entry is about the stream that the package is from. True where one of them does not say.</summary>
    /// <remarks><c>summary</c>: the advisory's, which alone names the stream: <c>Important: nodejs:18 security update</c>.</remarks>
    public static bool Concerns(Package package, AffectedPackage entry, Func<string> summary)
    {
        if (entry.Ranges.IsEmpty || VersionOrder.For(entry.Ecosystem) != RpmVersion.Compare)
        {
            return true;
        }

        // A range without a fix has no version to tell a module by.
        var versions = entry.Ranges.SelectMany(r => r.Events).Select(e => e.Version).Where(v => v is not ("0" or "*")).ToList();
        var isModular = IsModular(package.Version);
        if (versions.Count == 0 || versions.Exists(IsModular) != isModular)
        {
            return versions.Count == 0;
        }

        if (!isModular || package.Module.Split(':') is not [var name, var stream, ..])
        {
            return true;
        }

        var streams = Stream().Matches(summary()).Select(m => m.Value).ToList();
        return streams.Count == 0 || streams.Contains($"{name}:{stream}", StringComparer.Ordinal);
    }

    /// <summary>Builds of modules say so in their release: <c>module_el8.6.0+2904</c>, <c>module+el9.2.0</c>.</summary>
    private static bool IsModular(string version) => version.Contains(".module", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<![\w:])[a-z0-9][\w.+-]*:[\w.][\w.+-]*")]
    private static partial Regex Stream();
}
