namespace ContainerBuildGuard.Benchmarks;

/// <summary>The part of a Markdown file between <c>&lt;!-- NAME --&gt;</c> and <c>&lt;!-- /NAME --&gt;</c>.</summary>
internal static class GeneratedSection
{
    /// <exception cref="InvalidOperationException">The file has no such part.</exception>
    public static void Replace(string file, string name, string text)
    {
        var content = File.ReadAllText(file);
        var (begin, end) = ($"<!-- {name} -->", $"<!-- /{name} -->");
        var from = content.IndexOf(begin, StringComparison.Ordinal);
        var to = content.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from)
        {
            throw new InvalidOperationException($"{file} has no part between {begin} and {end}.");
        }

        File.WriteAllText(file, $"{content[..(from + begin.Length)]}\n{text.TrimEnd()}\n{content[to..]}");
    }
}
