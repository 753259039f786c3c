using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What is started, and with which switches.</summary>
internal static class ProcessRules
{
    public static Rule Development { get; } = Descriptor("CBG2284", "App runs in its development environment", Severity.Medium, "OWASP A05");
    public static Rule InjectedCode { get; } = Descriptor("CBG2285", "A variable loads code into every process", Severity.Medium, "NIST SP 800-190 4.4.4");
    public static Rule TlsOff { get; } = Descriptor("CBG2286", "TLS verification is switched off", Severity.Medium, "OWASP A02");
    public static Rule Download { get; } = Descriptor("CBG2289", "Container downloads what it runs", Severity.Medium, "NIST SP 800-190 4.1.5");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        EachContainer(Development, c => c.Environment.Where(v => DangerousVariables.IsDevelopment(v.Name, v.Value ?? ""))
            .Select(v => new Hit(v.At, $"{c} runs with {v.Name}={v.Value}: detailed errors and developer pages for everybody.", "Take it away; without it .NET runs in Production."))),
        EachContainer(InjectedCode, c => c.Environment.Where(v => DangerousVariables.LoadsCode(v.Name, v.Value ?? ""))
            .Select(v => new Hit(v.At, $"{c} loads code into every process by {v.Name}.", "Take it away, or make sure that only root can write that file."))),
        EachContainer(TlsOff, c => c.Environment.Where(v => DangerousVariables.SwitchesTlsOff(v.Name, v.Value ?? "")).Select(v => new Hit(v.At, $"{c} switches TLS verification off by {v.Name}.", "Take it away and add the certificate authority that is missing."))
            .Concat(c.Command.Where(a => a.Value.Split(' ').Any(w => w is "--insecure" or "--insecure-skip-tls-verify" or "--no-check-certificate" or "--tls-skip-verify" or "--insecure-skip-tls-verify=true")).Select(a => new Hit(a.At, $"{c} switches TLS verification off in its command.", "Take the option away and add the certificate authority that is missing.")))),
        EachContainer(Download, c => c.Command.Where(a => (a.Value.Contains("curl", StringComparison.Ordinal) || a.Value.Contains("wget", StringComparison.Ordinal)) && (a.Value.Contains("| sh", StringComparison.Ordinal) || a.Value.Contains("|sh", StringComparison.Ordinal) || a.Value.Contains("| bash", StringComparison.Ordinal) || a.Value.Contains("|bash", StringComparison.Ordinal)))
            .Select(a => new Hit(a.At, $"{c} downloads a script and runs it at every start: nobody vets what it becomes.", "Build it into the image."))),
    ];
}
