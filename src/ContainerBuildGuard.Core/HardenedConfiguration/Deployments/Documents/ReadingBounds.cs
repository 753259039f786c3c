namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>
/// The folder that a file may name further files in. A manifest of somebody else must not lead the audit through the machine; what lies outside is named as a gap.
/// The folder is the widest of: that of the file, the repository's that it lies in, the one that the user named, the working directory where the file lies in it.
/// </summary>
internal sealed class ReadingBounds
{
    private readonly string _folder;

    private ReadingBounds(string folder) => _folder = folder;

    /// <param name="file">The full path of the file that names others.</param>
    /// <param name="named">Full paths of the folders that the user named.</param>
    public static ReadingBounds Of(string file, IEnumerable<string> named)
    {
        var own = Path.GetDirectoryName(Path.GetFullPath(file)) ?? Path.DirectorySeparatorChar.ToString();
        return new ReadingBounds(named.Append(Environment.CurrentDirectory).Append(Repository(own)).OfType<string>().Where(f => Holds(f, own)).Append(own).MinBy(f => f.Length)!);
    }

    /// <summary>Why a file is not read; null where it is.</summary>
    /// <param name="folder">The folder that its name is meant from.</param>
    /// <param name="name">Its name as it is written.</param>
    /// <param name="path">Its full path.</param>
    public string? WhyNot(string folder, string name, out string path)
    {
        path = "";
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            return "its name holds a null character";
        }

        path = Path.GetFullPath(Path.Combine(folder, name));
        if (!Holds(_folder, path))
        {
            return $"it lies outside {_folder}; audit it by its own name, or start in a folder that holds both";
        }

        for (var current = path; current.Length > _folder.Length; current = Path.GetDirectoryName(current)!)
        {
            if (Target(current) is { } target && !Holds(_folder, target))
            {
                return $"a link leads outside {_folder}; audit what it leads to by its own name";
            }
        }

        return null;
    }

    private static string? Repository(string folder)
    {
        for (var current = folder; current is not null; current = Path.GetDirectoryName(current))
        {
            if (Path.Exists(Path.Combine(current, ".git")))
            {
                return current;
            }
        }

        return null;
    }

    /// <summary>Whether a path is a folder or lies in it.</summary>
    public static bool Holds(string folder, string path) => path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string? Target(string path)
    {
        try
        {
            return new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Links that go in circles and files that may not be looked at fail where they are read, with a reason.
            return null;
        }
    }
}
