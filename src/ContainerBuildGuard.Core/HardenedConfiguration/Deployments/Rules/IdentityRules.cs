using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What a pod may do in its cluster.</summary>
internal static class IdentityRules
{
    private static readonly string[] Roles = ["Role", "ClusterRole"];
    private static readonly string[] Bindings = ["RoleBinding", "ClusterRoleBinding"];

    public static Rule MountedToken { get; } = Descriptor("CBG2266", "Pod gets a token of the Kubernetes API", Severity.Low, "CIS Kubernetes 5.1.6");
    public static Rule DefaultAccount { get; } = Descriptor("CBG2267", "Pod runs under the default service account", Severity.Info, "CIS Kubernetes 5.1.5");
    public static Rule Wildcard { get; } = Descriptor("CBG2268", "Role allows everything", Severity.High, "CIS Kubernetes 5.1.3");
    public static Rule ClusterAdmin { get; } = Descriptor("CBG2269", "Binding gives cluster-admin", Severity.High, "CIS Kubernetes 5.1.1");
    public static Rule Anonymous { get; } = Descriptor("CBG2270", "Binding gives rights to everybody", Severity.High, "CIS Kubernetes 5.1.1");
    public static Rule Escalation { get; } = Descriptor("CBG2271", "Role can give itself more rights", Severity.High, "CIS Kubernetes 5.1.8");
    public static Rule ReadSecrets { get; } = Descriptor("CBG2272", "Role reads every secret", Severity.Medium, "CIS Kubernetes 5.1.2");
    public static Rule RunPods { get; } = Descriptor("CBG2273", "Role runs commands in pods or creates them", Severity.Medium, "CIS Kubernetes 5.1.4");
    public static Rule LegacyToken { get; } = Descriptor("CBG2274", "Service account token never expires", Severity.Medium, "CIS Kubernetes 5.1.6");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        Pods(MountedToken, pod => Hits.If(pod.Spec.Scalar("automountServiceAccountToken")?.Truth != false, () => new Hit(pod.Spec.At("automountServiceAccountToken") ?? pod.Spec, $"{pod.Resource} gets a token of the Kubernetes API, whether it asks the API or not.",
            "Set automountServiceAccountToken: false unless the app talks to the API.") { Fix = Edits.Set(pod.Spec, ["automountServiceAccountToken"], "false") })),
        Pods(DefaultAccount, pod => Hits.If((pod.Spec.Text("serviceAccountName") ?? pod.Spec.Text("serviceAccount")) is null or "default" && pod.Spec.Scalar("automountServiceAccountToken")?.Truth != false,
            () => new Hit(pod.Spec.At("serviceAccountName") ?? pod.Spec, $"{pod.Resource} shares the default service account with every pod of its namespace.", "Give it a service account of its own."))),
        RoleRule(Wildcard, "allows every verb or every resource", "Name the verbs and resources that it needs.", rule => Has(rule, "verbs", "*") && (Has(rule, "resources", "*") || Has(rule, "nonResourceURLs", "*")) ? rule.At("verbs") : Has(rule, "resources", "*") && Has(rule, "apiGroups", "*") ? rule.At("resources") : null),
        Resources(ClusterAdmin, Bindings, r => Hits.If(r.Node.Text("roleRef", "name") is "cluster-admin" or "system:masters", () => new Hit(r.Node.At("roleRef", "name")!, $"{r} gives {Subjects(r)} every right in the cluster.", "Bind a role with the rights that it needs."))
            .Concat(r.Node.Items("subjects").Where(s => s.Text("name") == "system:masters").Select(s => new Hit(s, $"{r} binds system:masters, which no role can limit.", "Bind a group of your own.")))),
        Resources(Anonymous, Bindings, r => r.Node.Items("subjects").Where(s => s.Text("name") is "system:anonymous" or "system:unauthenticated" or "system:authenticated" or "system:serviceaccounts").Select(s => new Hit(s.At("name")!, $"{r} gives rights to {s.Text("name")}, which is everybody.", "Bind the one account that needs them."))),
        RoleRule(Escalation, "may escalate, bind or impersonate, and so take any right", "Take these verbs away.", rule => new[] { "escalate", "bind", "impersonate" }.Any(v => Has(rule, "verbs", v)) ? rule.At("verbs") : null),
        RoleRule(ReadSecrets, "reads every secret in its reach", "Name the secrets with resourceNames, or mount them.", rule => Has(rule, "resources", "secrets") && rule.Items("resourceNames").Count == 0 && (Has(rule, "verbs", "get") || Has(rule, "verbs", "list") || Has(rule, "verbs", "watch") || Has(rule, "verbs", "*")) ? rule.At("resources") : null),
        RoleRule(RunPods, "runs commands in pods, creates pods or reaches the nodes' kubelets, and so has the rights of every account there", "Take it away, or limit it to a namespace without other workloads.",
            rule => ((Has(rule, "resources", "pods/exec") || Has(rule, "resources", "pods/attach") || Has(rule, "resources", "pods")) && (Has(rule, "verbs", "create") || Has(rule, "verbs", "*"))) || Has(rule, "resources", "nodes/proxy") ? rule.At("resources") : null),
        Resources(LegacyToken, ["Secret"], r => Hits.If(r.Node.Text("type") == "kubernetes.io/service-account-token", () => new Hit(r.Node.At("type")!, $"{r} is a token that is valid until somebody deletes it.", "Ask for bound tokens: a projected volume or `kubectl create token`."))),
    ];

    private static DeploymentRule RoleRule(Rule rule, string what, string remedy, Func<Node, Node?> find) =>
        Resources(rule, Roles, r => r.Node.Items("rules").Select(find).OfType<Node>().Select(at => new Hit(at, $"{r} {what}.", remedy)));

    private static bool Has(Node rule, string key, string value) => rule.Items(key).OfType<ScalarNode>().Any(s => s.Value == value);

    private static string Subjects(KubernetesResource r) => string.Join(", ", r.Node.Items("subjects").Select(s => $"{s.Text("kind")} {s.Text("name")}"));
}
