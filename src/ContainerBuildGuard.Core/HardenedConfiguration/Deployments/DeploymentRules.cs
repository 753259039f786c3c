using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>The CBG22xx rules, in the order of their codes.</summary>
internal static class DeploymentRules
{
    /// <summary>What could not be read. Not a question to a subject: every problem in reading is one of its findings.</summary>
    public static Rule Unread { get; } = Descriptor("CBG2200", "Manifest could not be read", Severity.High, "NIST SP 800-190 4.4.3");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        .. ((IEnumerable<DeploymentRule>)[
            .. PrivilegeRules.All, .. NamespaceRules.All, .. HostAccessRules.All, .. IsolationRules.All, .. ResourceRules.All, .. NetworkRules.All,
            .. ImageSourceRules.All, .. IdentityRules.All, .. CredentialRules.All, .. ProcessRules.All, .. ComposeRules.All, .. ClusterRules.All,
        ]).OrderBy(r => r.Rule.Code, StringComparer.Ordinal),
    ];

    public static DeploymentRule Find(string code) => All.First(r => r.Rule.Code == code);
}
