namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Lays one Compose mapping over another as the Compose specification says ("Merge"): every node keeps the place in its own file.</summary>
internal static class ComposeMerge
{
    /// <summary>Lists that the upper file replaces instead of adding to.</summary>
    private static readonly HashSet<string> Replaced = new(StringComparer.Ordinal) { "command", "entrypoint", "test" };

    /// <summary>Lists of NAME=value that are mappings in another dress.</summary>
    private static readonly HashSet<string> KeyValues = new(StringComparer.Ordinal) { "environment", "labels", "args", "sysctls", "extra_hosts", "annotations" };

    public static MappingNode Merge(MappingNode lower, MappingNode upper)
    {
        var members = new List<Member>();
        foreach (var below in lower.Members)
        {
            if (upper.Find(below.Name) is not { } above)
            {
                members.Add(below);
            }
            else if (above.Value.Tag != "!reset")
            {
                members.Add(new Member(above.Key, Merge(below.Name, below.Value, above.Value)));
            }
        }

        members.AddRange(upper.Members.Where(m => lower.Find(m.Name) is null && m.Value.Tag != "!reset"));
        return upper.Gathered(members);
    }

    private static Node Merge(string key, Node lower, Node upper) => (lower, upper) switch
    {
        _ when upper.Tag == "!override" || Replaced.Contains(key) => upper,
        (MappingNode below, MappingNode above) => Merge(below, above),
        // A file that names a service and says nothing of it takes nothing away.
        (MappingNode, ScalarNode { IsNull: true }) => lower,
        (SequenceNode below, SequenceNode above) => above.Gathered([.. below.Items.Where(i => !above.Items.Any(a => Identity(key, a) == Identity(key, i))), .. above.Items]),
        (not ScalarNode, not ScalarNode) when KeyValues.Contains(key) => MergeKeyValues(lower, upper),
        _ => upper,
    };

    /// <summary>What makes an item of a list the same as one below it, so that it takes its place.</summary>
    private static string Identity(string key, Node item)
    {
        var text = (item as ScalarNode)?.Value;
        return key switch
        {
            "volumes" or "devices" or "secrets" or "configs" => item.Text("target") ?? (text?.Split(':') is [_, var target, ..] ? target : text) ?? item.JsonPath,
            _ when KeyValues.Contains(key) && text is not null => text.Split('=')[0],
            "ports" when item is MappingNode => $"{item.Text("host_ip")}:{item.Text("published")}:{item.Text("target")}/{item.Text("protocol") ?? "tcp"}",
            _ => text ?? item.JsonPath + item.Source.Path,
        };
    }

    /// <summary>A mapping and a list: the names of the upper one win, the others stay as they are.</summary>
    private static Node MergeKeyValues(Node lower, Node upper)
    {
        var names = ComposeValues.Pairs(upper).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var kept = ComposeValues.Pairs(lower).Where(p => !names.Contains(p.Name));
        var all = kept.Concat(ComposeValues.Pairs(upper)).Select(p => new Member(new ScalarNode(p.At.Source, p.At.Place, p.Name, plain: true), p.At)).ToList();
        return upper is MappingNode mapping ? mapping.Gathered(all) : ((SequenceNode)upper).Gathered([.. all.Select(m => m.Value)]);
    }
}
