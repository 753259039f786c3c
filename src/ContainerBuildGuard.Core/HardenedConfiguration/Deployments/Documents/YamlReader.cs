using YamlDotNet.Core;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>
/// Reads YAML (and so JSON) into nodes with places. Each document of a stream is read for itself, so that a broken one costs the others nothing.
/// Bounded in size, depth and in what aliases may grow to.
/// </summary>
internal static class YamlReader
{
    /// <summary>Longest text, in characters.</summary>
    public const int MostCharacters = 32 << 20;

    public static ReadDocuments Read(SourceText source)
    {
        if (source.Text.Length > MostCharacters)
        {
            return new([], [new DocumentProblem(source, 1, 1, $"the file has {source.Text.Length} characters, over the limit of {MostCharacters}; split it")]);
        }

        var documents = new List<Node>();
        var problems = new List<DocumentProblem>();
        foreach (var part in DocumentSplitter.Split(source.Text))
        {
            try
            {
                if (new YamlTreeBuilder(source, part, problems).Build() is { } root)
                {
                    documents.Add(root);
                }
            }
            catch (YamlException e)
            {
                problems.Add(ToProblem(source, part, e));
            }
        }

        return new(documents, problems);
    }

    private static DocumentProblem ToProblem(SourceText source, DocumentPart part, YamlException e)
    {
        var line = part.FirstLine + Math.Max((int)e.Start.Line, 1) - 1;
        var text = LineAt(source.Text, line);
        var reason = part.Text(source).Contains("{{", StringComparison.Ordinal)
                ? "it holds a template that is not rendered; check the output of `helm template` or of the tool that renders it"
            : text.TrimStart(' ').StartsWith('\t') || text.Contains("\t-", StringComparison.Ordinal) || e.Message.Contains("invalid tab", StringComparison.Ordinal) ? "a tab stands where YAML allows only spaces"
            : $"it is not YAML ({(e.InnerException ?? e).Message.TrimEnd('.')})";
        return new DocumentProblem(source, line, Math.Max((int)e.Start.Column, 1), reason);
    }

    private static string LineAt(string text, int line)
    {
        var start = 0;
        for (var i = 1; i < line && start >= 0; i++)
        {
            start = text.IndexOf('\n', start) + 1;
            if (start == 0)
            {
                return "";
            }
        }

        var end = text.IndexOf('\n', start);
        return end < 0 ? text[start..] : text[start..end];
    }
}
