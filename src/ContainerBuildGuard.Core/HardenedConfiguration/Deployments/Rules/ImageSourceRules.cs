using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Which image will run.</summary>
internal static class ImageSourceRules
{
    public static Rule Latest { get; } = Descriptor("CBG2261", "Image is named by latest or by no tag", Severity.Medium, "CIS Docker 5.28", "NIST SP 800-190 4.2.2");
    public static Rule NoDigest { get; } = Descriptor("CBG2262", "Image is not pinned to its digest", Severity.Info, "CIS Docker 5.28", "NIST SP 800-190 4.1.5");
    public static Rule PullPolicy { get; } = Descriptor("CBG2263", "A moving tag is not pulled again", Severity.Low, "CIS Docker 5.28", "NIST SP 800-190 4.2.2");
    public static Rule SshImage { get; } = Descriptor("CBG2287", "Container is an SSH server", Severity.High, "CIS Docker 5.7", "NIST SP 800-190 4.1.2");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        EachContainer(Latest, HasImage, c => Hits.If(IsMoving(c.Image!.Value), () => new Hit(c.Image.At, $"{c} runs '{c.Image.Value}', which is another image every week.", "Name a version and its digest: name:1.4.2@sha256:…"))),
        EachContainer(NoDigest, HasImage, c => Hits.If(!IsMoving(c.Image!.Value) && !c.Image.Value.Contains('@', StringComparison.Ordinal), () => new Hit(c.Image.At, $"{c} names '{c.Image.Value}' by a tag alone, which somebody may move.", "Add the digest: name:tag@sha256:…"))),
        EachContainer(PullPolicy, c => HasImage(c) && c.Platform is Platform.Kubernetes or Platform.Compose, c => Hits.If(IsMoving(c.Image!.Value) && c.PullPolicy?.Value is "IfNotPresent" or "Never" or "never" or "missing" or "if_not_present", () => new Hit(c.PullPolicy!.At, $"{c} keeps whatever '{c.Image.Value}' a node has pulled once.", "Set Always, or name a version.")
        { Fix = Edits.Replace(c.PullPolicy.At, c.Platform == Platform.Kubernetes ? "Always" : "always", safe: c.PullPolicy.Value is not ("Never" or "never")) })),
        EachContainer(SshImage, c => Hits.If(c.Command.Any(a => a.Value.Split(' ', '/').Any(w => w is "sshd" or "dropbear")) || (HasImage(c) && Name(c.Image!.Value) is var name && (name.Contains("openssh", StringComparison.Ordinal) || name.EndsWith("sshd", StringComparison.Ordinal) || name.Contains("dropbear", StringComparison.Ordinal) || name is "sftp")),
            () => new Hit(c.Image.Or(c), $"{c} is an SSH server: a way into the container that no orchestrator sees.", "Take it away; `docker exec` or `kubectl exec` leaves a trace and needs no password."))),
    ];

    private static bool HasImage(ContainerSpec c) => c.Image is { Value.Length: > 0, At: ScalarNode { IsLiteral: true } } && !c.IsBuilt && !c.Image.Value.Contains("{{", StringComparison.Ordinal) && !c.Image.Value.EndsWith(".image", StringComparison.Ordinal);

    /// <summary>No digest, and no tag or one that moves with every release.</summary>
    private static bool IsMoving(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return false;
        }

        var colon = image.LastIndexOf(':');
        return colon <= image.LastIndexOf('/') || image[(colon + 1)..] is "latest" or "edge" or "nightly" or "main" or "master" or "dev" or "stable";
    }

    private static string Name(string image) => image[(image.LastIndexOf('/') + 1)..].Split(':', '@')[0];
}
