namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>How systemd would start Docker: docker.service and docker.socket with their drop-ins, and the options file that distributions' units read.</summary>
internal static class DockerUnits
{
    // The first folder that has a unit wins; drop-ins of every folder apply.
    private static readonly string[] Folders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    public static IEnumerable<(string Source, DaemonSettings Settings)> Read(IHostProbe probe, List<string> problems)
    {
        var (source, commands) = Settings(probe, "docker.service", "ExecStart", problems);
        var (socketSource, addresses) = Settings(probe, "docker.socket", "ListenStream", problems);
        var options = OptionsFile(probe, problems);
        foreach (var command in commands)
        {
            var arguments = Split(command);
            if (options.Length > 0 && arguments.Any(a => a is "$DOCKER_OPTS" or "${DOCKER_OPTS}"))
            {
                arguments = [.. arguments, .. options];
            }

            var settings = DaemonSettings.FromArguments(arguments);
            if (settings.Hosts.Any(h => h.StartsWith("fd://", StringComparison.Ordinal)))
            {
                settings = settings with { Hosts = [.. settings.Hosts, .. addresses.Where(a => !a.StartsWith('/') && !a.StartsWith('%')).Select(Address)] };
                source = addresses.Any(a => !a.StartsWith('/')) ? $"{source} with {socketSource}" : source;
            }

            yield return (source, settings);
        }
    }

    private static string Address(string stream) => stream.Contains(':', StringComparison.Ordinal) ? $"tcp://{stream}" : $"tcp://0.0.0.0:{stream}";

    /// <summary>The values of a list setting as systemd would have them: a drop-in adds, an empty value starts anew.</summary>
    private static (string Source, List<string> Values) Settings(IHostProbe probe, string unit, string key, List<string> problems)
    {
        var values = new List<string>();
        var source = unit;
        foreach (var file in Files(probe, unit, problems))
        {
            var text = probe.ReadText(file);
            if (text.Problem is not null)
            {
                problems.Add(text.Problem);
            }

            foreach (var line in text.Found ? Lines(text.Value) : [])
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

    private static IEnumerable<string> Files(IHostProbe probe, string unit, List<string> problems)
    {
        var main = Folders.Select(folder => $"{folder}/{unit}").FirstOrDefault(path => probe.Stat(path).Found);
        var dropIns = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var folder in Folders)
        {
            var names = probe.List($"{folder}/{unit}.d");
            if (names.Problem is not null)
            {
                problems.Add(names.Problem);
            }

            foreach (var name in names.Found ? names.Value.Where(n => n.EndsWith(".conf", StringComparison.Ordinal)) : [])
            {
                dropIns.TryAdd(name, $"{folder}/{unit}.d/{name}");
            }
        }

        return main is null ? dropIns.Values : dropIns.Values.Prepend(main);
    }

    private static string[] OptionsFile(IHostProbe probe, List<string> problems)
    {
        var text = probe.ReadText("/etc/default/docker");
        if (text.Problem is not null)
        {
            problems.Add(text.Problem);
        }

        const string Name = "DOCKER_OPTS=";
        var line = text.Found ? Lines(text.Value).LastOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal)) : null;
        return line is null ? [] : Split(line[Name.Length..].Trim('"', '\''));
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries);

    private static string[] Split(string command) =>
        [.. command.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(argument => argument.Trim('"', '\''))];
}
