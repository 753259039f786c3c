using System.Buffers;
using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The programs that root starts by itself: cron's tables, and the services and timers of the administrator and the distribution.</summary>
internal static class RootCommandCollector
{
    private const int MaxUnits = 1500;
    private static readonly SearchValues<char> NotInPaths = SearchValues.Create("*$%&|>");
    private static readonly string[] UnitFolders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    public static Probed<ImmutableArray<RootCommand>> Collect(HostReader host)
    {
        var problems = new List<string>();
        ImmutableArray<RootCommand> commands = [.. Cron(host, problems).Concat(Units(host, problems)).Distinct()];
        foreach (var command in commands)
        {
            host.Chain(command.Program);
        }

        host.Group("cron", "/etc/crontab", "/etc/cron.d", "/etc/cron.d/*", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly", "/var/spool/cron/crontabs");
        return commands.IsEmpty && problems.Count > 0 ? Probed<ImmutableArray<RootCommand>>.Unreadable(string.Join("; ", problems.Distinct())) : commands;
    }

    private static IEnumerable<RootCommand> Cron(HostReader host, List<string> problems)
    {
        foreach (var file in (string[])["/etc/crontab", .. host.Expand("/etc/cron.d/*")])
        {
            foreach (var (_, line) in HostReader.Lines(host.Text(file, problems)))
            {
                // minute hour day month weekday user command, or @daily user command
                var skip = line.StartsWith('@') ? 1 : 5;
                var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
                if (words.Length > skip + 1 && words[skip] is "root" && !words[0].Contains('=', StringComparison.Ordinal))
                {
                    foreach (var program in Programs(words[(skip + 1)..]))
                    {
                        yield return new RootCommand(file, program);
                    }
                }
            }
        }

        foreach (var (_, line) in HostReader.Lines(host.Text("/var/spool/cron/crontabs/root", [])))
        {
            foreach (var program in Programs([.. line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Skip(line.StartsWith('@') ? 1 : 5)]))
            {
                yield return new RootCommand("/var/spool/cron/crontabs/root", program);
            }
        }

        foreach (var script in ((string[])["hourly", "daily", "weekly", "monthly"]).SelectMany(p => host.Expand($"/etc/cron.{p}/*")))
        {
            yield return new RootCommand(script[..script.LastIndexOf('/')], script);
        }
    }

    private static IEnumerable<RootCommand> Units(HostReader host, List<string> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in UnitFolders)
        {
            foreach (var name in host.List(folder, problems).Where(n => n.EndsWith(".service", StringComparison.Ordinal)).Take(MaxUnits))
            {
                // The first folder that has a unit wins.
                if (!seen.Add(name) || !host.Text($"{folder}/{name}").Found)
                {
                    continue;
                }

                var lines = HostReader.Lines(host.Text($"{folder}/{name}").Value).Select(l => l.Text).ToArray();
                if (lines.Any(l => l.StartsWith("User=", StringComparison.Ordinal) && l is not "User=root" and not "User=0" and not "User="))
                {
                    continue;
                }

                foreach (var program in lines.Where(l => l.StartsWith("ExecStart", StringComparison.Ordinal) && l.Contains('=', StringComparison.Ordinal))
                    .SelectMany(l => Programs(l[(l.IndexOf('=', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))))
                {
                    yield return new RootCommand(name, program);
                }
            }
        }
    }

    /// <summary>The absolute path that starts, and the script that a shell or an interpreter is given.</summary>
    private static IEnumerable<string> Programs(string[] words)
    {
        var interpreted = words is [var first, ..] && (first.EndsWith("sh", StringComparison.Ordinal) || first.Contains("python", StringComparison.Ordinal) || first.Contains("perl", StringComparison.Ordinal));
        return words.Take(interpreted ? 4 : 1)
            .Select(w => w.TrimStart('-', '@', '+', '!', ':').Trim('"', '\'', ';', '('))
            .Where(w => w.StartsWith('/') && w.AsSpan().IndexOfAny(NotInPaths) < 0 && !w.StartsWith("/dev/", StringComparison.Ordinal));
    }
}
