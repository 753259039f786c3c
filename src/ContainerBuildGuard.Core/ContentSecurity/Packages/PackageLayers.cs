using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>
/// The layer that brought a package. A later layer that installs one more package rewrites the whole database, so the file's own layer is
/// wrong for all the others: what counts is from which layer on the package has been in every version of the file.
/// </summary>
internal sealed class PackageLayers
{
    private readonly Dictionary<string, List<(int Layer, HashSet<(string, string)> Packages)>> _states;

    public PackageLayers(IEnumerable<(LayerEntry Entry, Catalogue Found)> all) =>
        _states = all.GroupBy(f => f.Entry.Path, StringComparer.Ordinal).ToDictionary(
            g => g.Key,
            g => g.OrderBy(f => f.Entry.LayerIndex).Select(f => (f.Entry.LayerIndex, f.Found.Packages.Select(p => (p.Name, p.Version)).ToHashSet())).ToList(),
            StringComparer.Ordinal);

    public int Of(LayerEntry entry, SystemPackage package)
    {
        var layer = entry.LayerIndex;
        foreach (var (index, packages) in Enumerable.Reverse(_states[entry.Path]).SkipWhile(s => s.Layer > entry.LayerIndex))
        {
            if (index != entry.LayerIndex && !packages.Contains((package.Name, package.Version)))
            {
                break;
            }

            layer = index;
        }

        return layer;
    }
}
