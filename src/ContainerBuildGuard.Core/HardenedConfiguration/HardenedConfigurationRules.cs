using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>The catalogue of the control.</summary>
public static class HardenedConfigurationRules
{
    public static ImmutableArray<Rule> All { get; } = [.. HardenedImageControl.Rules.Select(r => r.Rule)];
}
