namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What kind of file a workload comes from.</summary>
internal enum Platform
{
    Kubernetes,
    Compose,
    Quadlet,
    Aspire,
}

/// <summary>A value and the node that says it.</summary>
internal sealed record Setting<T>(T Value, Node At);

/// <summary>Containers that are deployed as one: a pod, a Compose service, a quadlet, an Aspire container resource.</summary>
internal sealed class Workload
{
    public required Platform Platform { get; init; }

    /// <summary><c>Deployment</c>, <c>service</c>, <c>container</c>…</summary>
    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required Node Node { get; init; }

    /// <summary>Kubernetes only.</summary>
    public PodTemplate? Pod { get; init; }

    public List<ContainerSpec> Containers { get; } = [];

    public override string ToString() => $"{Kind} '{Name}'";
}

internal enum ContainerRole
{
    App,
    Init,
    Ephemeral,
    Hook,
}

/// <summary>
/// One container as the file asks for it, in words that all kinds of files share. A null setting was not made; what a pod sets for all of its
/// containers stands here as if they had set it.
/// </summary>
internal sealed class ContainerSpec
{
    public required Workload Workload { get; init; }
    public required string Name { get; init; }

    /// <summary>The mapping or section that describes the container.</summary>
    public required Node Node { get; init; }
    public ContainerRole Role { get; init; }
    public Platform Platform => Workload.Platform;

    public Setting<string>? Image { get; init; }

    /// <summary>The image is built from the file, so that its name says nothing of where it comes from.</summary>
    public bool IsBuilt { get; init; }
    public Setting<string>? PullPolicy { get; init; }
    public IReadOnlyList<Setting<string>> Command { get; init; } = [];
    public IReadOnlyList<EnvironmentVariable> Environment { get; init; } = [];

    public Setting<bool>? Privileged { get; init; }
    public IReadOnlyList<Setting<string>> CapabilitiesAdded { get; init; } = [];
    public IReadOnlyList<Setting<string>> CapabilitiesDropped { get; init; } = [];

    /// <summary>False is the hardened value, whatever the file calls it.</summary>
    public Setting<bool>? AllowPrivilegeEscalation { get; init; }
    public Setting<string>? User { get; init; }
    public Setting<bool>? RunAsNonRoot { get; init; }
    public IReadOnlyList<Setting<string>> Groups { get; init; } = [];
    public Setting<bool>? ReadOnlyRoot { get; init; }

    public Setting<string>? Seccomp { get; init; }
    public Setting<string>? AppArmor { get; init; }
    public Setting<string>? SelinuxOff { get; init; }
    public Setting<string>? ProcUnmasked { get; init; }

    /// <summary><c>network</c>, <c>pid</c>, <c>ipc</c>, <c>uts</c>, <c>user</c>, <c>cgroup</c> to what is asked for: <c>host</c>, <c>container:x</c>…</summary>
    public IReadOnlyDictionary<string, Setting<string>> Namespaces { get; init; } = new Dictionary<string, Setting<string>>();

    public IReadOnlyList<Mount> Mounts { get; init; } = [];
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];
    public IReadOnlyList<Setting<string>> Devices { get; init; } = [];
    public IReadOnlyList<Setting<string>> DeviceRules { get; init; } = [];
    public IReadOnlyList<Setting<(string Name, string Value)>> Sysctls { get; init; } = [];
    public IReadOnlyList<Setting<(string Name, string Value)>> Ulimits { get; init; } = [];

    public Setting<string>? MemoryLimit { get; init; }
    public Setting<string>? CpuLimit { get; init; }
    public Setting<string>? ProcessLimit { get; init; }
    public Setting<string>? ResourceRequest { get; init; }
    public Setting<bool>? OomKillerOff { get; init; }
    public Setting<string>? CgroupParent { get; init; }

    /// <summary>True: there is a health check; false: it is switched off; null: nothing is said.</summary>
    public Setting<bool>? HealthCheck { get; init; }

    /// <summary>How often a failed container is started again: a number, or -1 for without end.</summary>
    public Setting<long>? Restarts { get; init; }
    public Setting<string>? LogDriver { get; init; }
    public Setting<bool>? Terminal { get; init; }

    public override string ToString() => Workload.Containers.Count > 1 || Platform == Platform.Kubernetes
        ? $"container '{Name}' of {Workload}"
        : Workload.ToString();
}

/// <summary>One variable. A null value is not in the file: it comes from a secret, a file or the caller's environment.</summary>
internal sealed record EnvironmentVariable(string Name, string? Value, Node At)
{
    /// <summary>Where the value comes from instead: <c>secret</c>, <c>config map</c>, <c>field</c>, <c>environment</c>.</summary>
    public string? Source { get; init; }

    /// <summary>True where the value is in a file that the manifest names.</summary>
    public bool FromFile { get; init; }
}

internal enum MountKind
{
    HostPath,
    Volume,
    Temporary,
}

/// <summary>Something mounted into a container.</summary>
internal sealed record Mount(MountKind Kind, string Source, string Target, Node At)
{
    public bool ReadOnly { get; init; }

    /// <summary><c>rshared</c>, <c>Bidirectional</c>… where one is set.</summary>
    public Setting<string>? Propagation { get; init; }
}

/// <summary>A port that a container opens. A null host port is not published on the host.</summary>
internal sealed record PublishedPort(int Container, int? Host, string? HostAddress, Node At)
{
    public bool Published { get; init; }

    public string Protocol { get; init; } = "tcp";

    /// <summary>Whether others than this machine can reach the published port.</summary>
    public bool OnAllInterfaces => Published && HostAddress is null or "" or "0.0.0.0" or "::" or "[::]" or "*";
}
