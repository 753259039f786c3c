namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Seccomp: annotations until Kubernetes 1.18, fields since 1.19.</summary>
internal static class SeccompChecks
{
    private const string PodAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
    private const string ContainerAnnotation = "container.seccomp.security.alpha.kubernetes.io/";

    public static IEnumerable<PodSecurityViolation> Baseline(PodTemplate pod, int minor)
    {
        if (minor >= 19)
        {
            return Forbidden(pod);
        }

        // An annotation for a container that the pod does not have says nothing.
        var names = pod.Containers.Select(c => ContainerAnnotation + c.Node.Text("name")).Append(PodAnnotation).ToHashSet(StringComparer.Ordinal);
        return from annotation in pod.Metadata.Members("annotations")
               where names.Contains(annotation.Name)
               where annotation.Value is ScalarNode { Value: var value } && value is not ("runtime/default" or "docker/default") && !value.StartsWith("localhost/", StringComparison.Ordinal)
               select new PodSecurityViolation(annotation.Value, $"the seccomp annotation is {((ScalarNode)annotation.Value).Value}");
    }

    public static IEnumerable<PodSecurityViolation> Restricted(PodTemplate pod, int minor)
    {
        if (minor >= 25 && pod.IsWindows)
        {
            return [];
        }

        var shared = pod.Spec.At("securityContext", "seccompProfile");
        var unset = from container in pod.Containers
                    where shared is null && container.Node.At("securityContext", "seccompProfile") is null
                    select new PodSecurityViolation(container.Node.At("securityContext") ?? container.Node, $"neither {BaselineChecks.Named(container.Node)} nor its pod sets a seccomp profile");
        return Forbidden(pod).Select(v => v with { Code = "CBG2220" }).Concat(unset);
    }

    private static IEnumerable<PodSecurityViolation> Forbidden(PodTemplate pod) =>
        from context in BaselineChecks.SecurityContexts(pod)
        let profile = context.Context.At("seccompProfile")
        where profile is not null && profile.Text("type") is not ("RuntimeDefault" or "Localhost")
        select new PodSecurityViolation(profile.At("type") ?? profile, $"{context.Owner} sets the seccomp profile {profile.Text("type") ?? "without a type"}");
}
