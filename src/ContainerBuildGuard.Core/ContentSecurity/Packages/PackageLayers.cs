using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>
/// The layer that brought a package. A later layer that installs one more package rewrites the whole database, so the file's own layer is
/// wrong for all the others: what counts is from which layer on the package has been in every version of the file.
/// </summary>
internal sealed class PackageLayers
{
    private readonly Dictionary<string, List<State>> _states;

    public PackageLayers(IEnumerable<FoundFile<Catalogue>> all) =>
        _states = all.GroupBy(f => f.Entry.Path, StringComparer.Ordinal).ToDictionary(
            g => g.Key,
            g => g.OrderBy(f => f.Entry.LayerIndex).Select(f => new State(f.Entry.LayerIndex, f.Parsed.Packages.Select(NameOf).ToHashSet(StringComparer.Ordinal))).ToList(),
            StringComparer.Ordinal);

    public int Of(LayerEntry entry, SystemPackage package)
    {
        var layer = entry.LayerIndex;
        foreach (var (index, packages) in Enumerable.Reverse(_states[entry.Path]).SkipWhile(s => s.Layer > entry.LayerIndex))
        {
            if (index != entry.LayerIndex && !packages.Contains(NameOf(package)))
            {
                break;
            }

            layer = index;
        }

        return layer;
    }

    private static string NameOf(SystemPackage package) => $"{package.Name}\n{package.Version}";

    private sealed record State(int Layer, HashSet<string> Packages);
}
