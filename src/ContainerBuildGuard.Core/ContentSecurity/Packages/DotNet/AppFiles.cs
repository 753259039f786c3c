using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Which of a library's files are really there: beside the dependency file, or in the bundle.</summary>
internal sealed class AppFiles(ImageFileSystem files, string folder, IReadOnlyCollection<string>? bundled)
{
    private readonly HashSet<string> _bundled = new((bundled ?? []).Select(f => f[(f.LastIndexOf('/') + 1)..]), StringComparer.OrdinalIgnoreCase);

    /// <summary>A publish puts files flat into the folder, those of a portable app by their path, satellite assemblies by their language.</summary>
    public List<AppAsset> Find(AppLibrary library) =>
        [.. library.Assets.Where(a => _bundled.Contains(a.FileName) || IsThere(a.FileName) || IsThere(a.Path) || (a.Path.Split('/') is [.., var language, var name] && IsThere($"{language}/{name}")))];

    private bool IsThere(string path) => files.Resolve(folder + path) is not null;
}

/// <summary>The assemblies that shared frameworks supply, with the versions by which the host chooses.</summary>
internal sealed class FrameworkAssets
{
    private readonly Dictionary<string, AppAsset> _assets = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _versions = new(StringComparer.OrdinalIgnoreCase);

    public void Add(AppDependencies framework, string version)
    {
        foreach (var asset in framework.Libraries.SelectMany(l => l.Assets))
        {
            // Of several runtimes the newest is what rolls forward.
            if (!_versions.TryGetValue(asset.FileName, out var old) || VersionOrder.Compare("NuGet", version, old) > 0)
            {
                (_assets[asset.FileName], _versions[asset.FileName]) = (asset, version);
            }
        }
    }

    /// <summary>Whether the framework's are newer than all of these: by assembly version, then by file version, as the host decides.</summary>
    public bool Supersedes(IReadOnlyCollection<AppAsset> assets)
    {
        var managed = assets.Where(a => a.AssemblyVersion.Length > 0 && a.FileName.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)).ToList();
        return managed.Count > 0 && managed.Count == assets.Count && managed.TrueForAll(a => _assets.TryGetValue(a.FileName, out var supplied) && Compare(supplied, a) > 0);
    }

    private static int Compare(AppAsset a, AppAsset b)
    {
        var order = Compare(a.AssemblyVersion, b.AssemblyVersion);
        return order != 0 ? order : Compare(a.FileVersion, b.FileVersion);
    }

    private static int Compare(string a, string b) => System.Version.TryParse(a, out var x) && System.Version.TryParse(b, out var y) ? x.CompareTo(y) : 0;
}
