namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Says a <c>.container</c> quadlet in the shared words, what <c>PodmanArgs=</c> passes on included.</summary>
internal static class QuadletWorkloads
{
    public static Workload ToWorkload(string name, MappingNode container, MappingNode root)
    {
        var workload = new Workload { Platform = Platform.Quadlet, Kind = "container", Name = name, Node = container };
        var arguments = Arguments(container).ToList();
        Setting<string>? Last(string key, string? option = null) => Values(container, key).Concat(Options(arguments, option)).LastOrDefault();
        Setting<bool>? Flag(string key) => Last(key) is { } value && ((ScalarNode)value.At).Truth is { } truth ? new Setting<bool>(truth, value.At) : null;
        var options = Options(arguments, "security-opt").Select(SecurityOption.Parse).ToList();
        var health = Last("HealthCmd", "health-cmd");
        workload.Containers.Add(new ContainerSpec
        {
            Workload = workload,
            Name = name,
            Node = container,
            Image = Last("Image"),
            IsBuilt = Last("Image")?.Value.EndsWith(".build", StringComparison.Ordinal) == true,
            PullPolicy = Last("Pull", "pull"),
            Command = [.. Values(container, "Entrypoint").Concat(Values(container, "Exec"))],
            Environment = [.. Values(container, "Environment").Concat(Options(arguments, "env")).SelectMany(Variables)],
            Privileged = Options(arguments, "privileged").Select(o => new Setting<bool>(o.Value != "false", o.At)).LastOrDefault(),
            CapabilitiesAdded = [.. Words(container, "AddCapability"), .. Options(arguments, "cap-add")],
            CapabilitiesDropped = [.. Words(container, "DropCapability"), .. Options(arguments, "cap-drop")],
            AllowPrivilegeEscalation = options.Where(o => o.Name == "no-new-privileges").Select(o => new Setting<bool>(o.Value == "false", o.At)).LastOrDefault()
                ?? (Flag("NoNewPrivileges") is { } hardened ? new Setting<bool>(!hardened.Value, hardened.At) : null),
            User = Last("User", "user"),
            Groups = [.. Words(container, "GroupAdd"), .. Values(container, "Group"), .. Options(arguments, "group-add")],
            ReadOnlyRoot = Flag("ReadOnly") ?? Options(arguments, "read-only").Select(o => new Setting<bool>(o.Value != "false", o.At)).LastOrDefault(),
            Seccomp = Last("SeccompProfile") ?? Option(options, "seccomp"),
            AppArmor = Last("AppArmor") ?? Option(options, "apparmor"),
            SelinuxOff = Flag("SecurityLabelDisable") is { Value: true } off ? new Setting<string>("disable", off.At) : options.Where(o => o.Name == "label" && o.Value == "disable").Select(o => new Setting<string>("disable", o.At)).FirstOrDefault(),
            ProcUnmasked = Last("Unmask") ?? options.Where(o => o.Name == "unmask").Select(o => new Setting<string>(o.Value, o.At)).FirstOrDefault(),
            Namespaces = new[] { ("network", Last("Network", "network")), ("pid", Last("PidMode", "pid")), ("ipc", Last("IpcMode", "ipc")), ("uts", Last("UtsMode", "uts")), ("user", Last("UserNS", "userns")), ("cgroup", Last("CgroupsMode", "cgroupns")) }
                .Where(n => n.Item2 is not null).ToDictionary(n => n.Item1, n => n.Item2!, StringComparer.Ordinal),
            Mounts = [.. Values(container, "Volume").Concat(Options(arguments, "volume")).Concat(Options(arguments, "v")).Select(v => VolumeText.Parse(v.Value, v.At, "/"))],
            Ports = [.. Values(container, "PublishPort").Concat(Options(arguments, "publish")).Concat(Options(arguments, "p")).SelectMany(p => PortText.Parse(p.Value, p.At)), .. Values(container, "ExposeHostPort").SelectMany(p => PortText.Parse(p.Value, p.At).Select(e => e with { Published = false }))],
            Devices = [.. Values(container, "AddDevice").Concat(Options(arguments, "device")).Select(d => d with { Value = d.Value.TrimStart('-').Split(':')[0] })],
            DeviceRules = [.. Options(arguments, "device-cgroup-rule")],
            Sysctls = [.. Words(container, "Sysctl").Concat(Options(arguments, "sysctl")).Select(s => new Setting<(string, string)>((s.Value.Split('=')[0], s.Value.Split('=', 2)[^1]), s.At))],
            Ulimits = [.. Values(container, "Ulimit").Select(u => new Setting<(string, string)>((u.Value.Split('=')[0], u.Value.Split('=', 2)[^1].Split(':')[^1]), u.At))],
            MemoryLimit = Last("Memory", "memory") ?? Values(root.At("Service"), "MemoryMax").LastOrDefault(),
            CpuLimit = Options(arguments, "cpus").LastOrDefault() ?? Values(root.At("Service"), "CPUQuota").LastOrDefault(),
            ProcessLimit = Last("PidsLimit", "pids-limit") ?? Values(root.At("Service"), "TasksMax").LastOrDefault(),
            OomKillerOff = Options(arguments, "oom-kill-disable").Select(o => new Setting<bool>(o.Value != "false", o.At)).LastOrDefault(),
            CgroupParent = Options(arguments, "cgroup-parent").LastOrDefault(),
            HealthCheck = health is null ? null : new Setting<bool>(health.Value != "none", health.At),
            Restarts = Values(root.At("Service"), "Restart").LastOrDefault() is { } restart ? new Setting<long>(restart.Value is "always" or "on-failure" && Values(root.At("Unit"), "StartLimitBurst").Count == 0 ? -1 : 0, restart.At) : null,
            LogDriver = Last("LogDriver", "log-driver"),
        });
        return workload;
    }

    private static Setting<string>? Option(List<SecurityOption> options, string name) => options.Where(o => o.Name == name).Select(o => new Setting<string>(o.Value, o.At)).LastOrDefault();

    private static List<Setting<string>> Values(Node? section, string key) => [.. section.Items(key).OfType<ScalarNode>().Select(s => new Setting<string>(s.Value, s))];

    private static IEnumerable<Setting<string>> Words(MappingNode container, string key) => Values(container, key).SelectMany(v => QuadletReader.Words(v.Value).Select(w => v with { Value = w }));

    private static IEnumerable<EnvironmentVariable> Variables(Setting<string> value) =>
        QuadletReader.Words(value.Value).Select(w => w.Split('=', 2) is [var name, var text] ? new EnvironmentVariable(name, text, value.At) : new EnvironmentVariable(w, null, value.At) { Source = "environment" });

    /// <summary>The words of <c>PodmanArgs=</c>, as option and value; a value may stand behind a space.</summary>
    private static IEnumerable<(string Option, string Value, Node At)> Arguments(MappingNode container)
    {
        foreach (var line in Values(container, "PodmanArgs"))
        {
            var words = QuadletReader.Words(line.Value).ToList();
            for (var i = 0; i < words.Count; i++)
            {
                if (words[i].StartsWith('-'))
                {
                    var parts = words[i].TrimStart('-').Split('=', 2);
                    var value = parts.Length == 2 ? parts[1] : i + 1 < words.Count && !words[i + 1].StartsWith('-') ? words[++i] : "";
                    yield return (parts[0], value, line.At);
                }
            }
        }
    }

    private static IEnumerable<Setting<string>> Options(List<(string Option, string Value, Node At)> arguments, string? name) =>
        arguments.Where(a => a.Option == name).Select(a => new Setting<string>(a.Value, a.At));
}
