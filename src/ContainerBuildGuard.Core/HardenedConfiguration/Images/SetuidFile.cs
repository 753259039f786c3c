using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>App layer adds a setuid or setgid file.</summary>
internal sealed class SetuidFile : IImageRule
{
    public Rule Rule { get; } = new("CBG2006", "App layer adds a setuid or setgid file", Severity.High, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 4.8"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        foreach (var entry in facts.AppEntries.Where(e => e.Type == EntryType.File && (e.Mode & 0b110_000_000_000) != 0))
        {
            yield return new Finding
            {
                Rule = Rule,
                Severity = Rule.DefaultSeverity,
                Message = $"/{entry.Path} has the {((entry.Mode & 0b100_000_000_000) != 0 ? "setuid" : "setgid")} bit: whoever runs it gets the rights of its owner.",
                Remedy = $"Take the bit off before publishing: chmod u-s,g-s on the file that becomes /{entry.Path}.",
                Location = facts.At(entry),
            };
        }
    }
}
