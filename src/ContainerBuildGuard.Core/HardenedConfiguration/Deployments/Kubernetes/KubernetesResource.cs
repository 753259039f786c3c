namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>One Kubernetes object.</summary>
internal sealed record KubernetesResource(MappingNode Node, string ApiVersion, string Kind)
{
    public string Name => Node.Text("metadata", "name") ?? Node.Text("metadata", "generateName") ?? "";

    public string? Namespace => Node.Text("metadata", "namespace");

    public string Group => ApiVersion.IndexOf('/', StringComparison.Ordinal) is var slash && slash < 0 ? "" : ApiVersion[..slash];

    /// <summary>Whether Kubernetes itself (or OpenShift) defines the kind. Others reuse its names for kinds of their own: Knative's Service runs containers.</summary>
    public bool IsBuiltIn => !Group.Contains('.', StringComparison.Ordinal) || Group.EndsWith(".k8s.io", StringComparison.Ordinal) || Group.EndsWith(".openshift.io", StringComparison.Ordinal);

    public override string ToString() => Name.Length > 0 ? $"{Kind} '{Name}'" : Kind;
}

/// <summary>A pod as it will be created: its own metadata and specification, wherever they stand in the resource.</summary>
internal sealed class PodTemplate
{
    public PodTemplate(KubernetesResource resource, MappingNode? metadata, MappingNode spec)
    {
        (Resource, Metadata, Spec) = (resource, metadata, spec);
        Containers =
        [
            .. spec.Items("containers").OfType<MappingNode>().Select(c => (c, ContainerRole.App)),
            .. spec.Items("initContainers").OfType<MappingNode>().Select(c => (c, ContainerRole.Init)),
            .. spec.Items("ephemeralContainers").OfType<MappingNode>().Select(c => (c, ContainerRole.Ephemeral)),
        ];
    }

    public KubernetesResource Resource { get; }
    public MappingNode? Metadata { get; }
    public MappingNode Spec { get; }
    public IReadOnlyList<(MappingNode Node, ContainerRole Role)> Containers { get; }
    public bool IsWindows => Spec.Text("os", "name") == "windows";

    /// <summary>A user namespace of its own: root in it is nobody outside.</summary>
    public bool HasOwnUsers => Spec.Scalar("hostUsers")?.Truth == false;
}
