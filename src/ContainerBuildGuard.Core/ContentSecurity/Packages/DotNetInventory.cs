using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What .NET is in an image: runtimes, the packages of apps and tools, single-file bundles, Native AOT, and assemblies that nothing names.</summary>
internal sealed class DotNetInventory
{
    private readonly FileObserver<AppDependencies> _dependencies = new("deps.json/2", e => e.Path.EndsWith(".deps.json", StringComparison.Ordinal), AppDependencies.Parse, (w, d) => d.Save(w), AppDependencies.Load);
    private readonly FileObserver<AssemblyIdentity?> _assemblies = new("assemblies/1", e => IsLooseAssembly(e.Path), AssemblyIdentity.Read, Save, Load);

    private readonly FileObserver<Catalogue> _configurations = SystemInventory.Catalogues("runtimeconfig/1", RuntimeConfiguration.Wants, RuntimeConfiguration.Parse);

    public IEnumerable<ILayerObserver> Observers => [_dependencies, _assemblies, _configurations, new ExecutableObserver()];

    public void Read(ImageInspection inspection, Inventory inventory)
    {
        var framework = new FrameworkAssets();
        var apps = new List<(LayerEntry Entry, AppDependencies Parsed, IReadOnlyCollection<string>? Bundled)>();
        var carried = _configurations.Visible(inspection).ToList();
        foreach (var (entry, parsed) in _dependencies.Visible(inspection))
        {
            if (SharedRuntime.Parse(entry.Path) is { } runtime)
            {
                framework.Add(parsed, runtime.Version);
                // The dependency file names the package that the framework was made from, which is what advisories speak of.
                var name = parsed.Libraries.FirstOrDefault(l => l.IsPackage && SharedRuntime.FrameworkOf(l.Name) is not null)?.Name ?? runtime.Name;
                inventory.Packages.Add(NuGet(inspection, entry, name, runtime.Version));
            }
            else
            {
                apps.Add((entry, parsed, null));
            }
        }

        foreach (var (entry, facts) in ExecutableObserver.Visible(inspection))
        {
            if (facts.Problem is { } problem)
            {
                inventory.Gaps.Add(new Gap("single-file app", problem, entry.LayerIndex, entry.Path));
            }
            else if (facts.Bundle is { } bundle)
            {
                if (bundle.Dependencies is { } dependencies)
                {
                    apps.Add((entry, dependencies, bundle.Files));
                }

                carried.Add(new(entry, new Catalogue(bundle.Runtimes, [])));
                AddAssemblies(inspection, inventory, bundle.Assemblies.Select(a => (entry, a)), bundle.Dependencies is { } known ? FilesOf(known) : []);
            }
            else if (facts.NativeAot is { } version)
            {
                inventory.Opaque.Add(entry);
                if (version.Length > 0)
                {
                    inventory.Packages.Add(NuGet(inspection, entry, "Microsoft.NETCore.App.Runtime.NativeAOT", version));
                }
            }
        }

        inventory.ListsApp = apps.Exists(a => inspection.LayerOf(a.Entry).Origin == Origin.App);
        foreach (var (entry, parsed, bundled) in apps)
        {
            AddLibraries(inspection, inventory, entry, parsed, bundled, framework);
        }

        AddRuntimes(inspection, inventory, carried);
        AddUnnamed(inspection, inventory, apps.ConvertAll(a => (Folder(a.Entry.Path), FilesOf(a.Parsed))));
        AddHosts(inspection, inventory);
    }

    private static void AddLibraries(ImageInspection inspection, Inventory inventory, LayerEntry entry, AppDependencies parsed, IReadOnlyCollection<string>? bundled, FrameworkAssets framework)
    {
        var paths = DependencyPaths.Of(parsed);
        var byName = parsed.Libraries.Where(l => l.IsPackage).GroupBy(l => l.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase);
        var files = new AppFiles(inspection.Files, Folder(entry.Path), bundled);
        foreach (var library in parsed.Libraries.Where(l => l.IsPackage))
        {
            var isRuntime = library.Type == "runtimepack";
            inventory.Packages.Add(NuGet(inspection, entry, Trim(library.Name), library.Version) with
            {
                Presence = isRuntime ? Presence.Present : files.Find(library) is not { Count: > 0 } present ? Presence.Absent : framework.Supersedes(present) ? Presence.Superseded : Presence.Present,
                Sha512 = Hex(library.Sha512),
                DependencyPath = [.. paths.GetValueOrDefault(library.Name, [])],
                DependsOn = [.. library.Dependencies.Where(byName.ContainsKey).Select(d => byName[d]).Select(d => PackageUrl.Of("nuget", null, Trim(d.Name), d.Version))],
            });
        }
    }

