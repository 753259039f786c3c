using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration.Images;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>Judges an image's configuration and files by the CBG20xx rules.</summary>
/// <param name="stated">What the project said, where a build is judged.</param>
public sealed class HardenedImageControl(StatedValues? stated = null) : IImageControl
{
    private const int MostFindingsPerRule = 50;

    internal static IReadOnlyList<IImageRule> Rules { get; } =
    [
        new RootUser(), new NamedUser(), new UnknownUser(), new PrivilegedPort(), new SshServer(), new SetuidFile(), new WorldWritableFile(),
        new SecretNamedVariable(), new DevelopmentEnvironment(), new MutableBaseImage(), new MissingSourceLabels(), new DevelopmentLeftover(),
        new EngineSocket(), new EntrypointWrapper(), new FilePrivilege(), CutValues.Rule,
        .. AccountRules.All, .. SoftwareRules.All, .. EnvironmentRules.All, .. ConfigurationRules.All, .. FileRules.All, .. WasteRules.All, .. DotNetRules.All,
    ];

    public Control Control => Control.HardenedConfiguration;

    public IEnumerable<ILayerObserver> CreateObservers() => [new AccountObserver(), new FileFacts(), new PackageOwners(), new LargeFiles()];

    public ValueTask<ControlResult> JudgeAsync(ImageInspection inspection, CancellationToken cancellationToken)
    {
        var facts = new HardeningFacts(inspection, AccountObserver.Visible(inspection)) { Contents = FileFacts.Visible(inspection), Owners = PackageOwners.Of(inspection), Alike = LargeFiles.Alike(inspection), Stated = stated ?? StatedValues.None };
        var findings = new List<Finding>();
        foreach (var rule in Rules)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = rule.Check(facts).ToList();
            findings.AddRange(found.Take(MostFindingsPerRule));
            if (found.Count > MostFindingsPerRule)
            {
                findings.Add(found[0] with
                {
                    Message = $"{found.Count - MostFindingsPerRule} more findings of {rule.Rule.Code} ({rule.Rule.Title}) are not listed.",
                    Location = new Location(),
                    Key = "more",
                });
            }
        }

        return new(new ControlResult { Findings = findings });
    }
}
