using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>npm, Python, Go and Java packages, and NuGet lock files.</summary>
internal sealed class LanguageInventory
{
    private readonly FileObserver<Catalogue> _npm = SystemInventory.Catalogues("npm/1", LanguagePackages.WantsNpm, LanguagePackages.ParseNpm);
    private readonly FileObserver<Catalogue> _npmLock = SystemInventory.Catalogues("npm-lock/1", LanguagePackages.WantsNpmLock, LanguagePackages.ParseNpmLock);
    private readonly FileObserver<Catalogue> _python = SystemInventory.Catalogues("python/1", LanguagePackages.WantsPython, LanguagePackages.ParsePython);
    private readonly FileObserver<Catalogue> _jars = SystemInventory.Catalogues("jar/1", LanguagePackages.WantsJar, LanguagePackages.ParseJar);
    private readonly FileObserver<Catalogue> _nugetLock = SystemInventory.Catalogues("nuget-lock/1", LanguagePackages.WantsNuGetLock, LanguagePackages.ParseNuGetLock);

    public IEnumerable<ILayerObserver> Observers => [_npm, _npmLock, _python, _jars, _nugetLock];

    public void Read(ImageInspection inspection, Inventory inventory)
    {
        var installed = _npm.Visible(inspection).ToList();
        Add(inspection, inventory, installed, "npm", "npm");
        // A lock file counts where nothing of it is installed beside it: it is then all that tells of bundled code, without saying what was bundled.
        Add(inspection, inventory, _npmLock.Visible(inspection).Where(l => !installed.Exists(i => i.Entry.Path.StartsWith(l.Entry.Path[..^"package-lock.json".Length] + "node_modules/", StringComparison.Ordinal))), "npm", "npm", Presence.Absent);
        Add(inspection, inventory, _python.Visible(inspection), "PyPI", "pypi");
        Add(inspection, inventory, _jars.Visible(inspection), "Maven", "maven");
        Add(inspection, inventory, _nugetLock.Visible(inspection), "NuGet", "nuget", Presence.Absent);
        Add(inspection, inventory, ExecutableObserver.Visible(inspection).Where(e => e.Parsed.GoModules is not null).Select(e => new FoundFile<Catalogue>(e.Entry, new Catalogue(e.Parsed.GoModules!, []))), "Go", "golang");
    }

    private static void Add(ImageInspection inspection, Inventory inventory, IEnumerable<FoundFile<Catalogue>> files, string ecosystem, string type, Presence presence = Presence.Present)
    {
        foreach (var (entry, found) in files)
        {
            inventory.Gaps.AddRange(found.Problems.Select(p => new Gap($"{ecosystem} packages", p, entry.LayerIndex, entry.Path)));
            inventory.Packages.AddRange(found.Packages.Select(p => new Package
            {
                Purl = Purl(type, p),
                Ecosystem = ecosystem,
                Name = p.Name,
                Version = p.Version,
                Origin = inspection.LayerOf(entry).Origin,
                LayerIndex = entry.LayerIndex,
                Path = entry.Path,
                License = p.License,
                Presence = presence,
            }));
        }
    }

    /// <summary>Scopes, groups and module paths are a package URL's namespace.</summary>
    private static string Purl(string type, SystemPackage package)
    {
        var slash = package.Name.LastIndexOf(type == "maven" ? ':' : '/');
        return slash < 0
            ? PackageUrl.Of(type, null, type == "pypi" ? package.Name.ToLowerInvariant().Replace('_', '-') : package.Name, package.Version)
            : PackageUrl.Of(type, package.Name[..slash], package.Name[(slash + 1)..], package.Version);
    }
}
