using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Docker as its files, its processes and its API describe it.</summary>
internal static class DockerCollector
{
    private const string DefaultConfigFile = "/etc/docker/daemon.json";
    private static readonly string[] Programs =
        ["/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/local/bin/dockerd", "/usr/local/sbin/dockerd", "/snap/bin/docker.dockerd"];

    public static Probed<DockerFacts> Collect(HostReader host)
    {
        var problems = new List<string>();
        var processes = host.Probe.Processes();
        if (processes.Problem is { } hidden)
        {
            problems.Add(hidden);
        }

        var starts = (processes.Found ? processes.Value.Where(p => p.Name == "dockerd") : [])
            .Select(p => new DaemonFacts($"dockerd (process {p.Pid})", true, p.Uid != 0, DaemonSettings.FromArguments(p.Arguments)) { Uid = p.Uid })
            .Concat(DockerUnits.Read(host, problems).Select(unit => new DaemonFacts(unit.Source, false, false, unit.Settings)))
            .ToList();
        var present = starts.Count > 0 || Programs.Any(host.Exists);
        if (present && starts.Count == 0)
        {
            starts.Add(new DaemonFacts(DefaultConfigFile, false, false, ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty));
        }

        starts = [.. starts.Select(s => s with { ConfigurationFile = ConfigFile(host, s) })];
        var files = starts.Select(s => s.ConfigurationFile).Append(DefaultConfigFile).Distinct(StringComparer.Ordinal).ToArray();
        var contents = files.ToDictionary(file => file, file => ReadConfig(host, file, problems), StringComparer.Ordinal);
        DaemonFacts[] daemons = [.. starts.Select(s => s with { Settings = DaemonSettings.Merge(s.Settings, contents[s.ConfigurationFile]) })];
        string[] sockets = [.. Sockets(host, daemons)];
        var engines = sockets.ToDictionary(s => s, s => EngineCollector.Collect(host, s), StringComparer.Ordinal);
        daemons = [.. daemons.Select(d => d.Running ? d with { Engine = Own(d).Select(s => engines.GetValueOrDefault(s)).OrderByDescending(e => e.Found).FirstOrDefault() } : d)];

        // An engine that answers without a process that can be seen: it belongs to another user, or runs outside this container.
        daemons =
        [
            .. daemons,
            .. engines.Where(e => e.Value.Found && !daemons.Any(d => d.Engine is { Found: true, Value.Socket: var own } && own == e.Key))
                .Select(e => new DaemonFacts(e.Key, true, false, contents[DefaultConfigFile]) { Engine = e.Value, ConfigurationFile = DefaultConfigFile }),
        ];
        var engine = sockets.Select(s => engines[s]).OrderByDescending(e => e.Found).ThenByDescending(e => e.Problem is not null).FirstOrDefault();
        var dataRoot = daemons.Select(d => d.Last("data-root")).OfType<string>().FirstOrDefault(d => d.StartsWith('/')) ?? "/var/lib/docker";
        Groups(host, daemons, files, sockets, dataRoot);
        return new DockerFacts
        {
            Present = present || engine.Found || host.Exists(DefaultConfigFile),
            Daemons = [.. daemons],
            Engine = engine,
            Problems = [.. problems],
            DataRoot = dataRoot,
            Contexts = [.. Contexts(host, problems)],
        };
    }

    private static void Groups(HostReader host, DaemonFacts[] daemons, string[] configurations, string[] sockets, string dataRoot)
    {
        var own = daemons.Length > 0 && daemons.All(d => d.Rootless);
        host.Group(own ? "docker-config-own" : "docker-config", configurations);
        host.Group("docker-socket", sockets);
        foreach (var socket in sockets)
        {
            host.Chain(socket);
        }

        host.Group("docker-data", dataRoot);
        host.Chain(dataRoot);
        host.Stat("/");
        host.Group("docker-tls-key", daemons.SelectMany(d => d.All("tlskey")));
        host.Group("docker-tls-certificate", daemons.SelectMany(d => d.All("tlscert")));
        host.Group("docker-tls-authority", daemons.SelectMany(d => d.All("tlscacert")));
        host.Group("docker-unit", DockerUnits.Files(host, "docker.service", []));
        host.Group("docker-socket-unit", DockerUnits.Files(host, "docker.socket", []));
        host.Group("containerd-unit", DockerUnits.Files(host, "containerd.service", []));
        AuditRuleCheck.Collect(host, dataRoot);
    }

