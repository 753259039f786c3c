using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>One rule on an image's configuration and files. Pure: no I/O beyond the inspection.</summary>
internal interface IImageRule
{
    Rule Rule { get; }

    IEnumerable<Finding> Check(HardeningFacts facts);
}

/// <summary>What the rules look at.</summary>
internal sealed record HardeningFacts(ImageInspection Inspection, AccountFile Accounts)
{
    private Dictionary<string, string>? _environment;

    public ContainerBuildGuard.Images.ImageConfig Config => Inspection.Image.Config;

    /// <summary>What the content of files said.</summary>
    public IReadOnlyList<FileFact> Contents { get; init; } = [];

    public StatedValues Stated { get; init; } = StatedValues.None;

    /// <summary>Which packages setuid and setgid files came with.</summary>
    public FileOwnership Owners { get; init; } = new(false, new Dictionary<string, string>());

    /// <summary>Large files of the same content, as groups.</summary>
    public IReadOnlyList<IReadOnlyList<LayerEntry>> Alike { get; init; } = [];

    /// <summary>Variables by name; of several of one name the last counts.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment ??= Config.Env.Select(e => e.Split('=', 2)).GroupBy(e => e[0], StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.Last() is [_, var value] ? value : "", StringComparer.Ordinal);

    /// <summary>Visible entries that the app's layers brought.</summary>
    public IEnumerable<LayerEntry> AppEntries => Inspection.Files.Visible.Where(IsApp).OrderBy(e => e.Path, StringComparer.Ordinal);

    /// <summary>Visible files that the app's layers brought.</summary>
    public IEnumerable<LayerEntry> AppFiles => AppEntries.Where(e => e.Type == EntryType.File);

    public IEnumerable<string> Command => Config.Entrypoint.Concat(Config.Cmd);

    public bool IsApp(LayerEntry entry) => Inspection.LayerOf(entry).Origin == Origin.App;

    public LayerEntry? Find(string path) => Inspection.Files.Find(path);

    public Location At(LayerEntry entry) => Inspection.LayerOf(entry).At(entry.Path);
}

/// <summary>What a question to an image has found.</summary>
internal sealed record ImageHit(string Message, string Remedy)
{
    /// <summary>The file that it is about, where it is about one.</summary>
    public LayerEntry? Entry { get; init; }

    public Severity? Severity { get; init; }

    public string Key { get; init; } = "";
}

/// <summary>A rule that is one question. What came with the base image says so and does not refuse by default: the project cannot change it but by taking another base.</summary>
internal sealed record ImageRule(Rule Rule, Func<HardeningFacts, IEnumerable<ImageHit>> Question) : IImageRule
{
    private const Severity MostOfBase = Severity.Medium;

    public static Rule Descriptor(string code, string title, Severity severity, params string[] references) =>
        new(code, title, severity, Control.HardenedConfiguration) { References = [.. references] };

    public IEnumerable<Finding> Check(HardeningFacts facts) => Question(facts).Select(hit =>
    {
        var severity = hit.Severity ?? Rule.DefaultSeverity;
        var fromBase = hit.Entry is { } entry && !facts.IsApp(entry);
        return new Finding
        {
            Rule = Rule,
            Severity = fromBase && severity > MostOfBase ? MostOfBase : severity,
            Message = hit.Message + (fromBase ? " It came with the base image." : ""),
            Remedy = hit.Remedy,
            Location = hit.Entry is null ? new Location() : facts.At(hit.Entry),
            Key = hit.Key,
        };
    });
}
