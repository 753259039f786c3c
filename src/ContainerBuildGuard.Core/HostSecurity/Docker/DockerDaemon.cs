using System.Collections.Immutable;
using System.Text.Json;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>A daemon that runs, or that a unit would start: its settings from command line and daemon.json together.</summary>
internal sealed record DaemonInstance(string Source, DaemonSettings Settings, bool Rootless);

/// <summary>What can be known of Docker on this host without asking its API.</summary>
internal sealed record DockerDaemon
{
    private const string DefaultConfigFile = "/etc/docker/daemon.json";
    private static readonly string[] Programs =
        ["/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/local/bin/dockerd", "/usr/local/sbin/dockerd", "/snap/bin/docker.dockerd"];

    /// <summary>Whether a daemon is installed or runs.</summary>
    public required bool Present { get; init; }
    public required ImmutableArray<DaemonInstance> Instances { get; init; }

    /// <summary>The daemon.json files in use; they need not exist.</summary>
    public required ImmutableArray<string> ConfigFiles { get; init; }

    /// <summary>What could not be read.</summary>
    public required ImmutableArray<string> Problems { get; init; }

    public static DockerDaemon Read(IHostProbe probe)
    {
        var problems = new List<string>();
        var processes = probe.Processes();
        var running = processes.Found ? processes.Value.Where(p => p.Name == "dockerd").ToArray() : [];
        if (processes.Problem is not null)
        {
            problems.Add(processes.Problem);
        }

        var starts = running
            .Select(p => (Source: $"dockerd (process {p.Pid})", Settings: DaemonSettings.FromArguments(p.Arguments), Rootless: p.Uid != 0))
            .Concat(DockerUnits.Read(probe, problems).Select(unit => (unit.Source, unit.Settings, Rootless: false)))
            .ToList();
        var present = running.Length > 0 || Programs.Any(program => probe.Stat(program).Found) || starts.Count > 0;
        if (present && starts.Count == 0)
        {
            starts.Add((DefaultConfigFile, new(), false));
        }

        var files = starts.Select(s => ConfigFileOf(probe, s.Settings, s.Rootless)).Append(DefaultConfigFile).Distinct(StringComparer.Ordinal).ToImmutableArray();
        var contents = files.ToDictionary(file => file, file => ReadConfig(probe, file, problems), StringComparer.Ordinal);
        return new()
        {
            Present = present || probe.Stat(DefaultConfigFile).Found,
            Instances = [.. starts.Select(s => new DaemonInstance(s.Source, s.Settings.With(contents[ConfigFileOf(probe, s.Settings, s.Rootless)]), s.Rootless))],
            ConfigFiles = files,
            Problems = [.. problems],
        };
    }

    private static string ConfigFileOf(IHostProbe probe, DaemonSettings settings, bool rootless) =>
        settings.ConfigFile ?? (rootless ? $"{probe.EnvironmentVariable("XDG_CONFIG_HOME") ?? probe.HomeDirectory + "/.config"}/docker/daemon.json" : DefaultConfigFile);

    private static DaemonSettings ReadConfig(IHostProbe probe, string file, List<string> problems)
    {
        var text = probe.ReadText(file);
        if (text.Problem is not null)
        {
            problems.Add(text.Problem);
        }

        try
        {
            return text.Found ? DaemonSettings.FromJson(text.Value) : new();
        }
        catch (JsonException exception)
        {
            problems.Add($"{file} is not a daemon configuration: {exception.Message}");
            return new();
        }
    }
}
