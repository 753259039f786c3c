using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Image runs in the Development environment.</summary>
internal sealed class DevelopmentEnvironment : IImageRule
{
    public Rule Rule { get; } = new("CBG2009", "Image runs in the Development environment", Severity.Medium, Control.HardenedConfiguration)
    {
        References = ["OWASP A05"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        foreach (var variable in facts.Config.Env)
        {
            if (variable.Split('=', 2) is [var name, var value] && DangerousVariables.IsDevelopment(name, value))
            {
                yield return new Finding
                {
                    Rule = Rule,
                    Severity = Rule.DefaultSeverity,
                    Message = $"The image sets {name}={value}: detailed errors, user secrets and developer pages in production.",
                    Remedy = $"Take {name} out of ContainerEnvironmentVariable; without it .NET runs in Production.",
                    Key = name,
                };
            }
        }
    }
}
