using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What keeps one container from taking everything, and what notices when it fails.</summary>
internal static class ResourceRules
{
    public static Rule Memory { get; } = Descriptor("CBG2235", "Container has no memory limit", Severity.Low, "CIS Docker 5.11", "NIST SP 800-190 4.4.3");
    public static Rule Cpu { get; } = Descriptor("CBG2236", "Container has no CPU limit", Severity.Info, "CIS Docker 5.12");
    public static Rule Processes { get; } = Descriptor("CBG2237", "Container has no limit of processes", Severity.Low, "CIS Docker 5.29");
    public static Rule OomKiller { get; } = Descriptor("CBG2238", "The kernel may not stop the container when memory runs out", Severity.Medium, "CIS Docker 5.11");
    public static Rule NoHealthCheck { get; } = Descriptor("CBG2239", "Container has no health check", Severity.Low, "CIS Docker 4.6", "CIS Docker 5.27");
    public static Rule HealthCheckOff { get; } = Descriptor("CBG2240", "The image's health check is switched off", Severity.Low, "CIS Docker 5.27");
    public static Rule EndlessRestarts { get; } = Descriptor("CBG2241", "Container is restarted without end", Severity.Info, "CIS Docker 5.15");
    public static Rule Requests { get; } = Descriptor("CBG2242", "Container asks for no resources", Severity.Info, "NIST SP 800-190 4.3.5");
    public static Rule Ulimit { get; } = Descriptor("CBG2243", "Container lifts a limit of the host", Severity.Info, "CIS Docker 5.19");
    public static Rule LogsOff { get; } = Descriptor("CBG2244", "The container's output is thrown away", Severity.Low, "NIST SP 800-190 4.4.4");
    public static Rule Terminal { get; } = Descriptor("CBG2245", "Container keeps a terminal open", Severity.Info, "NIST SP 800-190 4.4.3");
    public static Rule CgroupParent { get; } = Descriptor("CBG2246", "Container is put into a control group by hand", Severity.Low, "CIS Docker 5.25");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        EachContainer(Memory, IsLong, c => Hits.If(c.MemoryLimit is null, () => new Hit(c.Node, $"{c} may take all the memory there is.", c.Platform switch
        {
            Platform.Kubernetes => "Set resources.limits.memory; .NET's garbage collector keeps within it.",
            Platform.Compose => "Set mem_limit or deploy.resources.limits.memory; .NET's garbage collector keeps within it.",
            _ => "Set Memory= (Podman 5.6) or MemoryMax= in [Service]; .NET's garbage collector keeps within it.",
        }))),
        EachContainer(Cpu, IsLong, c => Hits.If(c.CpuLimit is null, () => new Hit(c.Node, $"{c} may take every processor.", c.Platform == Platform.Kubernetes ? "Set resources.limits.cpu, or leave it to requests where throttling hurts more." : "Set cpus."))),
        EachContainer(Processes, IsEngine, c => Hits.If(c.ProcessLimit is null or { Value: "-1" or "0" }, () => new Hit(c.ProcessLimit.Or(c), $"{c} may start processes until the host has no number left.", c.Platform == Platform.Compose ? "Set pids_limit: 512 or what the app needs." : "Set PidsLimit= or TasksMax=."))),
        EachContainer(OomKiller, IsEngine, c => Hits.If(c.OomKillerOff?.Value == true, () => new Hit(c.OomKillerOff!.At, $"{c} is not stopped when memory runs out: the host stops instead.", "Take it away and set a memory limit.") { Fix = Edits.Replace(c.OomKillerOff.At, "false") })),
        EachContainer(NoHealthCheck, c => IsLong(c) && c.Role == ContainerRole.App && c.Workload.Kind is not ("Job" or "CronJob"), c => Hits.If(c.HealthCheck is null, () => new Hit(c.Node, $"Nothing notices when {c} runs and no longer answers.", c.Platform switch
        {
            Platform.Kubernetes => "Add a readinessProbe and a livenessProbe: httpGet on /healthz of MapHealthChecks.",
            Platform.Compose => "Add a healthcheck, unless the image brings one.",
            _ => "Add HealthCmd=, unless the image brings one.",
        }))),
        EachContainer(HealthCheckOff, IsEngine, c => Hits.If(c.HealthCheck?.Value == false, () => new Hit(c.HealthCheck!.At, $"{c} switches off the health check that its image brings.", "Take it away, or write one that fits."))),
        EachContainer(EndlessRestarts, IsEngine, c => Hits.If(c.Restarts?.Value is -1 or > 5, () => new Hit(c.Restarts!.At, $"{c} is started again however often it fails, which hides crashes and gives an attacker every attempt.", "Use on-failure:5 where somebody watches, or alert on restarts."))),
        EachContainer(Requests, c => c.Platform == Platform.Kubernetes && c.Role == ContainerRole.App, c => Hits.If(c.ResourceRequest is null, () => new Hit(c.Node, $"{c} asks for no resources: it is the first to be evicted and may crowd out others.", "Set resources.requests.cpu and .memory."))),
        EachContainer(Ulimit, IsEngine, c => c.Ulimits.Where(u => u.Value.Value is "-1" or "unlimited").Select(u => new Hit(u.At, $"{c} lifts the limit {u.Value.Name} altogether.", "Set the number that the app needs."))),
        EachContainer(LogsOff, IsEngine, c => Hits.If(c.LogDriver?.Value == "none", () => new Hit(c.LogDriver!.At, $"What {c} writes is thrown away: nobody can tell afterwards what happened.", "Use the driver local or json-file with max-size."))),
        EachContainer(Terminal, c => c.Platform is Platform.Compose or Platform.Kubernetes, c => Hits.If(c.Terminal?.Value == true, () => new Hit(c.Terminal!.At, $"{c} keeps a terminal open, which a service does not need.", "Take tty away."))),
        EachContainer(CgroupParent, IsEngine, c => Hits.If(c.CgroupParent is not null, () => new Hit(c.CgroupParent!.At, $"{c} is put under {c.CgroupParent.Value}, where other limits hold than the engine's.", "Take it away unless that group has limits of its own."))),
    ];

    private static bool IsLong(ContainerSpec c) => c.Platform != Platform.Aspire && c.Role is ContainerRole.App or ContainerRole.Init;

    private static bool IsEngine(ContainerSpec c) => c.Platform is Platform.Compose or Platform.Quadlet;
}
