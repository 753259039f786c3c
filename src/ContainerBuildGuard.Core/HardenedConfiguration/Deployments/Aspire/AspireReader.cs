namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Reads the manifest that a .NET Aspire app host writes (<c>aspire publish --publisher manifest</c>).</summary>
internal static class AspireReader
{
    public static bool IsAspire(Node root) => root.At("resources") is MappingNode resources && resources.Members.Any(m => m.Value.Text("type") is { } type && (type.Contains(".v", StringComparison.Ordinal) || type.StartsWith("aspire.", StringComparison.Ordinal)));

    public static void Read(Node root, DeploymentSet set)
    {
        set.Documents++;
        foreach (var resource in root.Members("resources").Where(r => r.Value.Text("type") is "container.v0" or "container.v1" or "project.v0" or "project.v1" or "dockerfile.v0"))
        {
            var node = (MappingNode)resource.Value;
            var workload = new Workload { Platform = Platform.Aspire, Kind = "resource", Name = resource.Name, Node = node };
            workload.Containers.Add(new ContainerSpec
            {
                Workload = workload,
                Name = resource.Name,
                Node = node,
                Image = node.Scalar("image") is { } image ? new Setting<string>(image.Value, image) : null,
                IsBuilt = node.At("build") is not null || node.Text("type")!.StartsWith("project", StringComparison.Ordinal),
                Command = [.. Texts(node.At("entrypoint")), .. Texts(node.At("args"))],
                Environment = [.. node.Members("env").Select(m => new EnvironmentVariable(m.Name, Literal(m.Value), m.Value) { Source = Literal(m.Value) is null ? "reference" : null })],
                Mounts = [.. node.Items("bindMounts").Select(m => new Mount(MountKind.HostPath, m.Text("source") ?? "", m.Text("target") ?? "", m.At("source") ?? m) { ReadOnly = m.Scalar("readOnly")?.Truth == true })],
                Ports = [.. node.Members("bindings").Where(b => Port(b.Value, "targetPort") is not null).Select(b =>
                    new PublishedPort(Port(b.Value, "targetPort")!.Value, Port(b.Value, "port"), null, b.Value) { Published = b.Value.Scalar("external")?.Truth == true, Protocol = b.Value.Text("protocol") ?? "tcp" })],
            });
            set.Workloads.Add(workload);
        }
    }

    /// <summary>A value without a reference (<c>{postgres.connectionString}</c>) in it; those are filled in at deployment.</summary>
    private static string? Literal(Node node) => node is ScalarNode { Value: var value } && !value.Contains('{', StringComparison.Ordinal) ? value : null;

    private static int? Port(Node binding, string key) => (int?)binding.Scalar(key)?.Number;

    private static IReadOnlyList<Setting<string>> Texts(Node? node) => ComposeValues.Texts(node);
}
