using System.Collections.Immutable;

namespace ContainerBuildGuard.Images;

/// <summary>The image configuration (OCI image specification, "Image JSON Description").</summary>
public sealed record ImageConfig
{
    /// <summary>The processor architecture in Go's names.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>The operating system in Go's names.</summary>
    public string Os { get; init; } = "";

    /// <summary>The architecture's variant.</summary>
    public string? Variant { get; init; }

    /// <summary>When the image was built, as written.</summary>
    public string? Created { get; init; }

    /// <summary>The user the process runs as, as written: name or id, with optional group; empty where none is set.</summary>
    public string User { get; init; } = "";

    /// <summary>Exposed ports as written: <c>8080/tcp</c>.</summary>
    public ImmutableArray<string> ExposedPorts { get; init; } = [];

    /// <summary>Environment variables as written: <c>NAME=value</c>.</summary>
    public ImmutableArray<string> Env { get; init; } = [];

    /// <summary>The entrypoint.</summary>
    public ImmutableArray<string> Entrypoint { get; init; } = [];

    /// <summary>The default arguments.</summary>
    public ImmutableArray<string> Cmd { get; init; } = [];

    /// <summary>Volumes' paths.</summary>
    public ImmutableArray<string> Volumes { get; init; } = [];

    /// <summary>The working folder.</summary>
    public string WorkingDir { get; init; } = "";

    /// <summary>Labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The signal that stops the container, where set.</summary>
    public string? StopSignal { get; init; }

    /// <summary>The health check's test (Docker only), where set.</summary>
    public ImmutableArray<string> HealthcheckTest { get; init; } = [];

    /// <summary>Digests of the uncompressed layers, lowest first.</summary>
    public ImmutableArray<Digest> DiffIds { get; init; } = [];

    /// <summary>How each layer came to be, lowest first.</summary>
    public ImmutableArray<HistoryEntry> History { get; init; } = [];
}

/// <summary>One step of an image's history.</summary>
/// <param name="CreatedBy">The command that made the layer.</param>
/// <param name="Created">When, as written.</param>
/// <param name="Comment">Free text.</param>
/// <param name="Author">Free text.</param>
/// <param name="EmptyLayer">True where the step made no layer.</param>
public sealed record HistoryEntry(string CreatedBy, string? Created, string? Comment, string? Author, bool EmptyLayer);
