using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What a rule has found: the node, what is wrong with it, and what to do.</summary>
internal sealed record Hit(Node At, string Message, string Remedy)
{
    /// <summary>Another severity than the rule's default.</summary>
    public Severity? Severity { get; init; }

    public Fix? Fix { get; init; }

    /// <summary>Another rule than the one that was asked, where a standard's control covers several.</summary>
    public Rule? Rule { get; init; }
}

/// <summary>One CBG22xx rule: its descriptor, and the question that it puts to each subject of its kind.</summary>
internal sealed record DeploymentRule(Rule Rule, string Subject, Func<DeploymentSet, IEnumerable<object>> Subjects, Func<object, IEnumerable<Hit>> Check)
{
    public static Rule Descriptor(string code, string title, Severity severity, params string[] references) =>
        new(code, title, severity, Control.HardenedConfiguration) { References = [.. references] };

    /// <summary>A question to every container, whatever kind of file it comes from.</summary>
    public static DeploymentRule EachContainer(Rule rule, Func<ContainerSpec, IEnumerable<Hit>> check) =>
        new(rule, "container", set => set.Containers, subject => check((ContainerSpec)subject));

    /// <summary>A question to the containers of some kinds of files: those that can say it.</summary>
    public static DeploymentRule EachContainer(Rule rule, Func<ContainerSpec, bool> where, Func<ContainerSpec, IEnumerable<Hit>> check) =>
        new(rule, "container", set => set.Containers.Where(where), subject => check((ContainerSpec)subject));

    public static DeploymentRule Pods(Rule rule, Func<PodTemplate, IEnumerable<Hit>> check) =>
        new(rule, "pod", set => set.Workloads.Select(w => w.Pod).OfType<PodTemplate>(), subject => check((PodTemplate)subject));

    public static DeploymentRule Resources(Rule rule, string[] kinds, Func<KubernetesResource, IEnumerable<Hit>> check) =>
        new(rule, "resource", set => set.Resources.Where(r => kinds.Length == 0 || kinds.Contains(r.Kind)), subject => check((KubernetesResource)subject));

    public static DeploymentRule Services(Rule rule, Func<ComposeService, IEnumerable<Hit>> check) =>
        new(rule, "service", set => set.ComposeServices, subject => check((ComposeService)subject));

    /// <summary>A question to all the files of a run together.</summary>
    public static DeploymentRule Sets(Rule rule, Func<DeploymentSet, bool> where, Func<DeploymentSet, IEnumerable<Hit>> check) =>
        new(rule, "set of manifests", set => where(set) ? [set] : [], subject => check((DeploymentSet)subject));
}

/// <summary>Short forms that rules are written in.</summary>
internal static class Hits
{
    public static IEnumerable<Hit> None => [];

    public static IEnumerable<Hit> If(bool found, Func<Hit> hit) => found ? [hit()] : [];

    /// <summary>Where a setting is made or, where not, the container that lacks it.</summary>
    public static Node Or<T>(this Setting<T>? setting, ContainerSpec container) => setting?.At ?? container.Node;
}
