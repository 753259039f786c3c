using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>Finds nodes of the union by path as a kernel would inside the image's root: symbolic links in the folders of a path are followed, never out of it.</summary>
internal sealed class UnionPath(UnionNode root)
{
    /// <summary>As many links as Linux follows before it gives up.</summary>
    private const int MostLinks = 40;

    /// <summary>Far more than any image needs, and seconds at most: links to links of long paths would multiply.</summary>
    private const long MostSteps = 500_000_000;

    private long _steps;

    /// <summary>The node at <paramref name="path"/>; null where there is none or links go in a circle.</summary>
    /// <param name="path">Inside the root, with or without a leading slash.</param>
    /// <param name="followLast">Whether a link at the path itself is followed too.</param>
    public UnionNode? Find(string path, bool followLast) => Walk(path, followLast, add: false)?.Node;

    /// <summary>The folder that <paramref name="path"/> is in, made where it is missing, and the last name; null where links go in a circle.</summary>
    public (UnionNode Folder, string Name)? FolderOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? (root, path)
            : Walk(path[..slash], followLast: true, add: true) is { } found ? (found.Node, path[(slash + 1)..]) : null;
    }

    private (UnionNode Node, List<UnionNode> Above)? Walk(string path, bool followLast, bool add)
    {
        var links = 0;
        var rest = new Stack<string>();
        Push(rest, path);
        var (node, above) = (root, new List<UnionNode>());
        while (rest.TryPop(out var name))
        {
            if (++_steps > MostSteps)
            {
                throw new ImageException(ImageError.LimitExceeded, $"The links in the image's paths take more than {MostSteps} steps to follow: build the image without them.");
            }

            if (name == "..")
            {
                if (above.Count > 0)
                {
                    node = above[^1];
                    above.RemoveAt(above.Count - 1);
                }

                continue;
            }

            var child = add ? node.FindOrAdd(name) : node.Find(name);
            if (child is null)
            {
                return null;
            }

            if (child.Entry is { Type: EntryType.SymbolicLink, LinkTarget: { } target } && (rest.Count > 0 || followLast))
            {
                if (++links > MostLinks)
                {
                    return null;
                }

                if (target.StartsWith('/'))
                {
                    (node, above) = (root, []);
                }

                Push(rest, target);
                continue;
            }

            above.Add(node);
            node = child;
        }

        return (node, above);
    }

    private static void Push(Stack<string> rest, string path)
    {
        var parts = path.Split('/');
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i] is not ("" or "."))
            {
                rest.Push(parts[i]);
            }
        }
    }
}
