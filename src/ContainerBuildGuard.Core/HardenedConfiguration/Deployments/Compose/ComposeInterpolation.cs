using System.Text;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>
/// Puts variables into values as the Compose specification says ("Interpolation"). Variables come from environment files alone and not from the
/// environment of whoever runs the audit, so that the same files always get the same answer.
/// </summary>
internal sealed class ComposeInterpolation(IReadOnlyDictionary<string, string> variables)
{
    private const int MostNested = 16;

    public Node Apply(Node node) => node switch
    {
        ScalarNode scalar => Apply(scalar),
        SequenceNode sequence => new SequenceNode(sequence.Source, sequence.Place, [.. sequence.Items.Select(Apply)]) { Tag = sequence.Tag },
        MappingNode mapping => new MappingNode(mapping.Source, mapping.Place, mapping.Members.Select(m => new Member(m.Key, Apply(m.Value))), mapping.IsBlock) { Tag = mapping.Tag },
        _ => node,
    };

    private ScalarNode Apply(ScalarNode scalar)
    {
        if (!scalar.Value.Contains('$', StringComparison.Ordinal))
        {
            return new ScalarNode(scalar.Source, scalar.Place, scalar.Value, scalar.Plain) { Tag = scalar.Tag };
        }

        var run = new Run(variables);
        var value = run.Expand(scalar.Value, 0);
        return new ScalarNode(scalar.Source, scalar.Place, value, scalar.Plain) { Tag = scalar.Tag, Interpolation = new Interpolation(run.FromVariables, run.Unresolved) };
    }

    private sealed class Run(IReadOnlyDictionary<string, string> variables)
    {
        public bool FromVariables { get; private set; }

        public List<string> Unresolved { get; } = [];

        public string Expand(string text, int depth)
        {
            var result = new StringBuilder(text.Length);
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] != '$' || i + 1 == text.Length || depth > MostNested)
                {
                    result.Append(text[i]);
                }
                else if (text[i + 1] == '$')
                {
                    result.Append('$');
                    i++;
                }
                else if (text[i + 1] == '{' && ClosingBrace(text, i + 2) is var close and >= 0)
                {
                    result.Append(Braced(text[(i + 2)..close], depth));
                    i = close;
                }
                else
                {
                    var end = i + 1;
                    while (end < text.Length && IsName(text[end], end == i + 1))
                    {
                        end++;
                    }

                    result.Append(end == i + 1 ? "$" : Value(text[(i + 1)..end]) ?? Missing(text[(i + 1)..end]));
                    i = end - 1;
                }
            }

            return result.ToString();
        }

        private string Braced(string content, int depth)
        {
            var end = 0;
            while (end < content.Length && IsName(content[end], end == 0))
            {
                end++;
            }

            var (name, rest) = (content[..end], content[end..]);
            var colon = rest.StartsWith(':');
            var kind = rest.Length > (colon ? 1 : 0) ? rest[colon ? 1 : 0] : '\0';
            var word = rest.Length > (colon ? 2 : 1) ? rest[(colon ? 2 : 1)..] : "";
            var value = variables.GetValueOrDefault(name);
            var present = value is not null && !(colon && value.Length == 0);
            return kind switch
            {
                '-' => present ? Value(name)! : Expand(word, depth + 1),
                '+' => present ? Expand(word, depth + 1) : "",
                _ => Value(name) ?? Missing(name),
            };
        }

        private string? Value(string name)
        {
            var found = variables.TryGetValue(name, out var value);
            FromVariables |= found;
            return value;
        }

        private string Missing(string name)
        {
            Unresolved.Add(name);
            return "";
        }

        private static bool IsName(char c, bool first) => c == '_' || char.IsAsciiLetter(c) || (!first && char.IsAsciiDigit(c));

        private static int ClosingBrace(string text, int from)
        {
            var open = 1;
            for (var i = from; i < text.Length; i++)
            {
                open += text[i] == '}' ? -1 : text[i] == '{' && text[i - 1] == '$' ? 1 : 0;
                if (open == 0)
                {
                    return i;
                }
            }

            return -1;
        }
    }
}
