using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Who can reach a container.</summary>
internal static class NetworkRules
{
    public static Rule SshPort { get; } = Descriptor("CBG2247", "Container opens an SSH port", Severity.High, "CIS Docker 5.7", "NIST SP 800-190 4.1.2");
    public static Rule PrivilegedPort { get; } = Descriptor("CBG2248", "Container takes a privileged port of the host", Severity.Low, "CIS Docker 5.8");
    public static Rule AllInterfaces { get; } = Descriptor("CBG2249", "Port is published on every interface", Severity.Low, "CIS Docker 5.14", "NIST SP 800-190 4.4.2");
    public static Rule HostPort { get; } = Descriptor("CBG2250", "Pod takes a port of its node", Severity.Medium, "PSS baseline: host ports");
    public static Rule DatabasePort { get; } = Descriptor("CBG2251", "Database is reachable from everywhere", Severity.Medium, "CIS Docker 5.9", "NIST SP 800-190 4.4.2");
    public static Rule AdministrationPort { get; } = Descriptor("CBG2252", "Debugging or administration port is reachable from everywhere", Severity.High, "CIS Docker 5.9");
    public static Rule OpenService { get; } = Descriptor("CBG2253", "Service is open to every network", Severity.Low, "NIST SP 800-190 4.3.3");
    public static Rule ExternalAddress { get; } = Descriptor("CBG2254", "Service takes over addresses", Severity.Medium, "CVE-2020-8554");
    public static Rule PlainIngress { get; } = Descriptor("CBG2255", "Ingress has no TLS", Severity.Medium, "OWASP A02");
    public static Rule NoNetworkPolicy { get; } = Descriptor("CBG2256", "No network policy limits who may talk to whom", Severity.Info, "NIST SP 800-190 4.3.3");
    public static Rule OpenNetworkPolicy { get; } = Descriptor("CBG2257", "Network policy allows everything", Severity.Medium, "NIST SP 800-190 4.3.3");
    public static Rule DefaultNamespace { get; } = Descriptor("CBG2258", "Workload is in the default namespace", Severity.Info, "CIS Kubernetes 5.7.4");
    public static Rule DefaultBridge { get; } = Descriptor("CBG2259", "Container is on the engine's default bridge", Severity.Info, "CIS Docker 5.30");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        EachContainer(SshPort, c => c.Ports.Where(p => p.Container is 22 or 2222).Select(p => new Hit(p.At, $"{c} opens port {p.Container}, the port of SSH: nobody should log in to a container.", "Take SSH out of the image; `docker exec` or `kubectl exec` leaves a trace and needs no password."))),
        EachContainer(PrivilegedPort, c => c.Platform != Platform.Aspire, c => c.Ports.Where(p => p is { Published: true, Host: > 0 and < 1024 and not 80 and not 443 }).Select(p => new Hit(p.At, $"{c} takes port {p.Host} of the host, which programs trust to be root's.", "Publish a port from 1024 on."))),
        EachContainer(AllInterfaces, IsEngine, c => c.Ports.Where(p => p.OnAllInterfaces).DistinctBy(p => p.At).Select(p => new Hit(p.At, $"{c} publishes port {p.Container} on every interface of the host; Docker opens it past the host's firewall.", "Name the address: 127.0.0.1:8080:8080 behind a reverse proxy."))),
        Pods(HostPort, pod => PodSecurityStandards.Violations("hostPorts", pod).Select(v => new Hit(v.At, $"In {pod.Resource} {v.What}.", "Take hostPort away and let a Service reach the pod."))),
        EachContainer(DatabasePort, c => IsEngine(c) || c.Platform == Platform.Aspire, c => Open(c, DangerousThings.DatabasePort).Select(p => new Hit(p.At, $"{c} publishes port {p.Container} ({DangerousThings.DatabasePort(p.Container)}) on every interface.", "Take the port away: services of one network reach each other without. For a tool on this machine, publish on 127.0.0.1."))),
        EachContainer(AdministrationPort, c => true, c => Open(c, DangerousThings.AdministrationPort).Select(p => new Hit(p.At, $"{c} publishes port {p.Container} ({DangerousThings.AdministrationPort(p.Container)}) on every interface.", "Take the port away, or publish it on 127.0.0.1."))),
        Resources(OpenService, ["Service"], r => Hits.If(r.Node.Text("spec", "type") is "LoadBalancer" && r.Node.Items("spec", "loadBalancerSourceRanges").Count == 0 && !r.Node.Members("metadata", "annotations").Any(a => a.Name.Contains("internal", StringComparison.Ordinal)),
            () => new Hit(r.Node.At("spec", "type")!, $"{r} gets a load balancer that anybody can reach.", "Set spec.loadBalancerSourceRanges, an internal load balancer, or put an Ingress in front."))
            .Concat(Hits.If(r.Node.Text("spec", "type") == "NodePort", () => new Hit(r.Node.At("spec", "type")!, $"{r} opens a port on every node.", "Use ClusterIP behind an Ingress or Gateway.")))),
        Resources(ExternalAddress, ["Service"], r => Hits.If(r.Node.Items("spec", "externalIPs").Count > 0, () => new Hit(r.Node.At("spec", "externalIPs")!, $"{r} claims external addresses: traffic of the cluster to them goes to its pods instead.", "Take externalIPs away and use a load balancer."))),
        Resources(PlainIngress, ["Ingress"], r => Hits.If(r.Node.Items("spec", "tls").Count == 0, () => new Hit(r.Node.At("spec") ?? r.Node, $"{r} takes requests without TLS.", "Add spec.tls with hosts and a certificate's secret."))),
        Sets(NoNetworkPolicy, set => set.Workloads.Any(w => w.Pod is not null), set => Hits.If(!set.Resources.Any(r => r.Kind is "NetworkPolicy" or "CiliumNetworkPolicy" or "CiliumClusterwideNetworkPolicy" or "GlobalNetworkPolicy"),
            () => new Hit(set.Workloads.First(w => w.Pod is not null).Pod!.Resource.Node, "These manifests bring no network policy: every pod of the cluster may talk to these.", "Add a NetworkPolicy that denies all ingress, and one that allows what the app needs."))),
        Resources(OpenNetworkPolicy, ["NetworkPolicy"], r => r.Node.Items("spec", "ingress").Where(rule => rule is MappingNode { Members.Count: 0 }).Select(rule => new Hit(rule, $"{r} allows ingress from everywhere: its empty rule matches all traffic.", "Name from and ports in the rule, or leave ingress empty to deny all."))),
        Pods(DefaultNamespace, pod => Hits.If(pod.Resource.Namespace == "default", () => new Hit(pod.Resource.Node.At("metadata", "namespace")!, $"{pod.Resource} is in the default namespace, where neither quotas nor policies are expected.", "Give the app a namespace of its own."))),
        EachContainer(DefaultBridge, IsEngine, c => Hits.If(c.Namespaces.GetValueOrDefault("network")?.Value is "bridge" or "default", () => new Hit(c.Namespaces["network"].At, $"{c} is on the default bridge, with every container that nobody placed elsewhere.", "Give the services a network of their own."))),
    ];

    private static bool IsEngine(ContainerSpec c) => c.Platform is Platform.Compose or Platform.Quadlet;

    private static IEnumerable<PublishedPort> Open(ContainerSpec c, Func<int, string?> which) => c.Ports.Where(p => p.OnAllInterfaces && which(p.Container) is not null);
}
