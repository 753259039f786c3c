using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Image expects the engine socket.</summary>
internal sealed class EngineSocket : IImageRule
{
    public Rule Rule { get; } = new("CBG2013", "Image expects the engine socket", Severity.High, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 5.32"],
    };

    private static readonly string[] Sockets = ["/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock"];

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        var places = facts.Config.Volumes.Select(v => ("volume", v))
            .Concat(facts.Config.Env.Select(e => ("environment variable", e)))
            .Concat(facts.Config.Entrypoint.Concat(facts.Config.Cmd).Select(a => ("start command", a)));
        foreach (var (place, text) in places)
        {
            if (Sockets.FirstOrDefault(s => text.Contains(s, StringComparison.Ordinal)) is { } socket)
            {
                yield return new Finding
                {
                    Rule = Rule,
                    Severity = Rule.DefaultSeverity,
                    Message = $"The image names {socket} in a {place}: a container with the engine's socket is root on the host.",
                    Remedy = "Take the socket out of the image; let a service outside the container do what needs the engine.",
                    Key = $"{place} {socket}",
                };
            }
        }
    }
}
