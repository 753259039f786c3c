using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What holds a cluster's rules up, and what a file's own form gives away.</summary>
internal static class ClusterRules
{
    private const string Enforce = "pod-security.kubernetes.io/enforce";

    private static readonly HashSet<string> Removed = new(StringComparer.Ordinal)
    {
        "extensions/v1beta1", "apps/v1beta1", "apps/v1beta2", "policy/v1beta1", "batch/v1beta1", "networking.k8s.io/v1beta1", "rbac.authorization.k8s.io/v1beta1", "apiextensions.k8s.io/v1beta1", "admissionregistration.k8s.io/v1beta1", "autoscaling/v2beta1", "autoscaling/v2beta2",
    };

    public static Rule NoPodSecurity { get; } = Descriptor("CBG2290", "Namespace enforces no pod security level", Severity.Low, "CIS Kubernetes 5.2.1");
    public static Rule PrivilegedNamespace { get; } = Descriptor("CBG2291", "Namespace enforces the privileged level", Severity.Medium, "CIS Kubernetes 5.2.1");
    public static Rule RemovedVersion { get; } = Descriptor("CBG2292", "API version is no longer served", Severity.Low, "Kubernetes deprecation policy");
    public static Rule OpenWebhook { get; } = Descriptor("CBG2294", "Admission webhook lets through what it cannot ask", Severity.Low, "CIS Kubernetes 5.5.1");
    public static Rule DuplicateKey { get; } = Descriptor("CBG2295", "A key stands twice", Severity.Medium, "YAML 1.2.2, 3.2.1.3");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        Resources(NoPodSecurity, ["Namespace"], r => Hits.If(r.Node.Text("metadata", "labels", Enforce) is null, () => new Hit(r.Node.At("metadata") ?? r.Node, $"{r} takes every pod, privileged ones included.", $"Set the label {Enforce}: restricted (or baseline).")
        { Fix = Edits.Set(r.Node.At("metadata"), ["labels", Enforce], "baseline") })),
        Resources(PrivilegedNamespace, ["Namespace"], r => Hits.If(r.Node.Text("metadata", "labels", Enforce) == "privileged", () => new Hit(r.Node.At("metadata", "labels", Enforce)!, $"{r} allows privileged pods by name.", "Enforce baseline or restricted; give node agents a namespace of their own.")
        { Fix = Edits.Replace(r.Node.At("metadata", "labels", Enforce), "baseline") })),
        Resources(RemovedVersion, [], r => Hits.If(Removed.Contains(r.ApiVersion) || r.Kind == "PodSecurityPolicy", () => new Hit(r.Node.At("apiVersion") ?? r.Node, $"{r} is of {r.ApiVersion}, which current clusters no longer serve: it is not applied, whatever it was to protect.", "Move it to the current version of its API."))),
        Resources(OpenWebhook, ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"], r => r.Node.Items("webhooks").Where(w => w.Text("failurePolicy") == "Ignore").Select(w => new Hit(w.At("failurePolicy")!, $"{r} lets requests through when the webhook '{w.Text("name")}' does not answer.", "Set failurePolicy: Fail, and keep the webhook's own namespace out."))),
        Sets(DuplicateKey, set => set.Documents > 0, set => set.Problems.Where(p => p.StillChecked && p.Reason.Contains("stands twice", StringComparison.Ordinal)).Select(p =>
            new Hit(new ScalarNode(p.Source, new Place(p.Line, p.Column, 0, 0), "", plain: true), $"In one mapping {p.Reason}; the last one was judged.", "Take one of them away."))),
    ];
}
