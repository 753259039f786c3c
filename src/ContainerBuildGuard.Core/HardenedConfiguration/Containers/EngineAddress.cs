using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Where the engine's API is: what the user names, else what Docker's own client would take, else Podman's socket.</summary>
/// <param name="Uri"><c>unix:///path</c>, <c>tcp://host:port</c> or <c>https://host:port</c>.</param>
/// <param name="CertificateFolder">The folder with ca.pem, cert.pem and key.pem, where TLS is asked for.</param>
public sealed record EngineAddress(Uri Uri, string? CertificateFolder)
{
    /// <exception cref="GuardException">CBG9009: not an address; CBG9005: nothing to talk to.</exception>
    public static EngineAddress Find(string? named)
    {
        var certificates = Environment.GetEnvironmentVariable("DOCKER_TLS_VERIFY") is { Length: > 0 }
            ? Environment.GetEnvironmentVariable("DOCKER_CERT_PATH") ?? Path.Combine(Home, ".docker")
            : null;
        var address = named ?? NonEmpty("DOCKER_HOST") ?? FromContext() ?? Sockets().Where(File.Exists).Select(s => $"unix://{s}").FirstOrDefault()
            ?? throw Errors.Unreachable("there is no engine on this machine: start Docker or `podman system service`, or name one with --host");
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "unix" or "tcp" or "http" or "https"
            ? new EngineAddress(uri, certificates)
            : throw new GuardException("CBG9009", GuardFailure.Input, $"'{address}' is no address of an engine: write unix:///run/podman/podman.sock or tcp://host:2376.");
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string? NonEmpty(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static IEnumerable<string> Sockets() =>
        ["/var/run/docker.sock", $"{Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR")}/docker.sock", $"{Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR")}/podman/podman.sock", "/run/podman/podman.sock"];

    /// <summary>The endpoint of Docker's current context. Contexts are kept under the SHA-256 of their name.</summary>
    private static string? FromContext()
    {
        var folder = NonEmpty("DOCKER_CONFIG") ?? Path.Combine(Home, ".docker");
        try
        {
            var name = NonEmpty("DOCKER_CONTEXT") ?? Read(Path.Combine(folder, "config.json")).Text("currentContext");
            return name is null or "default" ? null
                : Read(Path.Combine(folder, "contexts", "meta", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), "meta.json")).Text("Endpoints", "docker", "Host");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.Clone();
}

internal static class Errors
{
    public static GuardException Denied(Exception inner) => new(GuardRules.Denied.Code, GuardFailure.Environment, "You may not use the container engine's socket: run as root, or name the rootless engine's own socket with --host.", inner);

    public static GuardException Unreachable(string what, Exception? inner = null) => new(GuardRules.Unreachable.Code, GuardFailure.Environment, $"The container engine cannot be asked: {what}.", inner);
}
