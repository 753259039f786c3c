namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>The controls of the baseline level.</summary>
internal static class BaselineChecks
{
    private const string AppArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/";

    private static readonly (string Field, string Code, string Name)[] HostNamespaceFields = [("hostNetwork", "CBG2202", "network"), ("hostPID", "CBG2203", "process"), ("hostIPC", "CBG2204", "IPC")];

    private static readonly string[] HandlerKinds = ["httpGet", "tcpSocket"];

    /// <summary>Capabilities that a pod may add: those that a container has anyway.</summary>
    public static readonly IReadOnlySet<string> AllowedCapabilities = new HashSet<string>(StringComparer.Ordinal)
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    };

    public static IEnumerable<PodSecurityViolation> AppArmor(PodTemplate pod, int minor)
    {
        foreach (var annotation in pod.Metadata.Members("annotations").Where(m => m.Name.StartsWith(AppArmorAnnotation, StringComparison.Ordinal)))
        {
            if (annotation.Value is ScalarNode { Value: var value } scalar && !(value is "" or "runtime/default" || value.StartsWith("localhost/", StringComparison.Ordinal)))
            {
                yield return new(scalar, $"the AppArmor profile of container '{annotation.Name[AppArmorAnnotation.Length..]}' is {value}");
            }
        }

        foreach (var (owner, context) in SecurityContexts(pod))
        {
            if (context.At("appArmorProfile") is { } profile && profile.Text("type") is not ("RuntimeDefault" or "Localhost"))
            {
                yield return new(profile.At("type") ?? profile, $"{owner} sets the AppArmor profile {profile.Text("type") ?? "without a type"}");
            }
        }
    }

    public static IEnumerable<PodSecurityViolation> Capabilities(PodTemplate pod, int minor) =>
        from container in pod.Containers
        from added in container.Node.Items("securityContext", "capabilities", "add").OfType<ScalarNode>()
        where !AllowedCapabilities.Contains(added.Value)
        select new PodSecurityViolation(added, $"{Named(container.Node)} adds the capability {added.Value}");

    public static IEnumerable<PodSecurityViolation> HostNamespaces(PodTemplate pod, int minor) =>
        from field in HostNamespaceFields
        let flag = pod.Spec.Scalar(field.Field)
        where flag?.Truth == true
        select new PodSecurityViolation(flag, $"the pod shares the host's {field.Name} namespace") { Code = field.Code };

    public static IEnumerable<PodSecurityViolation> HostPathVolumes(PodTemplate pod, int minor) =>
        from volume in pod.Spec.Items("volumes")
        let hostPath = volume.At("hostPath")
        where hostPath is not null
        select new PodSecurityViolation(hostPath.At("path") ?? hostPath, $"the volume '{volume.Text("name")}' is the host's path {hostPath.Text("path")}");

    public static IEnumerable<PodSecurityViolation> HostPorts(PodTemplate pod, int minor) =>
        from container in pod.Containers
        from port in container.Node.Items("ports")
        let host = port.Scalar("hostPort")
        where host is not null && host.Number is not 0
        select new PodSecurityViolation(host, $"{Named(container.Node)} takes port {host.Value} of the host");

    public static IEnumerable<PodSecurityViolation> HostProbes(PodTemplate pod, int minor) =>
        from container in pod.Containers
        from handler in Handlers(container.Node)
        from kind in HandlerKinds
        let host = handler.Node.Scalar(kind, "host")
        where host is { Value.Length: > 0 }
        select new PodSecurityViolation(host, $"{Named(container.Node)} names the host {host.Value} in its {handler.Name}");

    public static IEnumerable<PodSecurityViolation> Privileged(PodTemplate pod, int minor) =>
        from container in pod.Containers
        let privileged = container.Node.Scalar("securityContext", "privileged")
        where privileged?.Truth == true
        select new PodSecurityViolation(privileged, $"{Named(container.Node)} is privileged");

    public static IEnumerable<PodSecurityViolation> ProcMount(PodTemplate pod, int minor) =>
        minor >= 35 && pod.HasOwnUsers ? [] : AnyProcMount(pod);

    public static IEnumerable<PodSecurityViolation> AnyProcMount(PodTemplate pod) =>
        from container in pod.Containers
        let mount = container.Node.Scalar("securityContext", "procMount")
        where mount is not null && mount.Value != "Default"
        select new PodSecurityViolation(mount, $"{Named(container.Node)} mounts /proc {mount.Value}");

    public static IEnumerable<PodSecurityViolation> Selinux(PodTemplate pod, int minor)
    {
        foreach (var (owner, context) in SecurityContexts(pod))
        {
            var options = context.At("seLinuxOptions");
            if (options.Scalar("type") is { } type && !(type.Value is "" or "container_t" or "container_init_t" or "container_kvm_t" || (minor >= 31 && type.Value == "container_engine_t")))
            {
                yield return new(type, $"{owner} sets the SELinux type {type.Value}");
            }

            foreach (var field in new[] { "user", "role" })
            {
                if (options.Scalar(field) is { Value.Length: > 0 } value)
                {
                    yield return new(value, $"{owner} sets the SELinux {field} {value.Value}");
                }
            }
        }
    }

    public static IEnumerable<PodSecurityViolation> WindowsHostProcess(PodTemplate pod, int minor) =>
        from context in SecurityContexts(pod)
        let flag = context.Context.Scalar("windowsOptions", "hostProcess")
        where flag?.Truth == true
        select new PodSecurityViolation(flag, $"{context.Owner} is a HostProcess container: it runs on the Windows node itself");

    /// <summary>The security contexts of the pod and of every container.</summary>
    public static IEnumerable<(string Owner, Node Context)> SecurityContexts(PodTemplate pod)
    {
        if (pod.Spec.At("securityContext") is { } shared)
        {
            yield return ("the pod", shared);
        }

        foreach (var (node, _) in pod.Containers)
        {
            if (node.At("securityContext") is { } own)
            {
                yield return (Named(node), own);
            }
        }
    }

    public static string Named(Node container) => $"container '{container.Text("name")}'";

    private static IEnumerable<(string Name, Node Node)> Handlers(MappingNode container)
    {
        foreach (var name in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            if (container.At(name) is { } probe)
            {
                yield return (name, probe);
            }
        }

        foreach (var name in new[] { "postStart", "preStop" })
        {
            if (container.At("lifecycle", name) is { } hook)
            {
                yield return (name, hook);
            }
        }
    }
}
