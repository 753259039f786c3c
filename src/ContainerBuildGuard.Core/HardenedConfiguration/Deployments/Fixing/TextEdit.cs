namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Replaces a range of a source's text. Everything outside it, comments and order included, stays as it is.</summary>
internal sealed record TextEdit(SourceText Source, int Start, int Length, string Replacement)
{
    public string Apply() => string.Concat(Source.Text.AsSpan(0, Start), Replacement, Source.Text.AsSpan(Start + Length));

    /// <summary>The edit as a unified diff without context.</summary>
    public string ToPatch()
    {
        var text = Source.Text;
        var first = Start == 0 ? 0 : text.LastIndexOf('\n', Start - 1) + 1;
        var end = text.IndexOf('\n', Start + Length);
        end = end < 0 ? text.Length : end;
        var before = text[first..end];
        var after = string.Concat(text.AsSpan(first, Start - first), Replacement, text.AsSpan(Start + Length, end - Start - Length));
        var line = text.AsSpan(0, first).Count('\n') + 1;
        var (removed, added) = (before.Split('\n'), after.Split('\n'));
        return FormattableString.Invariant($"--- {Source.Path}\n+++ {Source.Path}\n@@ -{line},{removed.Length} +{line},{added.Length} @@\n")
            + string.Concat(removed.Select(r => $"-{r}\n")) + string.Concat(added.Select(a => $"+{a}\n"));
    }
}

/// <summary>An edit that puts a finding right. Safe ones change nothing that a well-behaved app depends on, and <c>--fix</c> makes them.</summary>
internal sealed record Fix(TextEdit Edit, bool IsSafe);
