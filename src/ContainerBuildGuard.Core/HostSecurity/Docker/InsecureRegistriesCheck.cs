using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Registries spoken to without verified TLS: Docker's, and those the .NET SDK is told to accept.</summary>
internal sealed class InsecureRegistriesCheck : IHostCheck
{
    private const string Variable = "DOTNET_CONTAINER_INSECURE_REGISTRIES";

    public Rule Rule => HostSecurityRules.InsecureRegistries;

    public HostCheckResult Run(HostContext host)
    {
        var fromSdk = host.Probe.EnvironmentVariable(Variable) ?? "";
        if (!host.Docker.Present && host.Docker.Problems.Length == 0 && fromSdk.Length == 0)
        {
            return HostCheckResult.NotApplicable($"Docker is neither installed nor running, and {Variable} is not set.");
        }

        var stated = host.Docker.Instances
            .SelectMany(i => i.Settings.InsecureRegistries.Select(registry => (i.Source, Registry: registry)))
            .Concat(fromSdk.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(registry => (Source: Variable, Registry: registry)));
        var findings = stated.Where(s => !Loopback.IsNetwork(s.Registry)).DistinctBy(s => s.Registry).Select(s => new Finding
        {
            Rule = Rule,
            Severity = Rule.DefaultSeverity,
            Message = $"The registry {s.Registry} is accepted without verified TLS ({s.Source}): whoever sits between can replace images and read credentials.",
            Remedy = s.Source == Variable
                ? $"Give the registry a certificate that this host trusts and unset {Variable}."
                : "Give the registry a certificate, put its authority into /etc/docker/certs.d/REGISTRY/ca.crt, and remove it from \"insecure-registries\" in /etc/docker/daemon.json (or --insecure-registry).",
            Key = s.Registry,
        });
        return HostCheckResult.Of(findings, host.Docker.Problems, $"No insecure registry beyond this machine in Docker's settings or {Variable}.");
    }
}