    /// <summary>Runtimes of self-contained apps whose dependency file is not there or does not name them.</summary>
    private static void AddRuntimes(ImageInspection inspection, Inventory inventory, List<FoundFile<Catalogue>> carried)
    {
        foreach (var (entry, found) in carried)
        {
            inventory.Packages.AddRange(found.Packages.Where(f => !inventory.Packages.Exists(p => SharedRuntime.FrameworkOf(p.Name) == f.Name && Folder(p.Path) == Folder(entry.Path))).Select(f => NuGet(inspection, entry, f.Name, f.Version)).ToList());
        }
    }

    /// <summary>Assemblies that no dependency file around them names: plugins, and apps built without one.</summary>
    private void AddUnnamed(ImageInspection inspection, Inventory inventory, List<(string Folder, HashSet<string> Files)> named) =>
        AddAssemblies(
            inspection,
            inventory,
            _assemblies.Visible(inspection).Where(a => a.Parsed is not null && !named.Any(n => a.Entry.Path.StartsWith(n.Folder, StringComparison.Ordinal) && n.Files.Contains(a.Entry.Name))).Select(a => (a.Entry, a.Parsed!)),
            []);

    private static void AddAssemblies(ImageInspection inspection, Inventory inventory, IEnumerable<(LayerEntry Entry, AssemblyIdentity Identity)> assemblies, HashSet<string> named) =>
        inventory.Packages.AddRange(assemblies.Where(a => !named.Contains($"{a.Identity.Name}.dll")).Select(a => NuGet(inspection, a.Entry, a.Identity.Name, a.Identity.PackageVersion ?? a.Identity.AssemblyVersion) with
        {
            IsVersionCertain = a.Identity.PackageVersion is not null,
        }));

    /// <summary>Host resolvers, SDKs and global tools, by where they stand.</summary>
    private static void AddHosts(ImageInspection inspection, Inventory inventory)
    {
        foreach (var entry in inspection.Files.Visible.Where(e => e.Type == EntryType.File))
        {
            if (entry.Name == "libhostfxr.so" && SharedRuntime.ParseHost(entry.Path) is { } host)
            {
                inventory.Packages.Add(NuGet(inspection, entry, "dotnet-hostfxr", host) with { Purl = PackageUrl.Of("generic", null, "dotnet-hostfxr", host), Ecosystem = "generic" });
            }
            else if (entry.Name == "dotnet.dll" && SharedRuntime.ParseSdk(entry.Path) is { } sdk)
            {
                inventory.Packages.Add(NuGet(inspection, entry, "dotnet-sdk", sdk) with { Purl = PackageUrl.Of("generic", null, "dotnet-sdk", sdk), Ecosystem = VersionOrder.DotNet });
            }
            else if (entry.Name == "DotnetToolSettings.xml" && entry.Path.Split('/') is var parts && Array.IndexOf(parts, ".store") is >= 0 and var store && store + 2 < parts.Length)
            {
                inventory.Packages.Add(NuGet(inspection, entry, parts[store + 1], parts[store + 2]));
            }
        }
    }

    private static Package NuGet(ImageInspection inspection, LayerEntry entry, string name, string version) => new()
    {
        Purl = PackageUrl.Of("nuget", null, name, version),
        Ecosystem = "NuGet",
        Name = name,
        Version = version,
        Origin = inspection.LayerOf(entry).Origin,
        LayerIndex = entry.LayerIndex,
        Path = entry.Path,
    };

    private static bool IsLooseAssembly(string path) =>
        path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) && !path.EndsWith(".resources.dll", StringComparison.OrdinalIgnoreCase)
        && !path.Contains("/shared/Microsoft.", StringComparison.Ordinal) && !path.Contains("dotnet/sdk/", StringComparison.Ordinal) && !path.Contains("dotnet/packs/", StringComparison.Ordinal);

    private static HashSet<string> FilesOf(AppDependencies dependencies) => dependencies.Libraries.SelectMany(l => l.Assets).Select(a => a.FileName).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string Folder(string path) => path[..(path.LastIndexOf('/') + 1)];

    private static string Trim(string name) => name.StartsWith("runtimepack.", StringComparison.Ordinal) ? name["runtimepack.".Length..] : name;

    private static string Hex(string sha512) =>
        sha512.StartsWith("sha512-", StringComparison.Ordinal) && sha512.Length == 95 && new byte[64] is var hash && Convert.TryFromBase64String(sha512[7..], hash, out var written) && written == hash.Length
            ? Convert.ToHexStringLower(hash)
            : "";

    private static void Save(FactWriter facts, AssemblyIdentity? identity)
    {
        facts.Write(identity is not null);
        identity?.Save(facts);
    }

    private static AssemblyIdentity? Load(FactReader facts) => facts.ReadBoolean() ? AssemblyIdentity.Load(facts) : null;
}
