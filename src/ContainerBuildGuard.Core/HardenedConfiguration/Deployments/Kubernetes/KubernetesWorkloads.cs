using System.Globalization;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Says a pod in the shared words.</summary>
internal static class KubernetesWorkloads
{
    public static Workload ToWorkload(PodTemplate pod)
    {
        var workload = new Workload { Platform = Platform.Kubernetes, Kind = pod.Resource.Kind, Name = pod.Resource.Name, Node = pod.Spec, Pod = pod };
        var volumes = pod.Spec.Items("volumes").GroupBy(v => v.Text("name") ?? "", StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        foreach (var (node, role) in pod.Containers)
        {
            workload.Containers.Add(ToContainer(workload, pod, node, role, volumes));
        }

        return workload;
    }

    private static ContainerSpec ToContainer(Workload workload, PodTemplate pod, MappingNode node, ContainerRole role, Dictionary<string, Node> volumes)
    {
        var (own, shared) = (node.At("securityContext"), pod.Spec.At("securityContext"));
        var probes = node.At("livenessProbe") ?? node.At("readinessProbe") ?? node.At("startupProbe");
        return new ContainerSpec
        {
            Workload = workload,
            Name = node.Text("name") ?? "",
            Node = node,
            Role = role,
            Image = Text(node, "image"),
            PullPolicy = Text(node, "imagePullPolicy"),
            Command = [.. node.Items("command").Concat(node.Items("args")).OfType<ScalarNode>().Select(s => new Setting<string>(s.Value, s))],
            Environment = [.. Variables(node)],
            Privileged = Flag(own, "privileged"),
            CapabilitiesAdded = Texts(own, "capabilities", "add"),
            CapabilitiesDropped = Texts(own, "capabilities", "drop"),
            AllowPrivilegeEscalation = Flag(own, "allowPrivilegeEscalation"),
            User = Text(own, "runAsUser") ?? Text(shared, "runAsUser"),
            RunAsNonRoot = Flag(own, "runAsNonRoot") ?? Flag(shared, "runAsNonRoot"),
            Groups = [.. new[] { Text(own, "runAsGroup") ?? Text(shared, "runAsGroup") }.OfType<Setting<string>>(), .. Texts(shared, "supplementalGroups")],
            ReadOnlyRoot = Flag(own, "readOnlyRootFilesystem"),
            Seccomp = Text(own, "seccompProfile", "type") ?? Text(shared, "seccompProfile", "type"),
            Namespaces = Namespaces(pod.Spec),
            Mounts = [.. Mounts(node, volumes)],
            Ports = [.. node.Items("ports").Select(Port).OfType<PublishedPort>()],
            Devices = [.. Mounts(node, volumes).Where(m => m.Kind == MountKind.HostPath && m.Source.StartsWith("/dev/", StringComparison.Ordinal)).Select(m => new Setting<string>(m.Source, m.At))],
            MemoryLimit = Text(node, "resources", "limits", "memory") ?? Text(pod.Spec, "resources", "limits", "memory"),
            CpuLimit = Text(node, "resources", "limits", "cpu") ?? Text(pod.Spec, "resources", "limits", "cpu"),
            ResourceRequest = Text(node, "resources", "requests", "memory") ?? Text(node, "resources", "requests", "cpu") ?? Text(node, "resources", "limits", "memory"),
            HealthCheck = probes is null ? null : new Setting<bool>(true, probes),
            Terminal = Flag(node, "tty"),
        };
    }

    private static IEnumerable<EnvironmentVariable> Variables(MappingNode node)
    {
        foreach (var variable in node.Items("env"))
        {
            var from = variable.At("valueFrom").Members() is [var source, ..] ? source : null;
            yield return new EnvironmentVariable(variable.Text("name") ?? "", variable.Text("value"), variable.At("value") ?? variable)
            {
                Source = from?.Name switch { "secretKeyRef" => "secret", "configMapKeyRef" => "config map", null => null, _ => "field" },
            };
        }

        foreach (var from in node.Items("envFrom"))
        {
            yield return new EnvironmentVariable("*", null, from) { Source = from.At("secretRef") is not null ? "secret" : "config map" };
        }
    }

    private static Dictionary<string, Setting<string>> Namespaces(MappingNode spec)
    {
        var namespaces = new Dictionary<string, Setting<string>>(StringComparer.Ordinal);
        foreach (var (name, field) in new[] { ("network", "hostNetwork"), ("pid", "hostPID"), ("ipc", "hostIPC") })
        {
            if (Flag(spec, field) is { Value: true } flag)
            {
                namespaces[name] = new Setting<string>("host", flag.At);
            }
        }

        return namespaces;
    }

    private static IEnumerable<Mount> Mounts(MappingNode node, Dictionary<string, Node> volumes)
    {
        foreach (var mount in node.Items("volumeMounts"))
        {
            if (!volumes.TryGetValue(mount.Text("name") ?? "", out var volume))
            {
                continue;
            }

            var path = volume.Scalar("hostPath", "path");
            yield return new Mount(
                path is not null ? MountKind.HostPath : volume.At("emptyDir") is not null ? MountKind.Temporary : MountKind.Volume,
                path?.Value ?? volume.Text("name")!, mount.Text("mountPath") ?? "", path ?? mount)
            {
                ReadOnly = mount.Scalar("readOnly")?.Truth == true,
                Propagation = Text(mount, "mountPropagation"),
            };
        }
    }

    private static PublishedPort? Port(Node port)
    {
        var host = port.Scalar("hostPort") is { Number: > 0 and <= 65535 } set ? set : null;
        return port.Scalar("containerPort") is { Number: { } number and > 0 and <= 65535 } container
            ? new PublishedPort((int)number, (int?)host?.Number, port.Text("hostIP"), host ?? container) { Published = host is not null, Protocol = (port.Text("protocol") ?? "TCP").ToLower(CultureInfo.InvariantCulture) }
            : null;
    }

    private static Setting<string>? Text(Node? node, params ReadOnlySpan<string> keys) => node.Scalar(keys) is { } scalar ? new Setting<string>(scalar.Value, scalar) : null;

    private static Setting<bool>? Flag(Node? node, params ReadOnlySpan<string> keys) => node.Scalar(keys) is { Truth: { } truth } scalar ? new Setting<bool>(truth, scalar) : null;

    private static IReadOnlyList<Setting<string>> Texts(Node? node, params ReadOnlySpan<string> keys) =>
        [.. node.Items(keys).OfType<ScalarNode>().Select(s => new Setting<string>(s.Value, s))];
}
