using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>An API on TCP that does not verify its clients gives root to whoever reaches the port.</summary>
internal sealed class DockerTcpCheck : IHostCheck
{
    public Rule Rule => HostSecurityRules.DockerTcp;

    public HostCheckResult Run(HostContext host)
    {
        var docker = host.Docker;
        if (!docker.Present && docker.Problems.Length == 0)
        {
            return HostCheckResult.NotApplicable("Docker is neither installed nor running.");
        }

        var findings =
            from instance in docker.Instances
            where !instance.Settings.TlsVerify
            from address in instance.Settings.Hosts.Distinct(StringComparer.Ordinal)
            where IsTcp(address)
            select Found(instance, address);
        return HostCheckResult.Of(findings.DistinctBy(f => f.Key), docker.Problems, "No TCP address without verified TLS in daemon.json, the running daemon's command line or systemd's units.");
    }

    private Finding Found(DaemonInstance instance, string address)
    {
        var loopback = Loopback.Is(Loopback.HostOf(address));
        var how = instance.Settings.Tls ? "with TLS but without verifying clients (tlsverify)" : "without TLS";
        return new()
        {
            Rule = Rule,
            Severity = loopback ? Severity.High : Rule.DefaultSeverity,
            Message = $"Docker listens on {address} {how}, as {instance.Source} says: {(loopback ? "every local process" : "whoever reaches the port")} is root on this host.",
            Remedy = "Remove the TCP address from \"hosts\" in /etc/docker/daemon.json and from -H in docker.service (use DOCKER_HOST=ssh://user@host instead), or set \"tlsverify\": true with tlscacert, tlscert and tlskey; then run `systemctl daemon-reload && systemctl restart docker`.",
            Key = address,
        };
    }

    // Docker takes an address without a scheme for TCP.
    private static bool IsTcp(string address) =>
        address.Length > 0 && (address.StartsWith("tcp://", StringComparison.Ordinal) || !address.Contains("://", StringComparison.Ordinal));
}
