namespace ContainerBuildGuard.Images;

/// <summary>Where an engine's API is.</summary>
/// <param name="Address">The address: <c>unix:</c>, <c>npipe:</c>, <c>tcp:</c>; any other scheme (<c>ssh:</c>) is left to the engine's own command.</param>
/// <param name="CertificateFolder">A folder with <c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c> where the API is behind TLS.</param>
/// <param name="SkipVerify">Whether the user switched verification of the engine's certificate off.</param>
public sealed record EngineEndpoint(Uri Address, string? CertificateFolder = null, bool SkipVerify = false)
{
    /// <summary>Docker's, in the order of its command: <c>DOCKER_HOST</c>, <c>DOCKER_CONTEXT</c>, the current context, the default.</summary>
    /// <param name="environment">The value of an environment variable; null where it is not set.</param>
    /// <exception cref="ImageException">A context is named that does not exist or cannot be read, or an address is none.</exception>
    public static EngineEndpoint OfDocker(Func<string, string?> environment)
    {
        if (environment("DOCKER_HOST") is { Length: > 0 } host)
        {
            var tls = environment("DOCKER_TLS_VERIFY") is { Length: > 0 };
            var folder = environment("DOCKER_CERT_PATH") is { Length: > 0 } path ? path : DockerContext.ConfigFolder(environment);
            return new EngineEndpoint(Parse(host, "DOCKER_HOST"), tls ? folder : null);
        }

        return DockerContext.Current(environment) ?? new EngineEndpoint(new Uri(OperatingSystem.IsWindows() ? "npipe:////./pipe/docker_engine" : "unix:///var/run/docker.sock"));
    }

    /// <summary>Podman's: <c>CONTAINER_HOST</c>, the user's socket, the system's; null where none of them is there, as where its service does not run.</summary>
    /// <param name="environment">The value of an environment variable; null where it is not set.</param>
    /// <exception cref="ImageException">The address is none.</exception>
    public static EngineEndpoint? OfPodman(Func<string, string?> environment)
    {
        if (environment("CONTAINER_HOST") is { Length: > 0 } host)
        {
            return new EngineEndpoint(Parse(host, "CONTAINER_HOST"));
        }

        var runtime = environment("XDG_RUNTIME_DIR") is { Length: > 0 } folder && !Environment.IsPrivilegedProcess ? folder : "/run";
        var socket = Path.Combine(runtime, "podman", "podman.sock");
        return File.Exists(socket) ? new EngineEndpoint(new Uri($"unix://{socket}")) : null;
    }

    internal static Uri Parse(string host, string what) => Uri.TryCreate(host, UriKind.Absolute, out var uri)
        ? uri
        : throw new ImageException(ImageError.InvalidReference, $"{what} is not the address of an engine: write it as unix:///path, tcp://host:port or ssh://host.");
}
