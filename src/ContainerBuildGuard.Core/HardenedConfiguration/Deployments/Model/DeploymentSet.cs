namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Everything that one run looks at: workloads in the shared words, Kubernetes resources and Compose projects as they are written, and what could not be read.</summary>
internal sealed class DeploymentSet
{
    public List<Workload> Workloads { get; } = [];

    public List<KubernetesResource> Resources { get; } = [];

    public List<ComposeService> ComposeServices { get; } = [];

    /// <summary>Single files and documents that were understood.</summary>
    public int Documents { get; set; }

    public List<DocumentProblem> Problems { get; } = [];

    /// <summary>Resources of kinds that no rule knows: named, so that nobody takes them for checked.</summary>
    public List<DocumentProblem> UnknownKinds { get; } = [];

    public IEnumerable<ContainerSpec> Containers => Workloads.SelectMany(w => w.Containers);
}
