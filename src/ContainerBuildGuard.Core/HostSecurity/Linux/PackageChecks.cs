using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Whether the host's packages are kept up, and taken from where they can be trusted.</summary>
internal static class PackageChecks
{
    private const int MostDaysUnchanged = 60;
    private const int MostDaysOfLists = 14;
    private static readonly Rule Pending = Rule("CBG5177", "Security updates waiting", Severity.High, "NIST SP 800-190 4.5.3");
    private static readonly Rule Changed = Rule("CBG5178", "Packages not updated for long", Severity.Medium, "NIST SP 800-190 4.5.3");
    private static readonly Rule Lists = Rule("CBG5180", "Package lists are old", Severity.Low, "NIST SP 800-190 4.5.3");
    private static readonly Rule Automatic = Rule("CBG5179", "No automatic security updates", Severity.Low, "NIST SP 800-190 4.5.3");
    private static readonly Rule Unsigned = Rule("CBG5181", "Packages accepted without a signature", Severity.High, "NIST SP 800-190 4.5.3");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Ask(Pending, (_, p) => HostCheckResult.Over(p.Pending, "", updates => HostCheckResult.Of(updates.IsEmpty ? [] : [Waiting(p.Manager, updates)], [], "No installed package has a newer version that is for security in the lists on this host."))),
        Ask(Changed, (f, p) => HostCheckResult.Over(p.Changed, "The package database has no date.", at => Age(Changed, f, at, MostDaysUnchanged, "No package was installed or updated", "Update the packages, or rebuild the machine from a newer image."))),
        Ask(Lists, (f, p) => HostCheckResult.Over(p.ListsFetched, "There are no package lists on this host.", at => Age(Lists, f, at, MostDaysOfLists, "The package lists were not fetched", "Run `apt-get update` (dnf makecache, apk update), and let a timer do it."))),
        Ask(Automatic, (_, p) => p.Manager == "apk" ? HostCheckResult.NotApplicable("apk has no automatic updates.") : HostCheckResult.Over(p.AutomaticUpdates, "", on => HostCheckResult.Of(on ? [] : [Automatic.Found(
            "Security updates are not installed by themselves.", "Install unattended-upgrades (Debian, Ubuntu) or dnf-automatic with apply_updates = yes, or rebuild the machine weekly and waive this.")], [], "Security updates are installed by themselves."))),
        Ask(Unsigned, (_, p) => HostCheckResult.Over(p.UnverifiedSources, "", places => HostCheckResult.Of(places.Select(place => Unsigned.Found(
            $"Packages are accepted without a verified signature ({place}): whoever answers the mirror's name is root here.", "Take the option out and import the archive's key.", place[..place.LastIndexOf(':')], place)), [], "Every source is verified."))),
    ];

    /// <summary>apk's index does not say which updates are for security: a release's updates mostly are, so that they count, and count less.</summary>
    private static Finding Waiting(string manager, ImmutableArray<PendingUpdate> updates)
    {
        var what = manager == "apk" ? "an update (apk does not say which are for security)" : "a security update";
        var command = manager switch
        {
            "apk" => "apk update && apk upgrade",
            "rpm" => "dnf upgrade --security --refresh",
            _ => "apt-get update && apt-get upgrade",
        };
        return Pending.Found($"{updates.Length} installed packages have {what}: {List(updates.Select(u => $"{u.Name} {u.Installed} -> {u.Available}"), 5)}.", $"Run `{command}`.",
            key: "pending", severity: manager == "apk" ? Severity.Medium : null, fix: command + (manager == "apk" ? "" : manager == "rpm" ? " --assumeyes" : " --yes"));
    }

    private static HostCheck Ask(Rule rule, Func<HostFacts, PackageFacts, HostCheckResult> judge) =>
        new(rule, CheckScope.Host, facts => HostCheckResult.Over(facts.Packages, "No package manager that the guard knows is here.", packages => judge(facts, packages)));

    private static HostCheckResult Age(Rule rule, HostFacts facts, DateTimeOffset at, int most, string what, string remedy)
    {
        var days = (int)(facts.Collected - at).TotalDays;
        return HostCheckResult.Of(days > most ? [rule.Found($"{what} for {days} days (since {at:yyyy-MM-dd}).", remedy, key: "age")] : [], [], $"Last on {at:yyyy-MM-dd}.");
    }
}
