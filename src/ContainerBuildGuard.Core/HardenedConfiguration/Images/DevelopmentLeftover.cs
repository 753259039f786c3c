using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Development file was published.</summary>
internal sealed class DevelopmentLeftover : IImageRule
{
    public Rule Rule { get; } = new("CBG2012", "Development file was published", Severity.Medium, Control.HardenedConfiguration)
    {
        References = ["OWASP A05"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        foreach (var entry in facts.AppEntries.Where(e => e.Type == EntryType.File))
        {
            if (What(entry) is ({ } what, var severity))
            {
                yield return new Finding
                {
                    Rule = Rule,
                    Severity = severity,
                    Message = $"/{entry.Path} is {what} and does not belong in a production image.",
                    Remedy = $"Keep it out of the publish: <Content Update=\"{entry.Name}\" CopyToPublishDirectory=\"Never\" /> (or None, or delete it).",
                    Location = facts.At(entry),
                };
            }
        }
    }

    private static (string? What, Severity Severity) What(LayerEntry entry) => entry.Name switch
    {
        "launchSettings.json" => ("a launch profile of the development machine", Severity.Medium),
        _ when entry.Path.Contains("/.git/", StringComparison.Ordinal) || entry.Path.StartsWith(".git/", StringComparison.Ordinal) => ("a part of the Git repository, history included", Severity.High),
        ".gitignore" or ".dockerignore" or "Dockerfile" => ("a file of the repository", Severity.Low),
        var name when name.StartsWith("appsettings.Development", StringComparison.OrdinalIgnoreCase) && name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) => ("the configuration of the Development environment", Severity.Low),
        var name when Path.GetExtension(name) is ".cs" or ".csproj" or ".sln" or ".slnx" or ".vbproj" or ".fsproj" or ".user" => ("source code or a project file", Severity.Medium),
        _ => (null, default),
    };
}
