using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Base image can change under its name.</summary>
internal sealed class MutableBaseImage : IImageRule
{
    public Rule Rule { get; } = new("CBG2010", "Base image can change under its name", Severity.Low, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 4.2", "SLSA"],
    };

    private const string NameLabel = "org.opencontainers.image.base.name";

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        if (!facts.Config.Labels.TryGetValue(NameLabel, out var name) || name.Contains('@', StringComparison.Ordinal))
        {
            yield break;
        }

        var tag = name.LastIndexOf(':') is var colon && colon > name.LastIndexOf('/') ? name[(colon + 1)..] : "";
        var latest = tag is "" or "latest";
        yield return new Finding
        {
            Rule = Rule,
            Severity = latest ? Severity.Medium : Severity.Info,
            Message = latest
                ? $"The base image '{name}' is named by the tag latest, which means another image every week."
                : $"The base image '{name}' is named by a tag alone: tomorrow's build may get another image.",
            Remedy = facts.Config.Labels.TryGetValue("org.opencontainers.image.base.digest", out var digest)
                ? $"Name it with its digest: set <ContainerBaseImage>{name}@{digest}</ContainerBaseImage> and let a bot raise it."
                : "Name it with a version tag and its digest in <ContainerBaseImage>.",
            Key = name,
        };
    }
}
