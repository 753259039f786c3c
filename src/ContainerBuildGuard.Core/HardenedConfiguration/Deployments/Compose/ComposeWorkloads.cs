using System.Globalization;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Says a Compose service (or one of a Swarm stack) in the shared words.</summary>
/// <param name="bounds">Where files may lie that a service names.</param>
/// <param name="folderOf">The folder that relative paths are meant from where the node stands in an included or extended file; null for the project's own.</param>
/// <param name="problems">What could not be read.</param>
internal sealed class ComposeWorkloads(ReadingBounds bounds, Func<Node, string?> folderOf, List<DocumentProblem> problems)
{
    public Workload ToWorkload(ComposeService service)
    {
        var node = service.Node;
        var workload = new Workload { Platform = Platform.Compose, Kind = "service", Name = service.Name, Node = node };
        var options = ComposeValues.Texts(node.At("security_opt")).Select(SecurityOption.Parse).ToList();
        var limits = node.At("deploy", "resources", "limits");
        workload.Containers.Add(new ContainerSpec
        {
            Workload = workload,
            Name = service.Name,
            Node = node,
            Image = ComposeValues.Text(node, "image"),
            IsBuilt = node.At("build") is not null,
            PullPolicy = ComposeValues.Text(node, "pull_policy"),
            Command = [.. ComposeValues.Texts(node.At("entrypoint")), .. ComposeValues.Texts(node.At("command"))],
            Environment = [.. Variables(service)],
            Privileged = ComposeValues.Flag(node, "privileged"),
            CapabilitiesAdded = ComposeValues.Texts(node.At("cap_add")),
            CapabilitiesDropped = ComposeValues.Texts(node.At("cap_drop")),
            AllowPrivilegeEscalation = options.Where(o => o.Name == "no-new-privileges").Select(o => new Setting<bool>(o.Value == "false", o.At)).LastOrDefault(),
            User = ComposeValues.Text(node, "user"),
            Groups = ComposeValues.Texts(node.At("group_add")),
            ReadOnlyRoot = ComposeValues.Flag(node, "read_only"),
            Seccomp = Option(options, "seccomp"),
            AppArmor = Option(options, "apparmor"),
            SelinuxOff = options.Where(o => o.Name == "label" && o.Value is "disable" or "disabled").Select(o => new Setting<string>(o.Value, o.At)).FirstOrDefault(),
            ProcUnmasked = options.Where(o => o.Name == "systempaths").Select(o => new Setting<string>(o.Value, o.At)).FirstOrDefault(),
            Namespaces = Namespaces(node),
            Mounts = [.. Mounts(service)],
            Ports = [.. Ports(node)],
            Devices = [.. node.Items("devices").Select(d => d is ScalarNode s ? new Setting<string>(s.Value.Split(':')[0], s) : new Setting<string>(d.Text("source") ?? "", d))],
            DeviceRules = [.. ComposeValues.Texts(node.At("device_cgroup_rules")), .. ComposeValues.Texts(node.At("gpus") is ScalarNode gpus ? gpus : null)],
            Sysctls = [.. ComposeValues.Pairs(node.At("sysctls")).Select(p => new Setting<(string, string)>((p.Name, p.Value ?? ""), p.At))],
            Ulimits = [.. node.Members("ulimits").Select(m => new Setting<(string, string)>((m.Name, (m.Value as ScalarNode)?.Value ?? m.Value.Text("hard") ?? ""), m.Value))],
            MemoryLimit = ComposeValues.Text(node, "mem_limit") ?? ComposeValues.Text(limits, "memory"),
            CpuLimit = ComposeValues.Text(node, "cpus") ?? ComposeValues.Text(limits, "cpus") ?? ComposeValues.Text(node, "cpu_quota"),
            ProcessLimit = ComposeValues.Text(node, "pids_limit") ?? ComposeValues.Text(limits, "pids"),
            OomKillerOff = ComposeValues.Flag(node, "oom_kill_disable"),
            CgroupParent = ComposeValues.Text(node, "cgroup_parent"),
            HealthCheck = Health(node.At("healthcheck")),
            Restarts = Restarts(node),
            LogDriver = ComposeValues.Text(node, "logging", "driver"),
            Terminal = ComposeValues.Flag(node, "tty"),
        });
        return workload;
    }

    private static Setting<string>? Option(List<SecurityOption> options, string name) =>
        options.Where(o => o.Name == name).Select(o => new Setting<string>(o.Value, o.At)).LastOrDefault();

