using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What only Compose files can say.</summary>
internal static class ComposeRules
{
    public static Rule PrivilegedHook { get; } = Descriptor("CBG2231", "Lifecycle hook runs with more rights than its service", Severity.High, "CIS Docker 5.23");
    public static Rule PrivilegedBuild { get; } = Descriptor("CBG2232", "Build gets rights on the host", Severity.Medium, "NIST SP 800-190 4.5.5");
    public static Rule ApiSocket { get; } = Descriptor("CBG2233", "Compose hands the engine's API to the service", Severity.Critical, "CIS Docker 5.32");
    public static Rule RemoteBuild { get; } = Descriptor("CBG2264", "Build context is fetched without protection", Severity.Medium, "NIST SP 800-190 4.1.5");
    public static Rule OpenVariable { get; } = Descriptor("CBG2297", "A variable has neither a value nor a default", Severity.Info, "Compose specification, interpolation");
    public static Rule Sexagesimal { get; } = Descriptor("CBG2298", "YAML may read a port as a number to the base 60", Severity.Low, "YAML 1.1, integers");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        Services(PrivilegedHook, s => from hook in s.Node.Items("post_start").Concat(s.Node.Items("pre_stop"))
                                      let flag = hook.Scalar("privileged") is { Truth: true } privileged ? privileged : hook.Scalar("user") is { Value: "root" or "0" } root ? root : null
                                      where flag is not null
                                      select new Hit(flag, $"A hook of service '{s.Name}' runs {(flag.Truth == true ? "privileged" : "as root")}, whatever the service itself is limited to.", "Take it away, and set owners of files in the image.")),
        Services(PrivilegedBuild, s => BuildRights(s).Select(b => new Hit(b.At, $"The build of service '{s.Name}' {b.Value}.", "Take it away: what runs in a build is whatever its base images and packages bring."))),
        Services(ApiSocket, s => Hits.If(s.Node.Scalar("use_api_socket")?.Truth == true, () => new Hit(s.Node.At("use_api_socket")!, $"Service '{s.Name}' gets the engine's socket and your registry credentials: it is root on the host.", "Take use_api_socket away."))),
        Services(RemoteBuild, s => from context in new[] { s.Node.Scalar("build") ?? s.Node.Scalar("build", "context") }
                                   where context is not null && (context.Value.StartsWith("http://", StringComparison.Ordinal) || context.Value.StartsWith("git://", StringComparison.Ordinal))
                                   select new Hit(context, $"Service '{s.Name}' is built from {context.Value.Split("://")[0]}://, which anybody on the way can change.", "Use https:// and a commit.")),
        Services(OpenVariable, s => s.Node.Scalars().Where(v => v.Interpolation is { Unresolved.Count: > 0 }).Select(v => new Hit(v, $"Service '{s.Name}' uses {string.Join(", ", v.Interpolation!.Unresolved.Distinct())}, for which there is neither a value nor a default: what depends on it was judged as empty.", "Give a default (${NAME:-value}), or require it (${NAME:?message})."))),
        Services(Sexagesimal, s => s.Node.Items("ports").OfType<ScalarNode>().Where(p => p is { Plain: true, Interpolation: null } && p.Value.Split(':') is { Length: 2 } parts && parts.All(n => n.Length > 0 && n.All(char.IsAsciiDigit)) && int.TryParse(parts[1], out var second) && second < 60)
            .Select(p => new Hit(p, $"Service '{s.Name}' writes {p.Value} without quotes, which YAML 1.1 reads as a number to the base 60.", "Put it in quotes.") { Fix = Edits.Replace(p, $"\"{p.Value}\"", safe: true) })),
    ];

    private static IEnumerable<Setting<string>> BuildRights(ComposeService service)
    {
        var build = service.Node.At("build");
        if (build.Scalar("privileged") is { Truth: true } privileged)
        {
            yield return new("is privileged", privileged);
        }

        if (build.Scalar("network") is { Value: "host" } network)
        {
            yield return new("shares the host's network", network);
        }

        foreach (var entitlement in build.Items("entitlements").OfType<ScalarNode>())
        {
            yield return new($"has the entitlement {entitlement.Value}", entitlement);
        }

        if (build.At("ssh") is { } ssh)
        {
            yield return new("gets your SSH agent", ssh);
        }
    }
}
