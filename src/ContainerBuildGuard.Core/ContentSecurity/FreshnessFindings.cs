using System.Globalization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What keeps "no finding" from meaning "nothing known": no index, an old one, or one that has never heard of the image's packages.</summary>
internal static class FreshnessFindings
{
    public static IEnumerable<Finding> Of(AdvisoryIndex? index, Inventory inventory, ContentSecurityOptions options, DateTimeOffset now)
    {
        var effect = options.RequireFresh ? Effect.Refuses : Effect.ByThreshold;
        if (index is null)
        {
            yield return Of(ContentSecurityRules.NotCompared, "The image's packages were not compared with advisories: there is no advisory index.", effect, "");
            yield break;
        }

        if (now - index.AsOf > options.MaxAge)
        {
            yield return Of(
                ContentSecurityRules.StaleDatabase,
                string.Create(CultureInfo.InvariantCulture, $"The advisory index knows nothing newer than {index.AsOf:yyyy-MM-dd}, {(now - index.AsOf).TotalDays:0} days ago; {options.MaxAge.TotalDays:0} are allowed."),
                effect,
                "");
        }

        var matcher = new VulnerabilityMatcher(index);
        foreach (var group in inventory.Packages.Where(p => p.Presence == Presence.Present && p.Ecosystem is not ("generic" or VersionOrder.DotNet)).GroupBy(Name, StringComparer.Ordinal).Where(g => !matcher.Covers(g.First().Ecosystem, g.First().EcosystemRelease)))
        {
            var name = group.Key;
            yield return Of(
                ContentSecurityRules.NotCovered,
                string.Create(CultureInfo.InvariantCulture, $"The advisory index holds nothing about {name}: the image's {group.Count()} packages of it were not compared with anything."),
                effect,
                name);
        }
    }

    private static string Name(Package package) => package.EcosystemRelease.Length == 0 ? package.Ecosystem : $"{package.Ecosystem}:{package.EcosystemRelease}";

    private static Finding Of(Rule rule, string message, Effect effect, string key) => new()
    {
        Rule = rule,
        Severity = rule.DefaultSeverity,
        Message = message,
        Remedy = "Run `cbg advisories update`, or name an index, an OSV zip or a folder of them (ContainerBuildGuardAdvisories, --advisories).",
        Effect = effect,
        Key = key,
    };
}
