using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Joins what is in the image with what NuGet resolved for the project.</summary>
internal static class AssetsEnrichment
{
    /// <summary>Gives each package of the app its way from the project, and adds the packages that a Native AOT compilation took in whole.</summary>
    public static void Apply(Inventory inventory, ProjectAssets assets)
    {
        for (var i = 0; i < inventory.Packages.Count; i++)
        {
            var package = inventory.Packages[i];
            if (package is { Ecosystem: "NuGet", Origin: Origin.App } && assets.Packages.TryGetValue(package.Name, out var resolved) && resolved.Version == package.Version && !resolved.Path.IsEmpty)
            {
                inventory.Packages[i] = package with { DependencyPath = resolved.Path };
            }
        }

        // The project's own program, whatever AssemblyName calls it: the one of its name, or the only one there is.
        var program = inventory.Opaque.Find(e => e.Name.Equals(assets.ProjectName, StringComparison.OrdinalIgnoreCase)) ?? (inventory.Opaque.Count == 1 ? inventory.Opaque[0] : null);
        if (program is not null)
        {
            inventory.Opaque.Remove(program);
            inventory.Packages.AddRange(assets.Packages.Values.Where(p => p.HasRuntimeAssets && !p.Path.IsEmpty).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => new Package
            {
                Purl = PackageUrl.Of("nuget", null, p.Name, p.Version),
                Ecosystem = "NuGet",
                Name = p.Name,
                Version = p.Version,
                Origin = Origin.App,
                LayerIndex = program.LayerIndex,
                Path = program.Path,
                DependencyPath = p.Path,
                DependsOn = [.. p.Dependencies.Where(assets.Packages.ContainsKey).Select(d => assets.Packages[d]).Select(d => PackageUrl.Of("nuget", null, d.Name, d.Version))],
            }));
        }
    }
}
