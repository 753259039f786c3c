using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>RPM packages, whichever file they were read from.</summary>
internal static class RpmPackage
{
    public static SystemPackage Of(RpmHeader header) => Of(header.Name, header.VersionRelease, header.Epoch, header.Architecture, header.SourceRpm, header.License) with { Module = header.Module };

    public static SystemPackage Of(string name, string versionRelease, uint epoch, string architecture, string? sourceRpm, string? license)
    {
        var full = epoch == 0 ? versionRelease : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{epoch}:{versionRelease}");
        var (sourceName, sourceVersion) = SplitSource(sourceRpm) is var (source, of) ? (source, epoch == 0 ? of : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{epoch}:{of}")) : (name, full);
        return new SystemPackage(name, full) { Architecture = architecture, SourceName = sourceName, SourceVersion = sourceVersion, License = license };
    }

    /// <summary>The name and version of <c>name-version-release.src.rpm</c>.</summary>
    private static (string Name, string Version)? SplitSource(string? file)
    {
        if (file is null)
        {
            return null;
        }

        foreach (var ending in (ReadOnlySpan<string>)[".src.rpm", ".nosrc.rpm"])
        {
            if (file.EndsWith(ending, StringComparison.Ordinal) && file[..^ending.Length] is var stem
                && stem.LastIndexOf('-') is > 0 and var release && stem.LastIndexOf('-', release - 1) is > 0 and var version)
            {
                return (stem[..version], stem[(version + 1)..]);
            }
        }

        return null;
    }
}
