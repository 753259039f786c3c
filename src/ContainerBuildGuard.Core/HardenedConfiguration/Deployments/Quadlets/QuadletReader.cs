using System.Globalization;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Reads Podman quadlets: systemd unit files with sections, repeated keys and continued lines (podman-systemd.unit(5), systemd.syntax(7)).</summary>
internal static class QuadletReader
{
    public static bool IsQuadlet(string path) => Path.GetExtension(path) is ".container" or ".pod" or ".kube" or ".volume" or ".network" or ".image" or ".build";

    public static void Read(SourceText source, DeploymentSet set)
    {
        set.Documents++;
        var sections = new Sections();
        Parse(source, sections, set.Problems);
        foreach (var dropIn in QuadletDropIns.Of(source.Path, set.Problems))
        {
            if (ManifestFiles.TryRead(dropIn, dropIn, out var reason) is { } text)
            {
                Parse(text, sections, set.Problems);
            }
            else
            {
                set.Problems.Add(new DocumentProblem(new SourceText(dropIn, ""), 1, 1, reason));
            }
        }

        var root = ToMapping(source, sections);
        if (root.At("Container") is { } container && Path.GetExtension(source.Path) == ".container")
        {
            set.Workloads.Add(QuadletWorkloads.ToWorkload(Path.GetFileNameWithoutExtension(source.Path), (MappingNode)container, root));
        }
        else if (Path.GetExtension(source.Path) == ".container")
        {
            set.Problems.Add(new DocumentProblem(source, 1, 1, "it has no [Container] section"));
        }
        else if (root.Items("Kube", "Yaml") is [ScalarNode yaml, ..])
        {
            set.UnknownKinds.Add(DocumentProblem.At(yaml, $"it runs {yaml.Value}: audit that file") with { StillChecked = true });
        }
    }

    /// <summary>Sections by their names, each with lists of values, because every key may come again.</summary>
    private sealed class Sections() : Dictionary<string, (ScalarNode Key, Dictionary<string, List<Node>> Values)>(StringComparer.Ordinal);

    /// <summary>Adds what a file says; an empty value takes back what came before, also in other files.</summary>
    private static void Parse(SourceText source, Sections sections, List<DocumentProblem> problems)
    {
        Dictionary<string, List<Node>>? current = null;
        var (offset, number) = (0, 0);
        var rows = source.Text.Split('\n');
        for (var i = 0; i < rows.Length; i++)
        {
            var (start, line, row) = (offset, ++number, rows[i].TrimEnd('\r'));
            offset += rows[i].Length + 1;
            while (row.EndsWith('\\') && i + 1 < rows.Length)
            {
                number++;
                offset += rows[++i].Length + 1;
                row = row[..^1] + " " + rows[i].Trim();
            }

            var content = row.Trim();
            if (content is "" || content[0] is '#' or ';')
            {
                continue;
            }

            var place = new Place(line, row.Length - row.TrimStart().Length + 1, start, start + rows[line - 1].TrimEnd('\r').Length);
            if (content[0] == '[' && content[^1] == ']')
            {
                var name = content[1..^1];
                current = sections.TryGetValue(name, out var known) ? known.Values : (sections[name] = (new ScalarNode(source, place, name, plain: true), new(StringComparer.Ordinal))).Values;
            }
            else if (current is null || content.Split('=', 2) is not [var key, var value])
            {
                problems.Add(new DocumentProblem(source, line, place.Column, "this is neither a section, a comment nor Key=value"));
            }
            else if (value.Trim().Length == 0)
            {
                current.Remove(key.Trim());
            }
            else
            {
                if (!current.TryGetValue(key.Trim(), out var values))
                {
                    current[key.Trim()] = values = [];
                }

                values.Add(new ScalarNode(source, place, value.Trim(), plain: true));
            }
        }
    }

    private static MappingNode ToMapping(SourceText source, Sections sections) =>
        new(source, new Place(1, 1, 0, source.Text.Length), sections.Values.Select(s => new Member(s.Key, new MappingNode(s.Key.Source, s.Key.Place,
            s.Values.Select(v => new Member(new ScalarNode(v.Value[0].Source, v.Value[0].Place, v.Key, plain: true), new SequenceNode(v.Value[0].Source, v.Value[0].Place, v.Value))), block: true))), block: true);

    /// <summary>Words of a value, as systemd splits them: spaces part them, quotes hold them together.</summary>
    public static IEnumerable<string> Words(string text)
    {
        var (word, quote, any) = (new System.Text.StringBuilder(), '\0', false);
        foreach (var c in text)
        {
            if (quote == c)
            {
                quote = '\0';
            }
            else if (quote == '\0' && c is '"' or '\'')
            {
                (quote, any) = (c, true);
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (any || word.Length > 0)
                {
                    yield return word.ToString();
                }

                (_, any) = (word.Clear(), false);
            }
            else
            {
                word.Append(c);
            }
        }

        if (any || word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    public static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
