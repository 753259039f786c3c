namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>The several dresses in which Compose takes the same value.</summary>
internal static class ComposeValues
{
    /// <summary>A mapping, or a list of NAME=value. A null value is to be taken from elsewhere.</summary>
    public static IEnumerable<(string Name, string? Value, Node At)> Pairs(Node? node) => node switch
    {
        MappingNode mapping => mapping.Members.Select(m => m.Value is ScalarNode scalar && PairIn(scalar, m.Name) is { } inner ? inner : (m.Name, m.Value is ScalarNode { IsNull: false } value ? value.Value : null, m.Value)),
        SequenceNode sequence => sequence.Items.OfType<ScalarNode>().Select(s => s.Value.Split('=', 2) is [var name, var value] ? (name, value, s) : (s.Value, (string?)null, (Node)s)),
        _ => [],
    };

    /// <summary>One value or a list of them.</summary>
    public static IReadOnlyList<Setting<string>> Texts(Node? node) => node switch
    {
        ScalarNode { IsNull: false } scalar => [new Setting<string>(scalar.Value, scalar)],
        SequenceNode sequence => [.. sequence.Items.OfType<ScalarNode>().Select(s => new Setting<string>(s.Value, s))],
        _ => [],
    };

    public static Setting<string>? Text(Node? node, params ReadOnlySpan<string> keys) => node.Scalar(keys) is { } scalar ? new Setting<string>(scalar.Value, scalar) : null;

    public static Setting<bool>? Flag(Node? node, params ReadOnlySpan<string> keys) => node.Scalar(keys) is { Truth: { } truth } scalar ? new Setting<bool>(truth, scalar) : null;

    /// <summary>A merge of files may have put an item of a list (NAME=value) under its name.</summary>
    private static (string, string?, Node)? PairIn(ScalarNode scalar, string name) =>
        scalar.Parent is SequenceNode && scalar.Value.StartsWith(name + "=", StringComparison.Ordinal) ? (name, scalar.Value[(name.Length + 1)..], scalar) : null;
}
