namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Collects everything that the paths of a run name: files, folders, standard input.</summary>
internal sealed class ManifestReader(ComposeOptions options, bool mergeCompose)
{
    private static readonly HashSet<string> SkippedFolders = new(StringComparer.Ordinal) { ".git", "node_modules", "bin", "obj", ".terraform", "vendor" };
    private readonly List<(MappingNode Root, string FullPath)> _compose = [];
    private readonly List<string> _folders = [];
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public DeploymentSet Set { get; } = new();

    /// <summary>Reads all that a request names.</summary>
    public static DeploymentSet Read(DeploymentAuditRequest request, CancellationToken cancellationToken)
    {
        var reader = new ManifestReader(request.Compose, request.MergeCompose);
        foreach (var path in request.Paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (path == "-")
            {
                reader.ReadStream(request.StandardInput);
            }
            else
            {
                reader.ReadPath(path);
            }
        }

        return reader.Finish();
    }

    /// <summary>Reads a text that came from standard input. Relative paths in it are meant from the working directory.</summary>
    public void ReadStream(string text) => ReadYaml(new SourceText("-", text), Path.GetFullPath("-"), named: true);

    public void ReadPath(string path)
    {
        if (!Directory.Exists(path))
        {
            ReadFile(path, named: true);
            return;
        }

        _folders.Add(Path.GetFullPath(path));
        foreach (var file in Files(new DirectoryInfo(path)).Order(StringComparer.Ordinal))
        {
            // A file and the links to it are one.
            if (_read.Add(ManifestFiles.Real(new FileInfo(file))))
            {
                ReadFile(file, named: false);
            }
        }
    }

    /// <summary>Judges Compose files together or each by itself, when all paths are read.</summary>
    public DeploymentSet Finish()
    {
        IEnumerable<List<(MappingNode, string FullPath)>> projects = mergeCompose
            ? [_compose]
            : _compose.GroupBy(f => ProjectKey(f.FullPath), StringComparer.Ordinal).Select(g => g.OrderBy(f => f.FullPath.Contains("override", StringComparison.Ordinal)).ToList());
        foreach (var project in projects.Where(p => p.Count > 0))
        {
            new ComposeProject(options, ReadingBounds.Of(project[0].FullPath, _folders), Set).Read(project);
        }

        return Set;
    }

    /// <summary>Compose lays <c>compose.override.yaml</c> over <c>compose.yaml</c> by itself; other files stand alone.</summary>
    private static string ProjectKey(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return name is "compose" or "docker-compose" or "compose.override" or "docker-compose.override"
            ? Path.Combine(Path.GetDirectoryName(path) ?? "", name.Replace(".override", "", StringComparison.Ordinal))
            : path;
    }

    private void ReadFile(string path, bool named)
    {
        if (ManifestFiles.TryRead(path, path, out var reason) is not { } source)
        {
            Set.Problems.Add(new DocumentProblem(new SourceText(path, ""), 1, 1, reason));
        }
        else if (QuadletReader.IsQuadlet(path))
        {
            QuadletReader.Read(source, Set);
        }
        else
        {
            ReadYaml(source, Path.GetFullPath(path), named);
        }
    }

    private void ReadYaml(SourceText source, string fullPath, bool named)
    {
        var read = YamlReader.Read(source);
        var understood = 0;
        foreach (var root in read.Documents)
        {
            if (KubernetesReader.IsKubernetes(root))
            {
                KubernetesReader.Read(root, Set);
            }
            else if (AspireReader.IsAspire(root))
            {
                AspireReader.Read(root, Set);
            }
            else if (root is MappingNode mapping && ComposeProject.IsCompose(root))
            {
                _compose.Add((mapping, fullPath));
            }
            else if (named)
            {
                Set.Problems.Add(DocumentProblem.At(root, "it is neither a Kubernetes resource, a Compose file nor an Aspire manifest"));
                continue;
            }
            else
            {
                continue;
            }

            understood++;
        }

        // In a folder, YAML that is something else altogether is nobody's manifest; broken YAML may be one.
        Set.Problems.AddRange(read.Problems.Where(p => named || understood > 0 || !p.StillChecked));
        if (named && read is { Documents.Count: 0, Problems.Count: 0 })
        {
            Set.Problems.Add(new DocumentProblem(source, 1, 1, "it is empty, or a pipe: there is nothing to check; what a command writes is read from standard input (-)"));
        }
    }

    private IEnumerable<string> Files(DirectoryInfo folder)
    {
        // A chart's templates are not YAML before they are rendered.
        var isChart = folder.Parent is { } parent && folder.Name == "templates" && File.Exists(Path.Combine(parent.FullName, "Chart.yaml"));
        if (isChart)
        {
            Set.Problems.Add(new DocumentProblem(new SourceText(folder.FullName, ""), 1, 1, $"the templates of a chart are not rendered; run `helm template {folder.Parent!.FullName} | cbg audit deployment -`"));
        }

        if (ManifestFiles.TryList(folder, out var reason) is not { } entries)
        {
            Set.Problems.Add(new DocumentProblem(new SourceText(folder.FullName, ""), 1, 1, reason));
            yield break;
        }

        foreach (var file in entries.OfType<FileInfo>().Where(f => !isChart && IsManifest(f)))
        {
            if (file.LinkTarget is not null && ReadingBounds.Of(file.FullName, _folders).WhyNot(folder.FullName, file.Name, out _) is { } why)
            {
                Set.Problems.Add(new DocumentProblem(new SourceText(file.FullName, ""), 1, 1, why));
                continue;
            }

            yield return Path.GetRelativePath(Environment.CurrentDirectory, file.FullName) is var relative && relative.StartsWith("..", StringComparison.Ordinal) ? file.FullName : relative;
        }

        // Linked folders are not walked: what they lead to is read where it lies, or said to be unread.
        var folders = entries.OfType<DirectoryInfo>().Where(d => !SkippedFolders.Contains(d.Name)).ToLookup(d => d.LinkTarget is null);
        Set.Problems.AddRange(folders[false].Where(d => !_folders.Any(f => ReadingBounds.Holds(f, ManifestFiles.Real(d))))
            .Select(d => new DocumentProblem(new SourceText(d.FullName, ""), 1, 1, "it is a link to a folder elsewhere, which was not looked into: name that folder too where it holds manifests") { StillChecked = true }));
        foreach (var inner in folders[true].SelectMany(Files))
        {
            yield return inner;
        }
    }

    private static bool IsManifest(FileInfo file) =>
        file.Extension is ".yaml" or ".yml" || QuadletReader.IsQuadlet(file.Name) || (file.Extension == ".json" && file.Name.Contains("manifest", StringComparison.OrdinalIgnoreCase));
}
