using System.Collections.Immutable;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>A service as Compose would run it, after merging, extending and interpolating.</summary>
internal sealed record ComposeService(string Name, MappingNode Node, MappingNode Root, string Folder);

/// <summary>What goes into reading a Compose project besides its files.</summary>
public sealed record ComposeOptions
{
    /// <summary>Files of variables for interpolation; the <c>.env</c> beside the first file where empty.</summary>
    public ImmutableArray<string> EnvironmentFiles { get; init; } = [];

    /// <summary>Only services of these profiles, and those of none; every service where empty.</summary>
    public ImmutableArray<string> Profiles { get; init; } = [];
}

/// <summary>Reads a Compose project: one file or several laid over each other, with what they include and extend.</summary>
internal sealed class ComposeProject(ComposeOptions options, ReadingBounds bounds, DeploymentSet set)
{
    private const int MostFiles = 64;
    private readonly Dictionary<SourceText, string> _folders = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private int _files;

    /// <summary>Whether a document is a Compose file: services, or the services of version 1 at the top.</summary>
    public static bool IsCompose(Node root) => root.At("services") is not null || (root.At("include") is not null && root.At("kind") is null)
        || (root is MappingNode { Members.Count: > 0 } mapping && mapping.Members.All(m => m.Value is MappingNode service && (service.Find("image") ?? service.Find("build") ?? service.Find("extends")) is not null));

    /// <summary>Reads the documents of a project; each lies over the ones before it.</summary>
    public void Read(IReadOnlyList<(MappingNode Root, string FullPath)> files)
    {
        var folder = Path.GetDirectoryName(files[0].FullPath) ?? ".";
        var variables = new ComposeInterpolation(Variables(folder, [.. options.EnvironmentFiles]));
        var merged = Load(files[0].Root, files[0].FullPath, variables);
        foreach (var (root, path) in files.Skip(1))
        {
            merged = ComposeMerge.Merge(merged, Load(root, path, variables));
        }

        set.Documents += files.Count;
        if (merged.At("services") is not MappingNode services)
        {
            set.Problems.Add(DocumentProblem.At(merged.Find("services")?.Value ?? merged, "'services' is not a mapping of services"));
            return;
        }

        foreach (var (key, value) in services.Members)
        {
            if (value is MappingNode service)
            {
                Add(new ComposeService(key.Value, service, merged, folder));
            }
            else
            {
                var empty = value is ScalarNode { IsNull: true };
                set.Problems.Add(DocumentProblem.At(value, empty ? $"the service '{key.Value}' says nothing: Compose refuses it" : $"the service '{key.Value}' is not a mapping") with { StillChecked = empty });
            }
        }
    }

    private void Add(ComposeService service)
    {
        var profiles = service.Node.Items("profiles").OfType<ScalarNode>().Select(p => p.Value).ToList();
        if (options.Profiles.IsEmpty || profiles.Count == 0 || profiles.Intersect(options.Profiles, StringComparer.Ordinal).Any())
        {
            set.ComposeServices.Add(service);
            set.Workloads.Add(new ComposeWorkloads(bounds, node => _folders.GetValueOrDefault(node.Source), set.Problems).ToWorkload(service));
        }
    }

    /// <summary>One file with its variables put in, what it includes laid under it, and its services extended.</summary>
    private MappingNode Load(MappingNode root, string path, ComposeInterpolation variables)
    {
        var full = Path.GetFullPath(path);
        _open.Add(full);
        if (root.At("services") is null && root.At("include") is null)
        {
            root = new MappingNode(root.Source, root.Place, [new Member(new ScalarNode(root.Source, root.Place, "services", plain: true), root)], block: true);
        }

        var whole = (MappingNode)variables.Apply(root);
        var folder = Path.GetDirectoryName(full)!;
        if (whole.At("services") is MappingNode services)
        {
            var extended = services.Members.Select(m => m.Value is MappingNode service ? new Member(m.Key, Extend(service, services, folder, variables, 0)) : m);
            whole = whole.Gathered(whole.Members.Select(m => m.Name == "services" ? new Member(m.Key, services.Gathered(extended)) : m));
        }

        foreach (var include in whole.Items("include"))
        {
            if (Include(include, folder) is { } included)
            {
                whole = ComposeMerge.Merge(included, whole);
            }
        }

        _open.Remove(full);
        return whole;
    }

