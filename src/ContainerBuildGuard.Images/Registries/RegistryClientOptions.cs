using System.Collections.Immutable;
using System.Globalization;

namespace ContainerBuildGuard.Images;

/// <summary>How to talk to registries. The defaults are this process's environment, read as the .NET SDK reads it.</summary>
public sealed record RegistryClientOptions
{
    private static readonly char[] Separators = [',', ';'];

    /// <summary>The options of this process's environment.</summary>
    public RegistryClientOptions()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    /// <summary>The options of an environment: <c>DOTNET_CONTAINER_INSECURE_REGISTRIES</c>, and of <c>DOTNET_CONTAINER_REGISTRY_…</c> (before it <c>SDK_CONTAINER_REGISTRY_…</c>)
    /// <c>CHUNKED_UPLOAD_SIZE_BYTES</c> and <c>PARALLEL_UPLOAD</c>.</summary>
    public RegistryClientOptions(Func<string, string?> environment)
    {
        Credentials = new CredentialStore(environment);
        CertificateFolders = CertificateFolder.Defaults(environment);
        InsecureRegistries = (environment("DOTNET_CONTAINER_INSECURE_REGISTRIES") ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string? Setting(string name) => environment($"DOTNET_CONTAINER_REGISTRY_{name}") ?? environment($"SDK_CONTAINER_REGISTRY_{name}");
        ChunkBytes = int.TryParse(Setting("CHUNKED_UPLOAD_SIZE_BYTES"), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0 ? bytes : ChunkBytes;
        Parallelism = bool.TryParse(Setting("PARALLEL_UPLOAD"), out var parallel) && !parallel ? 1 : Parallelism;
    }

    /// <summary>Where credentials come from.</summary>
    public CredentialStore Credentials { get; init; }

    /// <summary>Registries (host with port) that may be spoken to over plain HTTP or with a certificate that does not verify; loopback hosts may use plain HTTP without being named.</summary>
    public IReadOnlyCollection<string> InsecureRegistries { get; init; }

    /// <summary>Settings of single registries; they win over <see cref="InsecureRegistries"/> and <see cref="CertificateFolders"/>.</summary>
    public ImmutableArray<RegistryHost> Hosts { get; init; } = [];

    /// <summary>Folders with certificates in Docker's layout: <c>HOST:PORT/*.crt</c> (authorities), <c>*.cert</c> with <c>*.key</c> (client certificates).</summary>
    public ImmutableArray<string> CertificateFolders { get; init; }

    /// <summary>Attempts of a request that fails in a way that may pass: 408, 429, 5xx, a broken connection. Progress in a download or upload starts the count anew.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause before the second attempt, then doubled each time; each pause is shortened at random by up to half, so that many builds do not come back at once.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause between attempts.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest <c>Retry-After</c> that is waited for; a registry that asks for more is an error at once.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>How long connecting may take, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long nothing may come or go in an exchange before its connection counts as broken; a registry may need some of it to put a large layer away.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most blobs that are uploaded at once.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Blobs above this size are uploaded in chunks of it, so that a broken connection costs one chunk: 64 MiB. A registry's <c>OCI-Chunk-Min-Length</c> raises it.</summary>
    public int ChunkBytes { get; init; } = 64 << 20;

    /// <summary>How much metadata is read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Makes what answers the requests in place of connections to registries; null for connections.</summary>
    public Func<HttpMessageHandler>? Handler { get; init; }

    /// <summary>The clock of pauses and time limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
