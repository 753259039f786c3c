using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>sudoers and what it includes: user specifications with their command aliases, and Defaults.</summary>
internal static class SudoCollector
{
    private const int MaxFiles = 128;

    public static Probed<SudoFacts> Collect(HostReader host)
    {
        var state = new State(host);
        state.Read("/etc/sudoers", 0);
        host.Group("sudoers", [.. state.Files]);
        var present = state.Files.Count > 0;
        return new SudoFacts(present, [.. state.Rules.Select(r => r with { Commands = [.. r.Commands.SelectMany(c => state.Aliases.TryGetValue(c, out var named) ? named : [c])] })], [.. state.Defaults], [.. state.Problems]);
    }

    private sealed class State(HostReader host)
    {
        public List<string> Files { get; } = [];
        public List<SudoRule> Rules { get; } = [];
        public List<string> Defaults { get; } = [];
        public List<string> Problems { get; } = [];
        public Dictionary<string, string[]> Aliases { get; } = new(StringComparer.Ordinal);

        public void Read(string file, int depth)
        {
            if (depth > 8 || Files.Count >= MaxFiles || Files.Contains(file) || host.Stat(file) is { Found: false, Problem: null })
            {
                return;
            }

            Files.Add(file);
            var text = host.Text(file, Problems).Replace("\\\n", " ", StringComparison.Ordinal);
            var number = 0;
            foreach (var raw in text.Split('\n', StringSplitOptions.TrimEntries))
            {
                number++;
                if (Include(raw, file) is { } included)
                {
                    foreach (var next in included)
                    {
                        Read(next, depth + 1);
                    }
                }
                else if (raw.Length > 0 && raw[0] != '#')
                {
                    Line(file, number, raw);
                }
            }
        }

        private IEnumerable<string>? Include(string line, string file)
        {
            var words = line.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            string At(string path) => path.StartsWith('/') ? path : $"{file[..file.LastIndexOf('/')]}/{path}";
            return words is not [var word, var path] ? null
                : word is "#include" or "@include" ? [At(path)]
                : word is "#includedir" or "@includedir" ? host.List(At(path), Problems).Where(n => !n.Contains('.', StringComparison.Ordinal) && !n.EndsWith('~')).Select(n => $"{At(path)}/{n}")
                : null;
        }

        private void Line(string file, int number, string line)
        {
            if (line.StartsWith("Defaults", StringComparison.Ordinal))
            {
                Defaults.Add(line["Defaults".Length..].Trim());
            }
            else if (line.StartsWith("Cmnd_Alias", StringComparison.Ordinal) && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
            {
                Aliases[line["Cmnd_Alias".Length..at].Trim()] = line[(at + 1)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            }
            else if (!line.Contains("_Alias", StringComparison.Ordinal) && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
            {
                var who = line.Split([' ', '\t'])[0];
                var what = line[(equals + 1)..].Trim();
                if (what.StartsWith('(') && what.IndexOf(')', StringComparison.Ordinal) is > 0 and var end)
                {
                    what = what[(end + 1)..].Trim();
                }

                var noPassword = what.Contains("NOPASSWD:", StringComparison.Ordinal);
                foreach (var tag in (string[])["NOPASSWD:", "PASSWD:", "SETENV:", "NOSETENV:", "EXEC:", "NOEXEC:", "LOG_INPUT:", "LOG_OUTPUT:"])
                {
                    what = what.Replace(tag, "", StringComparison.Ordinal);
                }

                Rules.Add(new SudoRule(file, number, who, noPassword, [.. what.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]));
            }
        }
    }
}
