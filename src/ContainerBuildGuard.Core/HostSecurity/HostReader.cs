using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Enumeration;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>The probe as the collectors use it: what is asked of a path is remembered and becomes part of the facts.</summary>
internal sealed class HostReader(IHostProbe probe)
{
    private const int MaxMatches = 500;
    private readonly ConcurrentDictionary<string, Probed<HostFile>> _paths = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableArray<string>> _groups = new(StringComparer.Ordinal);

    public IHostProbe Probe => probe;

    public string Home => probe.HomeDirectory;

    public Probed<HostFile> Stat(string path) => _paths.GetOrAdd(path, probe.Stat);

    public bool Exists(string path) => Stat(path).Found;

    public Probed<string> Text(string path, int maxBytes = 4 << 20) => probe.ReadText(path, maxBytes);

    public Probed<ReadOnlyMemory<byte>> Bytes(string path, int maxBytes) => probe.ReadBytes(path, maxBytes);

    /// <summary>The text; "" where the file is absent, and a line in <paramref name="problems"/> where it cannot be read.</summary>
    public string Text(string path, ICollection<string> problems)
    {
        var text = probe.ReadText(path);
        if (text.Problem is { } problem)
        {
            problems.Add(problem);
        }

        return text.Found ? text.Value : "";
    }

    public ImmutableArray<string> List(string path, ICollection<string> problems)
    {
        var names = probe.List(path);
        if (names.Problem is { } problem)
        {
            problems.Add(problem);
        }

        return names.Found ? names.Value : [];
    }

    /// <summary>The existing paths of a pattern with <c>*</c> and <c>?</c> in any of its parts.</summary>
    public IEnumerable<string> Expand(string pattern, ICollection<string>? problems = null)
    {
        IEnumerable<string> found = [""];
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = part.AsSpan().IndexOfAny('*', '?') < 0
                ? [.. found.Select(f => $"{f}/{part}")]
                : [.. found.SelectMany(f => List(f.Length == 0 ? "/" : f, problems ?? []).Where(n => (!n.StartsWith('.') || part.StartsWith('.')) && FileSystemName.MatchesSimpleExpression(part, n, ignoreCase: false)).Select(n => $"{f}/{n}")).Take(MaxMatches)];
        }

        return found.Where(Present);

        // What cannot be read is there as far as anyone can tell.
        bool Present(string path) => Stat(path) is { Found: true } or { Problem: not null };
    }

    /// <summary>Puts paths into a group; their type, mode and owner become facts.</summary>
    public void Group(string name, params IEnumerable<string> paths)
    {
        ImmutableArray<string> there = [.. paths.Where(p => p.StartsWith('/')).SelectMany(Reach).Distinct(StringComparer.Ordinal)];
        _groups.AddOrUpdate(name, there, (_, old) => [.. old.Union(there)]);
    }

    /// <summary>What a pattern finds; a folder that cannot be listed stands as the pattern itself, unreadable: nobody knows what it holds.</summary>
    private List<string> Reach(string pattern)
    {
        var problems = new List<string>();
        var found = Expand(pattern, problems).ToList();
        if (problems.Count > 0)
        {
            _paths[pattern] = Probed<HostFile>.Unreadable(problems[0]);
            found.Add(pattern);
        }

        return found;
    }

    /// <summary>Makes facts of a path and all folders above it.</summary>
    public void Chain(string path)
    {
        for (var at = path.TrimEnd('/'); at.Length > 1 && at.StartsWith('/'); at = at[..at.LastIndexOf('/')])
        {
            Stat(at);
        }
    }

    public ImmutableSortedDictionary<string, Probed<HostFile>> Paths => _paths.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, ImmutableArray<string>> Groups => _groups.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Lines without comments and blanks, trimmed, with their one-based numbers.</summary>
    public static IEnumerable<(int Number, string Text)> Lines(string text) =>
        text.Split('\n').Select((line, index) => (index + 1, line.Trim())).Where(l => l.Item2 is not ([] or ['#', ..]));
}
