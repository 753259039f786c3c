namespace ContainerBuildGuard.Images;

/// <summary>
/// A local engine: through its API where that can be reached as the user set it up (socket, pipe, TCP with TLS, contexts), through its own command where not.
/// </summary>
public sealed class ContainerEngine
{
    private readonly Func<string, string?> _environment;
    private readonly EngineCommand _command;

    internal ContainerEngine(string name, Func<string, string?> environment) => (Name, _environment, _command) = (name, environment, new EngineCommand(name));

    /// <summary>Docker.</summary>
    public static ContainerEngine Docker { get; } = new("docker", Environment.GetEnvironmentVariable);

    /// <summary>Podman.</summary>
    public static ContainerEngine Podman { get; } = new("podman", Environment.GetEnvironmentVariable);

    /// <summary>The engine's name and its command: <c>docker</c> or <c>podman</c>.</summary>
    public string Name { get; }

    /// <summary>The engine that <paramref name="localRegistry"/> names (<c>Docker</c>, <c>Podman</c>), else the first that works, Docker before Podman, as the SDK decides.</summary>
    /// <exception cref="ImageException">No engine works.</exception>
    public static async Task<ContainerEngine> DetectAsync(string? localRegistry, CancellationToken cancellationToken)
    {
        ContainerEngine[] candidates = localRegistry switch
        {
            null => [Docker, Podman],
            _ when localRegistry.Equals("Docker", StringComparison.OrdinalIgnoreCase) => [Docker],
            _ when localRegistry.Equals("Podman", StringComparison.OrdinalIgnoreCase) => [Podman],
            _ => throw new ImageException(ImageError.InvalidReference, $"LocalRegistry is '{localRegistry}': set it to Docker or Podman, or leave it empty."),
        };
        var reasons = new List<string>();
        foreach (var engine in candidates)
        {
            var (api, reason) = await engine.ConnectAsync(cancellationToken).ConfigureAwait(false);
            api?.Dispose();
            reason = api is not null ? null : await engine._command.ProbeAsync(cancellationToken).ConfigureAwait(false) is { } words ? reason ?? words : null;
            if (reason is null)
            {
                return engine;
            }

            reasons.Add(reason);
        }

        throw new ImageException(ImageError.Unreachable, $"No local engine takes the image ({string.Join("; ", reasons)}): start Docker or Podman, or publish to a registry (ContainerRegistry) or an archive (ContainerArchiveOutputPath).");
    }

    /// <summary>Loads an image archive.</summary>
    /// <exception cref="ImageException">The engine refused; the message has its words.</exception>
    public async Task LoadAsync(Stream archive, CancellationToken cancellationToken)
    {
        var (api, _) = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        using (api)
        {
            await (api?.LoadAsync(archive, cancellationToken) ?? _command.LoadAsync(archive, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>Writes an image of the engine to <paramref name="file"/> as an archive, piece by piece as it comes.</summary>
    /// <exception cref="ImageException">There is no such image, it is over the limit, or the engine refused.</exception>
    public async Task SaveAsync(string image, string file, ImageLimits limits, CancellationToken cancellationToken)
    {
        if (image.StartsWith('-') || image.Length == 0)
        {
            throw new ImageException(ImageError.InvalidReference, $"'{image}' is not the name of an image in {Name}.");
        }

        var (api, _) = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (api is null)
        {
            await _command.SaveAsync(image, file, cancellationToken).ConfigureAwait(false);
            return;
        }

        using (api)
        {
            await using var target = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            await api.SaveAsync(image, target, limits.ArchiveBytes, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(EngineApi? Api, string? Reason)> ConnectAsync(CancellationToken cancellationToken)
    {
        var endpoint = Name == "podman" ? EngineEndpoint.OfPodman(_environment) : EngineEndpoint.OfDocker(_environment);
        if (endpoint is null || EngineConnection.Open(endpoint) is not { } http)
        {
            return (null, null);
        }

        var api = new EngineApi(http, Name);
        var reason = await api.PingAsync(cancellationToken).ConfigureAwait(false);
        if (reason is null)
        {
            return (api, null);
        }

        api.Dispose();
        return (null, reason);
    }
}
