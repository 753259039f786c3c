using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Joins what is in the image with what NuGet resolved for the project.</summary>
internal static class AssetsEnrichment
{
    /// <summary>Gives each package of the app its way from the project and its licence, adds the packages that a Native AOT compilation took in whole, and those that NuGet resolved and the image does not name.</summary>
    /// <remarks><c>appLayer</c>: the layer of the app.</remarks>
    public static void Apply(Inventory inventory, ProjectAssets assets, int appLayer)
    {
        for (var i = 0; i < inventory.Packages.Count; i++)
        {
            var package = inventory.Packages[i];
            if (package is { Ecosystem: "NuGet", Origin: Origin.App } && assets.Packages.TryGetValue(package.Name, out var resolved) && resolved.Version == package.Version && !resolved.Path.IsEmpty)
            {
                inventory.Packages[i] = package with { DependencyPath = resolved.Path, License = package.License ?? resolved.License };
            }
        }

        // The project's own program, whatever AssemblyName calls it: the one of its name, or the only one there is.
        var program = inventory.Opaque.Find(e => e.Name.Equals(assets.ProjectName, StringComparison.OrdinalIgnoreCase)) ?? (inventory.Opaque.Count == 1 ? inventory.Opaque[0] : null);
        if (program is not null)
        {
            inventory.Opaque.Remove(program);
            inventory.Packages.AddRange(Resolved(assets, p => p.HasRuntimeAssets).Select(p => ToPackage(p, assets, program.LayerIndex, program.Path)));
        }

        var listed = inventory.Packages.Where(p => p.Ecosystem == "NuGet").Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        inventory.Packages.AddRange(Resolved(assets, p => !listed.Contains(p.Name)).Select(p => ToPackage(p, assets, appLayer, Path.GetFileName(assets.ProjectPath)) with
        {
            // Where the app says what it is made of, what it leaves out is the framework's to bring; where it says nothing, all of it counts.
            Presence = !p.HasRuntimeAssets ? Presence.BuildOnly : inventory.ListsApp ? Presence.Absent : Presence.Present,
        }));
    }

    private static IOrderedEnumerable<ResolvedPackage> Resolved(ProjectAssets assets, Func<ResolvedPackage, bool> which) =>
        assets.Packages.Values.Where(p => which(p) && !p.Path.IsEmpty).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase);

    private static Package ToPackage(ResolvedPackage package, ProjectAssets assets, int layer, string path) => new()
    {
        Purl = PackageUrl.Of("nuget", null, package.Name, package.Version),
        Ecosystem = "NuGet",
        Name = package.Name,
        Version = package.Version,
        Origin = Origin.App,
        LayerIndex = layer,
        Path = path,
        License = package.License,
        DependencyPath = package.Path,
        DependsOn = [.. package.Dependencies.Where(assets.Packages.ContainsKey).Select(d => assets.Packages[d]).Select(d => PackageUrl.Of("nuget", null, d.Name, d.Version))],
    };
}
