namespace ContainerBuildGuard.Images;

/// <summary>How to talk to registries.</summary>
public sealed record RegistryClientOptions
{
    /// <summary>Where credentials come from.</summary>
    public CredentialStore Credentials { get; init; } = CredentialStore.Default;

    /// <summary>Hosts (with port) that may be spoken to over plain HTTP or with a certificate that does not verify; loopback hosts may use plain HTTP without being named.</summary>
    public IReadOnlyCollection<string> InsecureRegistries { get; init; } =
        (Environment.GetEnvironmentVariable("DOTNET_CONTAINER_INSECURE_REGISTRIES") ?? "").Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Attempts of a request that fails in a way that may pass: 408, 429, 5xx, a broken connection.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>The pause before the second attempt; doubled each time, <c>Retry-After</c> wins up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause between attempts.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request may take until its answer's headers.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);
}
