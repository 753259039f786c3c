using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>App layer adds a device or a file capability.</summary>
internal sealed class FilePrivilege : IImageRule
{
    public Rule Rule { get; } = new("CBG2015", "App layer adds a device or a file capability", Severity.High, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 4.8"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        foreach (var entry in facts.AppEntries)
        {
            var what = entry.Type is EntryType.BlockDevice or EntryType.CharacterDevice ? "is a device node"
                : entry.ExtendedAttributes.ContainsKey("SCHILY.xattr.security.capability") ? "carries file capabilities, a part of root's rights"
                : null;
            if (what is not null)
            {
                yield return new Finding
                {
                    Rule = Rule,
                    Severity = Rule.DefaultSeverity,
                    Message = $"/{entry.Path} {what}.",
                    Remedy = "Publish without it; give a capability to the container at run time where one is really needed (cap_add of that one).",
                    Location = facts.At(entry),
                };
            }
        }
    }
}
