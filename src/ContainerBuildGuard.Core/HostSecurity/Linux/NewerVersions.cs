using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>What of the installed packages there is a newer version of. An order that cannot be told is a problem, not "up to date".</summary>
/// <param name="compare">The package manager's order of versions.</param>
internal sealed class NewerVersions(Func<string, string, int?> compare)
{
    private readonly SortedDictionary<string, PendingUpdate> _updates = new(StringComparer.Ordinal);

    public List<string> Problems { get; } = [];

    public void Offer(string name, string installed, string available)
    {
        switch (compare(available, installed))
        {
            case null:
                Problems.Add($"nobody can tell which of {name} {installed} and {available} is newer");
                break;
            case > 0 when !_updates.TryGetValue(name, out var known) || compare(available, known.Available) > 0:
                _updates[name] = new PendingUpdate(name, installed, available);
                break;
            default:
                break;
        }
    }

    /// <summary>The updates that were found; where there are none, a problem wins over "none".</summary>
    public Probed<ImmutableArray<PendingUpdate>> Answer() => _updates.Count == 0 && Problems.Count > 0
        ? Probed<ImmutableArray<PendingUpdate>>.Unreadable(string.Join("; ", Problems.Distinct(StringComparer.Ordinal).Take(3)))
        : _updates.Values.ToImmutableArray();
}