    /// <summary>The files of one entry of <c>include</c>, each over the ones before it; names in them are meant from its project folder, that of the first file by default.</summary>
    private MappingNode? Include(Node include, string folder)
    {
        var own = ComposeValues.Texts(include.At("env_file")).Where(e => IsWithin(e, folder, out _)).Select(e => Path.Combine(folder, e.Value)).ToArray();
        var project = include.Scalar("project_directory") is { } named && IsWithin(new Setting<string>(named.Value, named), folder, out var within) ? within : null;
        MappingNode? whole = null;
        foreach (var file in ComposeValues.Texts((include as ScalarNode) ?? include.At("path")))
        {
            if (Open(file, folder) is var (root, path))
            {
                project ??= Path.GetDirectoryName(path)!;
                _folders[root.Source] = project;
                var loaded = Load(root, path, new ComposeInterpolation(Variables(project, own)));
                whole = whole is null ? loaded : ComposeMerge.Merge(whole, loaded);
            }
        }

        return whole;
    }

    private MappingNode Extend(MappingNode service, MappingNode siblings, string folder, ComposeInterpolation variables, int depth)
    {
        if (service.Find("extends") is not { Value: var extends })
        {
            return service;
        }

        var name = (extends as ScalarNode) ?? extends.Scalar("service");
        if (name is null || depth > 16)
        {
            set.Problems.Add(DocumentProblem.At(extends, "'extends' names no service, or services extend each other in a circle"));
            return service;
        }

        var (services, from) = (siblings, folder);
        if (extends.Scalar("file") is { } file)
        {
            if (Open(new Setting<string>(file.Value, file), folder) is not var (root, path))
            {
                return service;
            }

            (services, from) = (variables.Apply(root).At("services") as MappingNode ?? (MappingNode)variables.Apply(root), Path.GetDirectoryName(path)!);
        }

        if (services[name.Value] is not MappingNode parent || ReferenceEquals(parent, service))
        {
            set.Problems.Add(DocumentProblem.At(name, $"the service '{name.Value}' that is extended does not exist"));
            return service;
        }

        return ComposeMerge.Merge(Extend(parent, services, from, variables, depth + 1), service);
    }

    private (MappingNode Root, string Path)? Open(Setting<string> file, string folder)
    {
        if (file.Value.Contains("://", StringComparison.Ordinal) || file.Value.StartsWith("git@", StringComparison.Ordinal) || file.Value.StartsWith("oci:", StringComparison.Ordinal))
        {
            set.Problems.Add(DocumentProblem.At(file.At, $"{file.Value} is remote and was not fetched; audit its file by itself"));
        }
        else if (!IsWithin(file, folder, out var path))
        {
            return null;
        }
        else if (_open.Contains(path) || ++_files > MostFiles)
        {
            set.Problems.Add(DocumentProblem.At(file.At, $"{file.Value} includes itself, or more than {MostFiles} files are included"));
        }
        else if (ManifestFiles.TryRead(path, Path.Combine(Path.GetDirectoryName(file.At.Source.Path) ?? "", file.Value), out var reason) is not { } source)
        {
            set.Problems.Add(DocumentProblem.At(file.At, $"{file.Value} was not checked: {reason}"));
        }
        else
        {
            _folders[source] = Path.GetDirectoryName(path)!;
            var read = YamlReader.Read(source);
            set.Problems.AddRange(read.Problems);
            if (read.Documents is [MappingNode root, ..])
            {
                return (root, path);
            }
        }

        return null;
    }

    private bool IsWithin(Setting<string> file, string folder, out string path)
    {
        if (bounds.WhyNot(folder, file.Value, out path) is not { } outside)
        {
            return true;
        }

        set.Problems.Add(DocumentProblem.At(file.At, $"{file.Value} was not read: {outside}"));
        return false;
    }

    private Dictionary<string, string> Variables(string folder, string[] files)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files.Length > 0 ? files : [Path.Combine(folder, ".env")])
        {
            if (ManifestFiles.TryRead(file, file, out var reason) is { } source)
            {
                foreach (var (name, value, _) in EnvironmentFile.Parse(source.Text))
                {
                    variables[name] = value;
                }
            }
            else if (files.Length > 0)
            {
                set.Problems.Add(new DocumentProblem(new SourceText(file, ""), 1, 1, $"the file of variables was not used: {reason}"));
            }
        }

        return variables;
    }
}
