using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Gathers the packages of an image from every database that the guard reads.</summary>
internal sealed class PackageInventory
{
    private readonly FileObserver<OperatingSystemRelease> _release = new("os-release/1", e => OperatingSystemRelease.Paths.Contains(e.Path), OperatingSystemRelease.Parse, (w, r) => r.Save(w), OperatingSystemRelease.Load);
    private readonly FileObserver<List<SystemPackage>> _dpkg = new("dpkg/1", e => DpkgStatus.Wants(e.Path), DpkgStatus.Parse, SaveAll, LoadAll);
    private readonly FileObserver<List<SystemPackage>> _apk = new("apk/1", e => ApkInstalled.Wants(e.Path), ApkInstalled.Parse, SaveAll, LoadAll);
    private readonly FileObserver<List<DependencyPackage>> _dependencies = new("deps.json/1", e => e.Path.EndsWith(".deps.json", StringComparison.Ordinal), DependencyFile.Parse,
        (w, list) => w.WriteList(list, (w, p) => p.Save(w)), r => r.ReadList(DependencyPackage.Load));

    public IEnumerable<ILayerObserver> Observers => [_release, _dpkg, _apk, _dependencies];

    public (OperatingSystemRelease? Release, List<Package> Packages, List<Gap> Gaps) Read(ImageInspection inspection)
    {
        var release = _release.Visible(inspection).OrderBy(r => Array.IndexOf(OperatingSystemRelease.Paths, r.Entry.Path)).Select(r => r.Parsed).FirstOrDefault();
        var packages = new List<Package>();
        var gaps = new List<Gap>();
        foreach (var (entry, found) in _dpkg.Visible(inspection).Concat(_apk.Visible(inspection)))
        {
            packages.AddRange(found.Select(p => FromSystem(inspection, entry, release, p)));
        }

        if (release is not null && packages.Count == 0)
        {
            gaps.Add(new Gap("operating system packages", release.Osv is null
                ? $"the package database of {release.PrettyName} is not one that the guard reads (dpkg, apk)"
                : $"no package database of {release.PrettyName} was found", null, OperatingSystemRelease.Paths[0]));
        }
        else if (packages.Count > 0 && release?.Osv is null)
        {
            gaps.Add(new Gap("operating system packages", "the image has packages, but its os-release names no distribution that the guard has advisories for", null, packages[0].Path));
        }

        foreach (var (entry, found) in _dependencies.Visible(inspection))
        {
            if (SharedRuntime.Parse(entry.Path) is { } runtime)
            {
                packages.Add(NuGet(inspection, entry, runtime.Name, runtime.Version, []));
                continue;
            }

            packages.AddRange(found.Select(p => NuGet(inspection, entry, p.Name, p.Version, p.Path)));
        }

        return (release, packages, gaps);
    }

    private static void SaveAll(FactWriter facts, List<SystemPackage> packages) => facts.WriteList(packages, (w, p) => p.Save(w));

    private static List<SystemPackage> LoadAll(FactReader facts) => facts.ReadList(SystemPackage.Load);

    private static Package FromSystem(ImageInspection inspection, LayerEntry entry, OperatingSystemRelease? release, SystemPackage p)
    {
        var apk = ApkInstalled.Wants(entry.Path);
        var (ecosystem, number) = release?.Osv ?? (apk ? "Alpine" : "Debian", "");
        var id = release?.Id is { Length: > 0 } named ? named : apk ? "alpine" : "debian";
        return new Package
        {
            Purl = PackageUrl.Of(apk ? "apk" : "deb", id, p.Name, p.Version, ("arch", p.Architecture), ("distro", release is { VersionId.Length: > 0 } ? $"{id}-{release.VersionId}" : "")),
            Ecosystem = ecosystem,
            EcosystemRelease = number,
            Name = p.Name,
            Version = p.Version,
            SourceName = p.SourceName,
            SourceVersion = p.SourceVersion,
            Origin = inspection.LayerOf(entry).Origin,
            LayerIndex = entry.LayerIndex,
            Path = entry.Path,
            License = p.License,
        };
    }

    private static Package NuGet(ImageInspection inspection, LayerEntry entry, string name, string version, System.Collections.Immutable.ImmutableArray<string> path) => new()
    {
        Purl = PackageUrl.Of("nuget", null, name, version),
        Ecosystem = "NuGet",
        Name = name,
        Version = version,
        Origin = inspection.LayerOf(entry).Origin,
        LayerIndex = entry.LayerIndex,
        Path = entry.Path,
        DependencyPath = path,
    };
}
