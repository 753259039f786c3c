namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What the restricted level asks for beyond the baseline.</summary>
internal static class RestrictedChecks
{
    /// <summary>Volumes whose content comes from Kubernetes and not from a node or a foreign server.</summary>
    private static readonly HashSet<string> AllowedVolumes = new(StringComparer.Ordinal)
    {
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
    };

    public static IEnumerable<PodSecurityViolation> AllowPrivilegeEscalation(PodTemplate pod, int minor) =>
        minor >= 25 && pod.IsWindows ? [] :
            from container in pod.Containers
            let flag = container.Node.Scalar("securityContext", "allowPrivilegeEscalation")
            where flag?.Truth != false
            select new PodSecurityViolation(flag ?? container.Node.At("securityContext") ?? (Node)container.Node, $"{BaselineChecks.Named(container.Node)} does not set allowPrivilegeEscalation to false");

    public static IEnumerable<PodSecurityViolation> Capabilities(PodTemplate pod, int minor)
    {
        if (minor >= 25 && pod.IsWindows)
        {
            yield break;
        }

        foreach (var (node, _) in pod.Containers)
        {
            var capabilities = node.At("securityContext", "capabilities");
            if (!capabilities.Items("drop").OfType<ScalarNode>().Any(d => d.Value == "ALL"))
            {
                yield return new(capabilities.At("drop") ?? capabilities ?? node.At("securityContext") ?? node, $"{BaselineChecks.Named(node)} does not drop ALL capabilities");
            }

            foreach (var added in capabilities.Items("add").OfType<ScalarNode>().Where(a => a.Value != "NET_BIND_SERVICE"))
            {
                yield return new(added, $"{BaselineChecks.Named(node)} adds the capability {added.Value}") { Code = "CBG2212" };
            }
        }
    }

    public static IEnumerable<PodSecurityViolation> ProcMount(PodTemplate pod, int minor) => BaselineChecks.AnyProcMount(pod);

    /// <summary>A volume that names no source is an empty folder (the API server fills in <c>emptyDir</c>).</summary>
    public static IEnumerable<PodSecurityViolation> Volumes(PodTemplate pod, int minor) =>
        from volume in pod.Spec.Items("volumes").OfType<MappingNode>()
        let sources = volume.Members.Where(m => m.Name != "name" && volume[m.Name] is not null).ToList()
        where sources.Count > 0 && !sources.Any(s => AllowedVolumes.Contains(s.Name))
        select new PodSecurityViolation(sources[0].Value, $"the volume '{volume.Text("name")}' is of the type {sources[0].Name}") { Code = sources[0].Name == "hostPath" ? "CBG2209" : null };

    public static IEnumerable<PodSecurityViolation> RunAsNonRoot(PodTemplate pod, int minor)
    {
        if (minor >= 35 && pod.HasOwnUsers)
        {
            yield break;
        }

        var shared = pod.Spec.Scalar("securityContext", "runAsNonRoot");
        if (shared?.Truth == false)
        {
            yield return new(shared, "the pod sets runAsNonRoot to false");
        }

        foreach (var (node, _) in pod.Containers)
        {
            var own = node.Scalar("securityContext", "runAsNonRoot");
            if (own is null ? shared?.Truth != true : own.Truth != true)
            {
                yield return new(own ?? node.At("securityContext") ?? node, $"neither {BaselineChecks.Named(node)} nor its pod sets runAsNonRoot to true");
            }
        }
    }

    public static IEnumerable<PodSecurityViolation> RunAsUser(PodTemplate pod, int minor) =>
        minor >= 35 && pod.HasOwnUsers ? [] :
            from context in BaselineChecks.SecurityContexts(pod)
            let user = context.Context.Scalar("runAsUser")
            where user?.Number == 0
            select new PodSecurityViolation(user, $"{context.Owner} runs as user 0");
}
