using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration.Containers;
using ContainerBuildGuard.HardenedConfiguration.Deployments;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>The catalogue of the control.</summary>
public static class HardenedConfigurationRules
{
    /// <summary>How many rules an image is asked.</summary>
    public static int ImageRules => HardenedImageControl.Rules.Count;

    public static ImmutableArray<Rule> All { get; } =
    [
        .. HardenedImageControl.Rules.Select(r => r.Rule),
        DeploymentRules.Unread, .. DeploymentRules.All.Select(r => r.Rule),
        .. ContainerAudit.Rules.Select(r => r.Rule),
    ];
}