    /// <summary>The sockets that a daemon of this command line serves.</summary>
    private static IEnumerable<string> Own(DaemonFacts daemon)
    {
        string[] named = [.. daemon.All("hosts").Where(h => h.StartsWith("unix://", StringComparison.Ordinal)).Select(h => h["unix://".Length..])];
        return named.Length > 0 ? named.Select(n => n == "/run/docker.sock" ? "/var/run/docker.sock" : n) : [daemon.Rootless ? $"/run/user/{daemon.Uid}/docker.sock" : "/var/run/docker.sock"];
    }

    private static IEnumerable<string> Sockets(HostReader host, DaemonFacts[] daemons)
    {
        var runtime = host.Probe.EnvironmentVariable("XDG_RUNTIME_DIR");
        return daemons.SelectMany(d => d.All("hosts").Concat(d is { Running: true, Rootless: true } ? Own(d).Select(s => $"unix://{s}") : []))
            .Append(host.Probe.EnvironmentVariable("DOCKER_HOST") ?? "")
            .Where(h => h.StartsWith("unix://", StringComparison.Ordinal))
            .Select(h => h["unix://".Length..])
            .Append("/var/run/docker.sock")
            .Append(string.IsNullOrEmpty(runtime) ? "" : $"{runtime}/docker.sock")
            .Where(path => path.StartsWith('/'))
            .Select(path => path == "/run/docker.sock" ? "/var/run/docker.sock" : path)
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>A rootless daemon reads the file of the user that runs it, who need not be the one that asks.</summary>
    private static string ConfigFile(HostReader host, DaemonFacts daemon)
    {
        if (daemon.Last("config-file") is { Length: > 0 } named)
        {
            return named;
        }

        if (!daemon.Rootless)
        {
            return DefaultConfigFile;
        }

        var home = HomeOf(host, daemon.Uid);
        return home is null || home == host.Home ? $"{host.Probe.EnvironmentVariable("XDG_CONFIG_HOME") ?? host.Home + "/.config"}/docker/daemon.json" : $"{home}/.config/docker/daemon.json";
    }

    private static string? HomeOf(HostReader host, uint uid)
    {
        var id = uid.ToString(CultureInfo.InvariantCulture);
        var users = host.Text("/etc/passwd");
        return users.Found ? users.Value.Split('\n').Select(l => l.Split(':')).Where(f => f.Length > 5 && f[2] == id).Select(f => f[5].TrimEnd('/')).FirstOrDefault() : null;
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<string>> ReadConfig(HostReader host, string file, List<string> problems)
    {
        try
        {
            return DaemonSettings.FromJson(host.Text(file, problems));
        }
        catch (JsonException exception)
        {
            problems.Add($"{file} is not a daemon configuration: {exception.Message}");
            return ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;
        }
    }

    private static IEnumerable<DockerContext> Contexts(HostReader host, List<string> problems)
    {
        var folder = host.Probe.EnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } set ? set : $"{host.Home}/.docker";
        foreach (var file in host.Expand($"{folder}/contexts/meta/*/meta.json", problems))
        {
            DockerContext? context = null;
            try
            {
                using var document = JsonDocument.Parse(host.Text(file, problems));
                var endpoint = document.RootElement.GetProperty("Endpoints").GetProperty("docker");
                context = new DockerContext(
                    document.RootElement.GetProperty("Name").GetString() ?? "",
                    endpoint.TryGetProperty("Host", out var address) ? address.GetString() ?? "" : "",
                    endpoint.TryGetProperty("SkipTLSVerify", out var skip) && skip.ValueKind == JsonValueKind.True);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                problems.Add($"{file} is not a Docker context");
            }

            if (context is not null)
            {
                yield return context;
            }
        }
    }
}
