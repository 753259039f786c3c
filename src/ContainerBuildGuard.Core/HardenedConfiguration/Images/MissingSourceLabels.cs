using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Image does not say what it was built from.</summary>
internal sealed class MissingSourceLabels : IImageRule
{
    public Rule Rule { get; } = new("CBG2011", "Image does not say what it was built from", Severity.Low, Control.HardenedConfiguration)
    {
        References = ["OCI image specification, annotations"],
    };

    private static readonly string[] Labels = ["org.opencontainers.image.source", "org.opencontainers.image.revision"];

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        var annotations = facts.Inspection.Image.Manifest.Annotations;
        var missing = Labels.Where(l => !facts.Config.Labels.ContainsKey(l) && !annotations.ContainsKey(l)).ToList();
        if (missing.Count > 0)
        {
            yield return new Finding
            {
                Rule = Rule,
                Severity = Rule.DefaultSeverity,
                Message = $"The image lacks {string.Join(" and ", missing)}: nobody can tell which sources it was built from.",
                Remedy = "Build in a Git checkout with PublishRepositoryUrl=true (SourceLink), or set <ContainerLabel Include=\"org.opencontainers.image.source\" Value=\"…\" /> and revision.",
            };
        }
    }
}
