namespace ContainerBuildGuard.Images;

/// <summary>An engine through its own command, for what the API cannot reach: Docker over SSH, Podman without its service.</summary>
internal sealed class EngineCommand(string name)
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TransferTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Null where the engine answers; else why it does not.</summary>
    public async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        var info = await ProcessCall.RunAsync(name, ["info", "--format", "{{json .}}"], null, ProbeTimeout, cancellationToken).ConfigureAwait(false);
        return info switch
        {
            null => $"{name} is not installed",
            { ExitCode: 0 } when !info.Value.Output.Contains("\"ServerErrors\":[\"", StringComparison.Ordinal) => null,
            _ => $"{name} info: {EngineWords.FirstLine(info.Value.Error)}",
        };
    }

    public async Task LoadAsync(Stream archive, CancellationToken cancellationToken)
    {
        var result = await ProcessCall.RunAsync(name, ["load"], input => archive.CopyToAsync(input, cancellationToken), TransferTimeout, cancellationToken).ConfigureAwait(false);
        ThrowUnless(result, "load the image");
    }

    public async Task SaveAsync(string image, string file, CancellationToken cancellationToken)
    {
        string[] format = name == "podman" ? ["--format", "docker-archive"] : [];
        var result = await ProcessCall.RunAsync(name, ["save", .. format, "-o", file, image], null, TransferTimeout, cancellationToken).ConfigureAwait(false);
        ThrowUnless(result, $"give the image '{image}'");
    }

    private void ThrowUnless((int ExitCode, string Output, string Error)? result, string what)
    {
        switch (result)
        {
            case null:
                throw new ImageException(ImageError.Unreachable, $"{name} is not installed, so it cannot {what}: install it, or name another source or destination.");
            case { ExitCode: not 0 }:
                var words = EngineWords.FirstLine(result.Value.Error);
                throw EngineWords.MeanMissing(words)
                    ? new ImageException(ImageError.NotFound, $"{name} could not {what}: there is none of that name; `{name} images` lists those that are there.")
                    : new ImageException(ImageError.Unreachable, $"{name} could not {what} ({words}): check `{name} info` and try again.");
            default:
                break;
        }
    }
}
