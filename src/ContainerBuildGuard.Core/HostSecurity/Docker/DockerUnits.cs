using System.Collections.Immutable;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>How systemd would start Docker: docker.service and docker.socket with their drop-ins, and the options file that distributions' units read.</summary>
internal static class DockerUnits
{
    // The first folder that has a unit wins; drop-ins of every folder apply.
    private static readonly string[] Folders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    public static IEnumerable<(string Source, ImmutableSortedDictionary<string, ImmutableArray<string>> Settings)> Read(HostReader host, List<string> problems)
    {
        var (source, commands) = Settings(host, "docker.service", "ExecStart", problems);
        var (socketSource, addresses) = Settings(host, "docker.socket", "ListenStream", problems);
        var options = OptionsFile(host, problems);
        foreach (var command in commands)
        {
            var arguments = Split(command);
            if (options.Length > 0 && arguments.Any(a => a is "$DOCKER_OPTS" or "${DOCKER_OPTS}"))
            {
                arguments = [.. arguments, .. options];
            }

            var settings = DaemonSettings.FromArguments(arguments);
            var hosts = settings.GetValueOrDefault("hosts", []);
            if (hosts.Any(h => h.StartsWith("fd://", StringComparison.Ordinal)))
            {
                settings = settings.SetItem("hosts", [.. hosts, .. addresses.Where(a => !a.StartsWith('/') && !a.StartsWith('%')).Select(Address)]);
                source = addresses.Any(a => !a.StartsWith('/')) ? $"{source} with {socketSource}" : source;
            }

            yield return (source, settings);
        }
    }

    private static string Address(string stream) => stream.Contains(':', StringComparison.Ordinal) ? $"tcp://{stream}" : $"tcp://0.0.0.0:{stream}";

    /// <summary>The values of a list setting as systemd would have them: a drop-in adds, an empty value starts anew.</summary>
    private static (string Source, List<string> Values) Settings(HostReader host, string unit, string key, List<string> problems)
    {
        var values = new List<string>();
        var source = unit;
        foreach (var file in Files(host, unit, problems))
        {
            foreach (var line in Lines(host.Text(file, problems)))
            {
                if (line.StartsWith(key, StringComparison.Ordinal) && line[key.Length..].TrimStart() is ['=', .. var rest])
                {
                    source = file;
                    if (rest.Trim() is { Length: > 0 } value)
                    {
                        values.Add(value);
                    }
                    else
                    {
                        values.Clear();
                    }
                }
            }
        }

        return (source, values);
    }

    internal static IEnumerable<string> Files(HostReader host, string unit, List<string> problems)
    {
        var main = Folders.Select(folder => $"{folder}/{unit}").FirstOrDefault(path => host.Exists(path));
        var dropIns = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var folder in Folders)
        {
            foreach (var name in host.List($"{folder}/{unit}.d", problems).Where(n => n.EndsWith(".conf", StringComparison.Ordinal)))
            {
                dropIns.TryAdd(name, $"{folder}/{unit}.d/{name}");
            }
        }

        return main is null ? dropIns.Values : dropIns.Values.Prepend(main);
    }

    private static string[] OptionsFile(HostReader host, List<string> problems)
    {
        const string Name = "DOCKER_OPTS=";
        var line = Lines(host.Text("/etc/default/docker", problems)).LastOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? [] : Split(line[Name.Length..].Trim('"', '\''));
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries);

    private static string[] Split(string command) =>
        [.. command.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(argument => argument.Trim('"', '\''))];
}
