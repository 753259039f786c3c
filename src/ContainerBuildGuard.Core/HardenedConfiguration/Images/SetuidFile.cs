using ContainerBuildGuard.Findings;

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
        foreach (var entry in facts.AppEntries.Where(PackageOwners.IsPrivileged))
        {
            var package = facts.Owners.PackageOf(entry);
            var bit = (entry.Mode & 0b100_000_000_000) != 0 ? "setuid" : "setgid";
            yield return new Finding
            {
                Rule = Rule,
                Severity = package is null ? Rule.DefaultSeverity : Severity.Medium,
                Message = $"/{entry.Path} has the {bit} bit: whoever runs it gets the rights of its owner."
                    + (package is not null ? $" It came with the package {package}." : facts.Owners.IsStray(entry) ? " No package of the image brought it." : ""),
                Remedy = package is not null ? $"Leave the package {package} out of the image, or take the bit off in the step that installs it: chmod u-s,g-s /{entry.Path}."
                    : $"Take the bit off before publishing: chmod u-s,g-s on the file that becomes /{entry.Path}.",
                Location = facts.At(entry),
            };
        }
    }
}
