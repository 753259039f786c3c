using System.Collections.Immutable;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.SecretsManagement;

namespace ContainerBuildGuard;

/// <summary>Every rule of every control, by code.</summary>
public static class RuleCatalog
{
    public static ImmutableArray<Rule> All { get; } =
    [
        .. ((IEnumerable<Rule>)[
            .. ContentSecurityRules.All, .. HardenedConfigurationRules.All, .. ContentTrustRules.All,
            .. SecretsRules.All, .. HostSecurityRules.All, .. PolicyRules.All, .. GuardRules.All,
        ]).OrderBy(r => r.Code, StringComparer.Ordinal),
    ];

    /// <summary>The rule with <paramref name="code"/>, whatever its case; null where there is none.</summary>
    public static Rule? Find(string code) => All.FirstOrDefault(r => r.Code.Equals(code, StringComparison.OrdinalIgnoreCase));

    /// <summary>The codes, as a policy file may name them.</summary>
    public static IReadOnlySet<string> Codes { get; } = All.Select(r => r.Code).ToHashSet(StringComparer.Ordinal);
}
