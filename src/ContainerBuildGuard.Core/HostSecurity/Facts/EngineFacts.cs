using System.Collections.Immutable;

namespace ContainerBuildGuard.HostSecurity.Facts;

/// <summary>What can be known of Docker on this host.</summary>
public sealed record DockerFacts
{
    public required bool Present { get; init; }
    public required ImmutableArray<DaemonFacts> Daemons { get; init; }

    /// <summary>The first engine that answers; absent where none runs.</summary>
    public required Probed<EngineFacts> Engine { get; init; }

    /// <summary>Credentials or settings in files that could not be read.</summary>
    public required ImmutableArray<string> Problems { get; init; }

    public required string DataRoot { get; init; }
    public required ImmutableArray<DockerContext> Contexts { get; init; }
}

/// <summary>A daemon that runs or that a unit would start. Settings have daemon.json's names; of options that may hold a secret only the name is kept.</summary>
public sealed record DaemonFacts(string Source, bool Running, bool Rootless, ImmutableSortedDictionary<string, ImmutableArray<string>> Settings)
{
    /// <summary>The user that a rootless daemon runs as.</summary>
    public uint Uid { get; init; }

    /// <summary>The file that its settings were read from beside its command line.</summary>
    public string ConfigurationFile { get; init; } = "";

    /// <summary>What a running daemon says of itself; absent where it does not run or has no socket of its own.</summary>
    public Probed<EngineFacts> Engine { get; init; }

    internal ImmutableArray<string> All(string name) => Settings.GetValueOrDefault(name, []);

    internal string? Last(string name) => All(name) is [.., var last] ? last : null;

    /// <summary>A switch as dockerd reads it; null where it is not set.</summary>
    internal bool? Switch(string name) => Last(name) switch { null => null, "" or "true" or "1" or "t" or "T" or "TRUE" or "True" => true, _ => false };
}

/// <summary>Parts of <c>/version</c>, <c>/info</c> and <c>/networks</c>.</summary>
public sealed record EngineFacts
{
    public required string Socket { get; init; }
    public required string Version { get; init; }
    public required ImmutableSortedDictionary<string, string> Components { get; init; }
    public required ImmutableArray<string> SecurityOptions { get; init; }
    public required bool LiveRestore { get; init; }
    public required bool Experimental { get; init; }
    public required bool Debug { get; init; }
    public required string LoggingDriver { get; init; }
    public required string StorageDriver { get; init; }
    public required string CgroupVersion { get; init; }
    public required ImmutableArray<string> AuthorizationPlugins { get; init; }
    public required ImmutableArray<string> InsecureRegistries { get; init; }

    /// <summary>Whether containers on the default bridge reach one another; absent without a default bridge.</summary>
    public required Probed<bool> InterContainer { get; init; }

    public required string Swarm { get; init; }
    public required int Managers { get; init; }
    public required bool IsManager { get; init; }
    public required Probed<bool> AutoLock { get; init; }
    public required Probed<double> CertificateDays { get; init; }
    public required Probed<ImmutableArray<string>> UnencryptedOverlays { get; init; }
}

public sealed record DockerContext(string Name, string Host, bool SkipVerify);

/// <summary>Settings of Podman and what it shares with Buildah and Skopeo. Each list says file and value.</summary>
public sealed record PodmanFacts
{
    public required bool Present { get; init; }
    public required Probed<ImmutableArray<Setting>> Policy { get; init; }
    public required Probed<ImmutableArray<Setting>> Registries { get; init; }
    public required Probed<ImmutableArray<Setting>> Containers { get; init; }
    public required Probed<ImmutableArray<Setting>> Storage { get; init; }
    public required Probed<ImmutableArray<Setting>> Lookaside { get; init; }
    public required ImmutableArray<string> TcpServices { get; init; }
}

/// <summary>One setting of a configuration file, its path with dots: <c>containers.seccomp_profile</c>.</summary>
public sealed record Setting(string File, string Name, string Value);

/// <summary>containerd and BuildKit.</summary>
public sealed record BuilderFacts
{
    public required bool Containerd { get; init; }
    public required Probed<ImmutableArray<Setting>> ContainerdSettings { get; init; }
    public required bool BuildKit { get; init; }
    public required Probed<ImmutableArray<Setting>> BuildKitSettings { get; init; }
}
