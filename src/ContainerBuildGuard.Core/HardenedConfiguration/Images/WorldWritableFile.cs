using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>App file is writable by everybody.</summary>
internal sealed class WorldWritableFile : IImageRule
{
    public Rule Rule { get; } = new("CBG2007", "App file is writable by everybody", Severity.Medium, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 4.8"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        foreach (var entry in facts.AppEntries.Where(e => (e.Mode & 0b010) != 0))
        {
            var sticky = entry.Type == EntryType.Directory && (entry.Mode & 0b001_000_000_000) != 0;
            if (entry.Type is EntryType.File or EntryType.Directory && !sticky)
            {
                yield return new Finding
                {
                    Rule = Rule,
                    Severity = Rule.DefaultSeverity,
                    Message = $"/{entry.Path} can be written by every user of the container (mode {Convert.ToString(entry.Mode & 0xFFF, 8)}).",
                    Remedy = "Publish it without the write bit for others: chmod o-w on the file in the project or the publish folder.",
                    Location = facts.At(entry),
                };
            }
        }
    }
}
