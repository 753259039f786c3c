using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Makes packages of a bill's package URLs, in the names and versions that advisories use.</summary>
internal static class SbomPackages
{
    // Some tools name a Debian or Ubuntu release by its code name, as the package URL specification's examples do.
    private static readonly Dictionary<string, (string Id, string Version)> CodeNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["buster"] = ("debian", "10"), ["bullseye"] = ("debian", "11"), ["bookworm"] = ("debian", "12"), ["trixie"] = ("debian", "13"),
        ["focal"] = ("ubuntu", "20.04"), ["jammy"] = ("ubuntu", "22.04"), ["noble"] = ("ubuntu", "24.04"), ["resolute"] = ("ubuntu", "26.04"),
    };

    /// <summary>Null, with the reason, where it cannot be compared with advisories.</summary>
    /// <remarks><c>distribution</c>: the one that the whole bill is of; null where it does not say.</remarks>
    public static Package? Of(SbomEntry entry, string file, OperatingSystemRelease? distribution, out string? problem)
    {
        problem = null;
        if (PackageUrl.Parse(entry.Purl) is not { } purl)
        {
            problem = $"'{entry.Purl}' is no package URL";
            return null;
        }

        var (ecosystem, release, name, version) = purl.Type switch
        {
            "nuget" => ("NuGet", "", purl.Name, purl.Version),
            "npm" => ("npm", "", Join(purl, '/'), purl.Version),
            "pypi" => ("PyPI", "", purl.Name, purl.Version),
            "golang" => ("Go", "", Join(purl, '/'), purl.Version),
            "maven" => ("Maven", "", Join(purl, ':'), purl.Version),
            "generic" when purl.Name == "dotnet-sdk" => (VersionOrder.DotNet, "", purl.Name, purl.Version),
            "deb" or "apk" or "rpm" => System(purl, distribution),
            _ => ("generic", "", Join(purl, '/'), purl.Version),
        };
        if (ecosystem.Length == 0)
        {
            problem = $"{purl.Name} {purl.Version}: neither its package URL nor the bill names a distribution and release that the guard has advisories for";
        }
        else if (ecosystem == "generic" && purl.Type != "generic")
        {
            problem = $"{purl.Name} {purl.Version}: the guard has no advisories for packages of the type '{purl.Type}'";
        }
        else if (version.Length == 0)
        {
            problem = $"{purl.Name}: the bill does not say its version";
        }

        var (source, sourceVersion) = Source(entry, purl, version);
        return problem is not null ? null : new Package
        {
            Purl = entry.Purl,
            Ecosystem = ecosystem,
            EcosystemRelease = release,
            Name = name,
            Version = version,
            SourceName = source,
            SourceVersion = sourceVersion,
            Module = purl.Type == "rpm" ? purl.Qualifiers.GetValueOrDefault("rpmmod", "") : "",
            Origin = entry.Origin,
            LayerIndex = 0,
            Path = entry.Path.Length > 0 ? entry.Path.TrimStart('/') : file,
            Presence = entry.Presence,
            IsVersionCertain = entry.IsVersionCertain,
            License = entry.License.Length > 0 ? entry.License : null,
        };
    }

    private static (string Ecosystem, string Release, string Name, string Version) System(PackageUrlParts purl, OperatingSystemRelease? distribution)
    {
        var own = purl.Qualifiers.GetValueOrDefault("distro", "");
        var release = CodeNames.TryGetValue(own, out var coded) ? OperatingSystemRelease.Named(coded.Id, coded.Version)
            : own.LastIndexOf('-') is > 0 and var dash && own.Length > dash + 1 && char.IsAsciiDigit(own[dash + 1]) ? OperatingSystemRelease.Named(own[..dash], own[(dash + 1)..])
            : distribution ?? OperatingSystemRelease.Named(purl.Namespace, "");
        var version = purl.Qualifiers.GetValueOrDefault("epoch", "0") is var epoch && epoch != "0" && !purl.Version.Contains(':', StringComparison.Ordinal) ? $"{epoch}:{purl.Version}" : purl.Version;
        return release.Osv is { } osv ? (osv.Ecosystem, osv.Release, purl.Name, version) : ("", "", purl.Name, version);
    }

    /// <summary>The source by the bill's own words, else by the qualifier <c>upstream</c>: <c>openssl@3.0.11-1</c>, <c>openssl</c>, <c>openssl-3.0.7-1.el9.src.rpm</c>.</summary>
    private static (string? Name, string? Version) Source(SbomEntry entry, PackageUrlParts purl, string version)
    {
        if (entry.SourceName.Length > 0)
        {
            return (entry.SourceName, entry.SourceVersion.Length > 0 ? entry.SourceVersion : version);
        }

        if (purl.Qualifiers.GetValueOrDefault("upstream", "") is not { Length: > 0 } upstream)
        {
            return purl.Type is "deb" ? (purl.Name, version) : (null, null);
        }

        if (purl.Type == "rpm")
        {
            var of = RpmPackage.Of(purl.Name, version, 0, "", upstream, null);
            return (of.SourceName, of.SourceVersion);
        }

        return upstream.Split('@', 2) is [var name, var its] ? (name, its) : (upstream, version);
    }

    private static string Join(PackageUrlParts purl, char separator) => purl.Namespace.Length == 0 ? purl.Name : $"{purl.Namespace}{separator}{purl.Name}";
}
