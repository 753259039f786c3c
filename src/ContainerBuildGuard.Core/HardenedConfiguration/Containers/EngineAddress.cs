using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Where the engine's API is: what the user names, else what Docker's own client would take, else the socket of rootless Docker or of Podman.</summary>
public static class EngineAddress
{
    /// <exception cref="GuardException">CBG9009: not an address; CBG9005: nothing to talk to.</exception>
    public static EngineEndpoint Find(string? named)
    {
        try
        {
            var endpoint = EngineEndpoint.OfDocker(name => name == "DOCKER_HOST" && named is not null ? named : Environment.GetEnvironmentVariable(name));
            if (endpoint.Address.Scheme is not ("unix" or "npipe" or "tcp" or "http" or "https"))
            {
                throw new GuardException(GuardRules.InvalidOption.Code, GuardFailure.Input, $"'{endpoint.Address}' is no address of an engine's API: write unix:///run/podman/podman.sock or tcp://host:2376.");
            }

            return named is null && endpoint.Address.Scheme == "unix" && !File.Exists(endpoint.Address.AbsolutePath)
                ? Sockets().Where(File.Exists).Select(s => new EngineEndpoint(new Uri($"unix://{s}"))).FirstOrDefault()
                    ?? throw EngineErrors.Unreachable("there is no engine on this machine: start Docker or `podman system service`, or name one with --host")
                : endpoint;
        }
        catch (ImageException e)
        {
            throw e.ToGuardException();
        }
    }

    private static IEnumerable<string> Sockets()
    {
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return [$"{runtime}/docker.sock", $"{runtime}/podman/podman.sock", "/run/podman/podman.sock"];
    }
}
