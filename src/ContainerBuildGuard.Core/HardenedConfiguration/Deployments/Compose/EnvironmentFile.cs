namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Reads <c>.env</c> files: NAME=value lines, comments, quotes, and an <c>export</c> before the name.</summary>
internal static class EnvironmentFile
{
    /// <summary>Names and values in order, each with its one-based line.</summary>
    public static IEnumerable<(string Name, string Value, int Line)> Parse(string text)
    {
        var line = 0;
        foreach (var row in text.Split('\n'))
        {
            line++;
            var content = row.Trim().TrimStart('\uFEFF');
            if (content.StartsWith("export ", StringComparison.Ordinal))
            {
                content = content[7..].TrimStart();
            }

            if (content.Length > 0 && content[0] != '#' && content.Split('=', 2) is [var name, var value])
            {
                yield return (name.Trim(), Unquote(value.Trim()), line);
            }
        }
    }

    private static string Unquote(string value)
    {
        if (value.Length > 0 && value[0] is '"' or '\'' && value.IndexOf(value[0], 1) is var end and > 0)
        {
            return value[1..end];
        }

        return value.IndexOf(" #", StringComparison.Ordinal) is var comment && comment >= 0 ? value[..comment].TrimEnd() : value;
    }
}
