using System.Collections.Immutable;

namespace ContainerBuildGuard.HostSecurity.Facts;

/// <summary>
/// Everything that the checks may know of a host, as one document: collected once, read-only, without a secret's value in it.
/// What could not be read says so in its own place.
/// </summary>
public sealed record HostFacts
{
    /// <summary>The version of this document. Facts of another version are refused: a member they lack would read as absent.</summary>
    public const int CurrentSchema = 3;

    public required int Schema { get; init; }
    public required DateTimeOffset Collected { get; init; }
    public required bool Linux { get; init; }

    /// <summary>True for a folder (<c>--root</c>): it has no kernel, no processes and no environment.</summary>
    public required bool Offline { get; init; }

    /// <summary>Type, mode and owner of every path that a check asks about, links followed.</summary>
    public required ImmutableSortedDictionary<string, Probed<HostFile>> Paths { get; init; }

    /// <summary>Paths by what they are: <c>docker-socket</c>, <c>ssh-host-key</c>.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<string>> Groups { get; init; }

    /// <summary>Parts that could not be collected: a group that lacks paths may lack them for that reason.</summary>
    public required ImmutableArray<string> Incomplete { get; init; }

    /// <summary>Parameters under /proc/sys by their dotted name.</summary>
    public required ImmutableSortedDictionary<string, Probed<string>> Sysctls { get; init; }

    public required Probed<SystemFacts> System { get; init; }
    public required Probed<ContainerFacts> Container { get; init; }
    public required Probed<AccountFacts> Accounts { get; init; }
    public required Probed<NetworkFacts> Network { get; init; }
    public required Probed<SshFacts> Ssh { get; init; }
    public required Probed<SudoFacts> Sudo { get; init; }
    public required Probed<PackageFacts> Packages { get; init; }
    public required Probed<ImmutableArray<RootCommand>> RootCommands { get; init; }
    public required Probed<DockerFacts> Docker { get; init; }
    public required Probed<PodmanFacts> Podman { get; init; }
    public required Probed<BuilderFacts> Builders { get; init; }
    public required Probed<DotNetFacts> DotNet { get; init; }
    public required Probed<UserFacts> User { get; init; }

    internal Probed<HostFile> Stat(string path) =>
        Paths.TryGetValue(path, out var file) ? file : Probed<HostFile>.Unreadable($"{path} is not part of these facts");

    internal ImmutableArray<string> Group(string name) => Groups.GetValueOrDefault(name, []);
}

/// <summary>The kernel, the distribution, the mounts.</summary>
public sealed record SystemFacts
{
    public required ImmutableSortedDictionary<string, string> Release { get; init; }
    public required string Kernel { get; init; }
    public required ImmutableArray<string> InstalledKernels { get; init; }
    public required bool RebootRequired { get; init; }
    public required ImmutableSortedDictionary<string, string> CpuVulnerabilities { get; init; }
    public required Probed<string> SecurityModules { get; init; }
    public required Probed<string> SELinuxEnforce { get; init; }
    public required Probed<string> Lockdown { get; init; }
    public required bool CgroupV2 { get; init; }
    public required Probed<ImmutableArray<MountFact>> Mounts { get; init; }
    public required Probed<ImmutableArray<string>> ProcessNames { get; init; }
    public required Probed<string> AuditRules { get; init; }
    public required Probed<string> JournalStorage { get; init; }
}

/// <summary>A line of mountinfo: <paramref name="Source"/> is the folder of the file system that is mounted.</summary>
public sealed record MountFact(string Source, string Target, string Type, ImmutableArray<string> Options);

/// <summary>Whether the audit itself runs in a container, and what that container was given.</summary>
public sealed record ContainerFacts(bool Inside, string Evidence, bool AllCapabilities, bool HostProcesses, bool HostNetwork, ImmutableArray<string> EngineSockets);

public sealed record UserAccount(string Name, uint Uid, uint Gid, string Home, string Shell);

public sealed record GroupAccount(string Name, uint Gid, ImmutableArray<string> Members);

/// <summary>A line of /etc/shadow without its hash: <paramref name="Scheme"/> is <c>empty</c>, <c>locked</c>, or how the password is hashed.</summary>
public sealed record ShadowAccount(string Name, string Scheme, int? MaxDays);

public sealed record SubordinateRange(string Owner, long Start, long Count);

public sealed record AccountFacts
{
    public required Probed<ImmutableArray<UserAccount>> Users { get; init; }
    public required Probed<ImmutableArray<GroupAccount>> Groups { get; init; }
    public required Probed<ImmutableArray<ShadowAccount>> Shadow { get; init; }
    public required Probed<ImmutableArray<SubordinateRange>> SubordinateUids { get; init; }
    public required Probed<ImmutableArray<SubordinateRange>> SubordinateGids { get; init; }
    public required ImmutableArray<string> Lingering { get; init; }
    public required Probed<int?> PasswordMaxDays { get; init; }
}

/// <summary>A TCP port that listens; the process is unknown where the audit may not see it.</summary>
public sealed record ListeningSocket(string Address, int Port, uint Uid, string? Process, string? Program);

/// <summary>TCP ports that listen, and the firewalls that start with the host.</summary>
public sealed record NetworkFacts(Probed<ImmutableArray<ListeningSocket>> Listening, Probed<ImmutableArray<string>> Firewalls);

public sealed record SshFacts
{
    public required bool Present { get; init; }
    public required string File { get; init; }
    public required ImmutableSortedDictionary<string, string> Values { get; init; }
    public required ImmutableArray<SshConditional> Conditional { get; init; }
    public required ImmutableArray<string> Problems { get; init; }
}

public sealed record SshConditional(string Condition, string Keyword, string Value);

/// <summary>A sudo rule. Commands as written, aliases resolved one level.</summary>
public sealed record SudoRule(string File, int Line, string Who, bool NoPassword, ImmutableArray<string> Commands);

public sealed record SudoFacts(bool Present, ImmutableArray<SudoRule> Rules, ImmutableArray<string> Defaults, ImmutableArray<string> Problems);

public sealed record PackageFacts
{
    public required string Manager { get; init; }
    public required Probed<DateTimeOffset> Changed { get; init; }
    public required Probed<DateTimeOffset> ListsFetched { get; init; }
    public required Probed<ImmutableArray<PendingUpdate>> Pending { get; init; }
    public required Probed<bool> AutomaticUpdates { get; init; }
    public required Probed<ImmutableArray<string>> UnverifiedSources { get; init; }
}

public sealed record PendingUpdate(string Name, string Installed, string Available);

/// <summary>A program that root starts from cron, a timer or a service.</summary>
public sealed record RootCommand(string Source, string Program);
