namespace ContainerBuildGuard.SystemPackages;

/// <summary>Pairs of versions to hold against a real comparer: random ones from a small alphabet, so that many differ in one place only.</summary>
internal static class VersionPairs
{
    public static List<(string A, string B)> Random(int count, int seed, Func<Random, string> one, IReadOnlyList<string> tricky)
    {
        var random = new Random(seed);
        var pairs = new List<(string, string)>();
        foreach (var a in tricky)
        {
            pairs.AddRange(tricky.Select(b => (a, b)));
        }

        while (pairs.Count < count)
        {
            var a = one(random);
            // Half of the pairs share a beginning: there the rules differ, not at the first digit.
            var b = random.Next(2) == 0 ? one(random) : string.Concat(a.AsSpan(0, random.Next(a.Length) + 1), one(random).AsSpan(random.Next(2)));
            pairs.Add((a, b));
        }

        return pairs;
    }

    public static string Text(Random random, string characters, int longest) =>
        string.Concat(Enumerable.Range(0, random.Next(1, longest + 1)).Select(_ => characters[random.Next(characters.Length)]));
}