    private static Dictionary<string, Setting<string>> Namespaces(MappingNode node)
    {
        var namespaces = new Dictionary<string, Setting<string>>(StringComparer.Ordinal);
        foreach (var (name, key) in new[] { ("network", "network_mode"), ("pid", "pid"), ("ipc", "ipc"), ("uts", "uts"), ("user", "userns_mode"), ("cgroup", "cgroup") })
        {
            if (ComposeValues.Text(node, key) is { } mode)
            {
                namespaces[name] = mode;
            }
        }

        return namespaces;
    }

    private IEnumerable<EnvironmentVariable> Variables(ComposeService service)
    {
        foreach (var (name, value, at) in ComposeValues.Pairs(service.Node.At("environment")))
        {
            var literal = at is not ScalarNode scalar || scalar.IsLiteral;
            yield return new EnvironmentVariable(name, value is null || !literal ? null : value, at) { Source = value is null || !literal ? "environment" : null };
        }

        var files = service.Node.At("env_file") is { } envFile ? (envFile as SequenceNode)?.Items ?? [envFile] : [];
        foreach (var file in files)
        {
            var path = (file as ScalarNode)?.Value ?? file.Text("path") ?? "";
            if (bounds.WhyNot(folderOf(file) ?? service.Folder, path, out var full) is { } outside)
            {
                problems.Add(DocumentProblem.At(file, $"the variables of {path} were not read: {outside}"));
            }
            else if (ManifestFiles.TryRead(full, path, out var reason) is { } source)
            {
                foreach (var (name, value, line) in EnvironmentFile.Parse(source.Text))
                {
                    yield return new EnvironmentVariable(name, value, file) { FromFile = true, Source = $"{path}, line {line.ToString(CultureInfo.InvariantCulture)}" };
                }
            }
            else if (file.Scalar("required")?.Truth != false)
            {
                problems.Add(DocumentProblem.At(file, $"the variables of {path} were not checked: {reason}") with { StillChecked = true });
            }
        }
    }

    private IEnumerable<Mount> Mounts(ComposeService service)
    {
        foreach (var volume in service.Node.Items("volumes"))
        {
            if (volume is ScalarNode text)
            {
                yield return VolumeText.Parse(text.Value, text, folderOf(text) ?? service.Folder);
                continue;
            }

            var kind = volume.Text("type") switch { "bind" => MountKind.HostPath, "tmpfs" => MountKind.Temporary, _ => MountKind.Volume };
            yield return new Mount(kind, volume.Text("source") ?? "", volume.Text("target") ?? "", volume.At("source") ?? volume)
            {
                ReadOnly = volume.Scalar("read_only")?.Truth == true,
                Propagation = ComposeValues.Text(volume, "bind", "propagation"),
            };
        }
    }

    private static IEnumerable<PublishedPort> Ports(MappingNode node)
    {
        foreach (var port in node.Items("ports"))
        {
            if (port is ScalarNode text)
            {
                foreach (var published in PortText.Parse(text.Value, text))
                {
                    yield return published;
                }
            }
            else if (port.Scalar("target") is { Number: { } target })
            {
                yield return new PublishedPort((int)target, (int?)port.Scalar("published")?.Number, port.Text("host_ip"), port) { Published = true, Protocol = port.Text("protocol") ?? "tcp" };
            }
        }

        foreach (var exposed in ComposeValues.Texts(node.At("expose")))
        {
            if (int.TryParse(exposed.Value.Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                yield return new PublishedPort(number, null, null, exposed.At);
            }
        }
    }

    private static Setting<bool>? Health(Node? check) => check is null ? null
        : new Setting<bool>(!(check.Scalar("disable")?.Truth == true || check.Text("test") == "NONE" || check.Items("test") is [ScalarNode { Value: "NONE" }, ..]), check);

    private static Setting<long>? Restarts(MappingNode node)
    {
        if (node.Scalar("restart") is { } restart)
        {
            return restart.Value switch
            {
                "always" or "unless-stopped" => new Setting<long>(-1, restart),
                var value when value.StartsWith("on-failure", StringComparison.Ordinal) => new Setting<long>(long.TryParse(value[10..].TrimStart(':'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1, restart),
                _ => new Setting<long>(0, restart),
            };
        }

        return node.At("deploy", "restart_policy") is { } policy
            ? new Setting<long>(policy.Text("condition") == "none" ? 0 : policy.Scalar("max_attempts")?.Number ?? -1, policy)
            : null;
    }
}

/// <summary>One item of <c>security_opt</c>: <c>name</c>, <c>name=value</c> or <c>name:value</c>.</summary>
internal sealed record SecurityOption(string Name, string Value, Node At)
{
    public static SecurityOption Parse(Setting<string> text) => text.Value.IndexOfAny(['=', ':']) is var cut && cut < 0
        ? new(text.Value.Trim(), "", text.At)
        : new(text.Value[..cut].Trim(), text.Value[(cut + 1)..].Trim(), text.At);
}
