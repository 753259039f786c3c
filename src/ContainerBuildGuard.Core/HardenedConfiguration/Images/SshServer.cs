using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Image holds an SSH server.</summary>
internal sealed class SshServer : IImageRule
{
    public Rule Rule { get; } = new("CBG2005", "Image holds an SSH server", Severity.High, Control.HardenedConfiguration)
    {
        References = ["NIST SP 800-190 4.1.2", "CIS Docker 5.7"],
    };

    private static readonly string[] Servers = ["usr/sbin/sshd", "usr/bin/sshd", "usr/local/sbin/sshd", "usr/sbin/dropbear", "usr/bin/dropbear"];

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        foreach (var path in Servers)
        {
            if (facts.Inspection.Files.Find(path) is { } entry)
            {
                yield return Finding($"The image holds an SSH server, /{path}.", path) with { Location = facts.At(entry) };
            }
        }

        if (facts.Config.ExposedPorts.FirstOrDefault(p => p.Split('/')[0] == "22") is { } port)
        {
            yield return Finding($"The image exposes port {port}, the port of SSH.", "port");
        }

        if (facts.Config.Entrypoint.Concat(facts.Config.Cmd).Any(a => a.Split(' ').Any(w => w == "sshd" || w.EndsWith("/sshd", StringComparison.Ordinal))))
        {
            yield return Finding("The image starts an SSH server.", "entrypoint");
        }
    }

    private Finding Finding(string message, string key) => new()
    {
        Rule = Rule,
        Severity = Rule.DefaultSeverity,
        Message = message,
        Remedy = "Take the server (package openssh-server, dropbear) and the port out of the image; use `docker exec` or `kubectl exec`, or logs and metrics instead.",
        Key = key,
    };
}
