using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.ImageRule;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>
/// Labels and variables that are not what the project said. SDK 10 hands both to the builds of single architectures as <c>name:value</c> and takes what stands between the first two colons.
/// Where the project's own words are known each value is held against them; else only what cannot be a whole value is found.
/// </summary>
internal static class CutValues
{
    public static ImageRule Rule { get; } = new(Descriptor("CBG2040", "Value was cut at its first colon", Severity.Medium, "dotnet/sdk 52732"), Find);

    private static IEnumerable<ImageHit> Find(HardeningFacts facts)
    {
        foreach (var (name, value) in facts.Environment)
        {
            if (facts.Stated.Variables.TryGetValue(name, out var said) ? IsCut(value, said) : value is "http" or "https" or "tcp" or "unix")
            {
                yield return Hit("variable", name, value, said);
            }
        }

        foreach (var (name, value) in facts.Config.Labels)
        {
            if (facts.Stated.Labels.TryGetValue(name, out var said) ? IsCut(value, said) : value is "http" or "https" || (name.EndsWith(".created", StringComparison.Ordinal) && value.Length == 13 && value[10] == 'T'))
            {
                yield return Hit("label", name, value, said);
            }
        }
    }

    private static bool IsCut(string value, string said) => said.Length > value.Length && said[value.Length] == ':' && said.StartsWith(value, StringComparison.Ordinal) && !value.Contains(':', StringComparison.Ordinal);

    /// <summary>The project's own value is not repeated: a variable may be a credential.</summary>
    private static ImageHit Hit(string kind, string name, string value, string? said) => new(
        said is null ? $"The {kind} {name} is '{value}', the beginning of what it should be: its value was cut at the first ':'."
            : $"The {kind} {name} has {value.Length} of the {said.Length} characters that the project gives it: its value was cut at the first ':'.",
        Remedy(kind == "label" ? "ContainerLabel" : "ContainerEnvironmentVariables", name))
    { Key = name };

    /// <summary>The target reads the cut items; whoever sets them again after it has the last word.</summary>
    private static string Remedy(string item, string name) =>
        $"SDK 10 cuts label and variable values at the first ':' when it publishes several architectures. Set it again after the cut: in a target of the project with AfterTargets=\"_ParseItemsForPublishingSingleContainer\" write <{item} Remove=\"{name}\" /><{item} Include=\"{name}\" Value=\"THE WHOLE VALUE\" />. Or publish one architecture at a time, or with SDK 11.";
}
