using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>One container as its engine tells of it. What could not be asked is null, and rules that need it say so.</summary>
internal sealed record RunningContainer(JsonElement Inspect, JsonElement Info)
{
    public JsonElement Host => Inspect.At("HostConfig") ?? default;

    public JsonElement Config => Inspect.At("Config") ?? default;

    public string Name => Inspect.Text("Name")?.TrimStart('/') is { Length: > 0 } name ? name : Inspect.Text("Id") ?? "?";

    public bool IsRunning => Inspect.Flag("State", "Running");

    /// <summary>Command lines of its processes.</summary>
    public IReadOnlyList<string>? Processes { get; init; }

    /// <summary>Paths that were added (1) or changed (0) since it was created.</summary>
    public IReadOnlyList<(string Path, long Kind)>? Changes { get; init; }

    /// <summary>The id of the image that its name means now.</summary>
    public string? NamedImageId { get; init; }

    /// <summary>Whether its image is signed as the policy asks; null where the policy asks nothing.</summary>
    public ImageTrust? Trust { get; init; }

    /// <summary>Commands that were started in it by <c>exec</c> and are still running.</summary>
    public IReadOnlyList<JsonElement> Executions { get; init; } = [];

    /// <summary>Podman answers some questions of Docker's API with its defaults; then the command that created the container tells.</summary>
    public bool IsPodman { get; init; }

    /// <summary>The command that created the container, where Podman kept it. It may hold credentials: only options are read from it.</summary>
    public IReadOnlyList<string>? CreateCommand { get; init; }

    /// <summary>The values of an option of <see cref="CreateCommand"/>; null where the command is not known.</summary>
    public IReadOnlyList<string>? CreatedWith(string option)
    {
        if (CreateCommand is not { } words)
        {
            return null;
        }

        return [.. words.Select((word, i) => word == option && i + 1 < words.Count ? words[i + 1] : word.StartsWith(option + "=", StringComparison.Ordinal) ? word[(option.Length + 1)..] : null).OfType<string>()];
    }

    public bool HostHas(string security) => Info.Texts("SecurityOptions").Any(o => o.Contains($"name={security}", StringComparison.Ordinal)) || Info.Texts("SecurityOptions").Contains(security);

    public IReadOnlyList<string> SecurityOptions => Host.Texts("SecurityOpt");

    public string? Mode(string key) => Host.Text(key);

    public IEnumerable<(string Name, string Value)> Environment => Config.Texts("Env").Select(e => e.Split('=', 2)).Select(e => (e[0], e.Length > 1 ? e[1] : ""));

    public IEnumerable<(int Container, int? Host, string Address)> PublishedPorts => Host.Members("PortBindings").SelectMany(p =>
        p.Value.ValueKind != JsonValueKind.Array ? [] : p.Value.EnumerateArray().Select(b => (Number(p.Name) ?? 0, Number(b.Text("HostPort")), b.Text("HostIp") ?? "")));

    public IEnumerable<int> OpenPorts => Config.Members("ExposedPorts").Select(p => Number(p.Name) ?? 0).Concat(PublishedPorts.Select(p => p.Container)).Distinct();

    private static int? Number(string? port) => int.TryParse(port?.Split('/')[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>What a rule has found on a container; the key tells it from others of the rule.</summary>
internal sealed record ContainerHit(string Message, string Remedy, string Key = "")
{
    public Severity? Severity { get; init; }
}

/// <summary>One CBG24xx rule. A question answers null where the container cannot be asked, and the rule says what was missing.</summary>
internal sealed record ContainerRule(Rule Rule, Func<RunningContainer, IEnumerable<ContainerHit>?> Question)
{
    /// <summary>What an unanswered question needed.</summary>
    public string Needs { get; init; } = "";

    /// <summary>Which containers it is asked of.</summary>
    public Func<RunningContainer, bool> Applies { get; init; } = static _ => true;

    /// <summary>Why it is asked of none.</summary>
    public string Otherwise { get; init; } = "";

    public static Rule Descriptor(string code, string title, Severity severity, params string[] references) =>
        new(code, title, severity, Control.HardenedConfiguration) { References = [.. references] };
}
