namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Finds the resources of a document and the pods in them.</summary>
internal static class KubernetesReader
{
    /// <summary>Kinds that hold no pod and that some rule, or none, looks at: being one of them is not being unknown.</summary>
    private static readonly HashSet<string> KnownKinds = new(StringComparer.Ordinal)
    {
        "APIService", "Binding", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ClusterTrustBundle", "ConfigMap", "ControllerRevision", "CSIDriver", "CSINode", "CSIStorageCapacity",
        "CustomResourceDefinition", "Endpoints", "EndpointSlice", "Event", "FlowSchema", "HorizontalPodAutoscaler", "Ingress", "IngressClass", "IPAddress", "Kustomization", "Lease", "LimitRange",
        "MutatingWebhookConfiguration", "Namespace", "NetworkPolicy", "Node", "PersistentVolume", "PersistentVolumeClaim", "PodDisruptionBudget", "PriorityClass", "PriorityLevelConfiguration", "ResourceQuota",
        "Role", "RoleBinding", "RuntimeClass", "Secret", "Service", "ServiceAccount", "ServiceCIDR", "StorageClass", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
        "VolumeAttachment", "PodSecurityPolicy",
    };

    public static bool IsKubernetes(Node root) => root.Scalar("kind") is not null && (root.Scalar("apiVersion") is not null || root.At("spec") is not null || root.At("items") is not null);

    public static void Read(Node root, DeploymentSet set)
    {
        foreach (var node in Expand(root, 0))
        {
            var resource = new KubernetesResource(node, node.Text("apiVersion") ?? "", node.Text("kind") ?? "");
            set.Documents++;
            set.Resources.Add(resource);
            var pods = Pods(resource).ToList();
            foreach (var pod in pods)
            {
                set.Workloads.Add(KubernetesWorkloads.ToWorkload(pod));
            }

            if (Templates.FirstIn(resource) is { } template)
            {
                set.Problems.Add(DocumentProblem.At(template, $"{resource} holds a template that is not rendered ({template.Value.Trim()}); check the output of `helm template` or of the tool that renders it"));
            }
            else if (pods.Count == 0 && !IsKnown(resource))
            {
                set.UnknownKinds.Add(DocumentProblem.At(node, $"no rule knows the kind {resource.Kind} of {(resource.ApiVersion.Length > 0 ? resource.ApiVersion : "no apiVersion")}") with { StillChecked = true });
            }
        }
    }

    private static bool IsKnown(KubernetesResource resource) => resource.IsBuiltIn && KnownKinds.Contains(resource.Kind);

    /// <summary>The resource, or those of a list, and of lists in it.</summary>
    private static IEnumerable<MappingNode> Expand(Node root, int depth) => root switch
    {
        MappingNode mapping when mapping.At("items") is SequenceNode items && (mapping.Text("kind")?.EndsWith("List", StringComparison.Ordinal) ?? false) && depth < 8 => items.Items.SelectMany(i => Expand(i, depth + 1)),
        MappingNode mapping => [mapping],
        _ => [],
    };

    /// <summary>The pods in a resource: where the kinds of Kubernetes keep them, and in kinds of others wherever something looks like a pod template.</summary>
    private static IEnumerable<PodTemplate> Pods(KubernetesResource resource)
    {
        var node = resource.Node;
        return (resource.IsBuiltIn ? resource.Kind : "") switch
        {
            "Pod" => Pod(node, node),
            "CronJob" => Pod(node.At("spec", "jobTemplate", "spec", "template")),
            "PodTemplate" => Pod(node.At("template")),
            "Deployment" or "DaemonSet" or "StatefulSet" or "ReplicaSet" or "Job" or "ReplicationController" or "DeploymentConfig" => Pod(node.At("spec", "template")),
            _ when IsKnown(resource) => [],
            _ => Elsewhere(node, 0),
        };

        IEnumerable<PodTemplate> Pod(Node? template, MappingNode? whole = null) => template.At("spec") is MappingNode spec
            ? [new PodTemplate(resource, (whole ?? template).At("metadata") as MappingNode, spec)]
            : [];

        IEnumerable<PodTemplate> Elsewhere(Node at, int depth) => (at, depth) switch
        {
            (_, > 12) => [],
            (MappingNode mapping, _) when mapping.At("spec", "containers") is SequenceNode containers && containers.Items.Any(c => c.Scalar("image") is not null) => Pod(mapping),
            (MappingNode mapping, _) => mapping.Members.SelectMany(m => Elsewhere(m.Value, depth + 1)),
            (SequenceNode sequence, _) => sequence.Items.SelectMany(i => Elsewhere(i, depth + 1)),
            _ => [],
        };
    }
}

/// <summary>Finds Go templates that were left in a resource. Content that is a template by right (configuration data, commands, annotations) is not looked at.</summary>
internal static class Templates
{
    private static readonly HashSet<string> FreeText = new(StringComparer.Ordinal) { "data", "stringData", "binaryData", "annotations", "command", "args", "value", "description", "expression", "message" };

    public static ScalarNode? FirstIn(KubernetesResource resource) =>
        resource.Group is "" or "apps" or "batch" or "networking.k8s.io" or "rbac.authorization.k8s.io" or "policy" ? Find(resource.Node) : null;

    private static ScalarNode? Find(Node node) => node switch
    {
        ScalarNode { Value: var value } scalar when value.Contains("{{", StringComparison.Ordinal) && value.Contains("}}", StringComparison.Ordinal) => scalar,
        MappingNode mapping => mapping.Members.Where(m => !FreeText.Contains(m.Name)).Select(m => Find(m.Value)).FirstOrDefault(f => f is not null),
        SequenceNode sequence => sequence.Items.Select(Find).FirstOrDefault(f => f is not null),
        _ => null,
    };
}
