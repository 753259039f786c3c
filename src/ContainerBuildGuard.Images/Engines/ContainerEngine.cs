namespace ContainerBuildGuard.Images;

/// <summary>A local engine, through its command line: contexts, <c>DOCKER_HOST</c> and rootless set-ups are the user's own.</summary>
public sealed class ContainerEngine
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TransferTimeout = TimeSpan.FromMinutes(30);

    private ContainerEngine(string name) => Name = name;

    /// <summary>Docker.</summary>
    public static ContainerEngine Docker { get; } = new("docker");

    /// <summary>Podman.</summary>
    public static ContainerEngine Podman { get; } = new("podman");

    /// <summary>The command: <c>docker</c> or <c>podman</c>.</summary>
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
            var info = await ProcessCall.RunAsync(engine.Name, ["info", "--format", "{{json .}}"], null, ProbeTimeout, cancellationToken).ConfigureAwait(false);
            if (info is { ExitCode: 0 } && !info.Value.Output.Contains("\"ServerErrors\":[\"", StringComparison.Ordinal))
            {
                return engine;
            }

            reasons.Add(info is null ? $"{engine.Name} is not installed" : $"{engine.Name} info: {FirstLine(info.Value.Error)}");
        }

        throw new ImageException(ImageError.Unreachable, $"No local engine takes the image ({string.Join("; ", reasons)}): start Docker or Podman, or publish to a registry (ContainerRegistry) or an archive (ContainerArchiveOutputPath).");
    }

    /// <summary>Loads an image archive.</summary>
    /// <exception cref="ImageException">The engine refused; the message has its words.</exception>
    public async Task LoadAsync(Stream archive, CancellationToken cancellationToken)
    {
        var result = await ProcessCall.RunAsync(Name, ["load"], input => archive.CopyToAsync(input, cancellationToken), TransferTimeout, cancellationToken).ConfigureAwait(false);
        ThrowUnless(result, "load the image");
    }

    /// <summary>Writes an image of the engine to <paramref name="file"/> as an archive.</summary>
    /// <exception cref="ImageException">There is no such image, or the engine refused.</exception>
    public async Task SaveAsync(string image, string file, CancellationToken cancellationToken)
    {
        if (image.StartsWith('-') || image.Length == 0)
        {
            throw new ImageException(ImageError.InvalidReference, $"'{image}' is not the name of an image in {Name}.");
        }

        string[] format = Name == "podman" ? ["--format", "docker-archive"] : [];
        var result = await ProcessCall.RunAsync(Name, ["save", .. format, "-o", file, image], null, TransferTimeout, cancellationToken).ConfigureAwait(false);
        ThrowUnless(result, $"give the image '{image}'");
    }

    private void ThrowUnless((int ExitCode, string Output, string Error)? result, string what)
    {
        switch (result)
        {
            case null:
                throw new ImageException(ImageError.Unreachable, $"{Name} is not installed, so it cannot {what}: install it, or name another source or destination.");
            case { ExitCode: not 0 }:
                var words = FirstLine(result.Value.Error);
                var missing = words.Contains("no such image", StringComparison.OrdinalIgnoreCase) || words.Contains("reference does not exist", StringComparison.OrdinalIgnoreCase) || words.Contains("image not known", StringComparison.OrdinalIgnoreCase);
                throw new ImageException(missing ? ImageError.NotFound : ImageError.Unreachable, $"{Name} could not {what} ({words}): check `{Name} info` and try again.");
            default:
                break;
        }
    }

    private static string FirstLine(string text) => text.Trim().Split('\n')[0].Trim() is { Length: > 0 } line ? line : "no reason given";
}
