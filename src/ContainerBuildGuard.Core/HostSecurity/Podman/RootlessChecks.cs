using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Podman;

/// <summary>What rootless engines rest on: ranges of subordinate ids, lingering users; and Podman's API on the network.</summary>
internal static class RootlessChecks
{
    private const long LeastStart = 65_536;
    private static readonly Rule Tcp = Rule("CBG5111", "Podman's API listens on TCP", Severity.Critical, "NIST SP 800-190 4.5.1");
    private static readonly Rule Overlap = Rule("CBG5114", "Subordinate id ranges overlap", Severity.High, "CIS Docker 2.9", "NIST SP 800-190 4.5.2");
    private static readonly Rule Low = Rule("CBG5115", "Subordinate id range holds real accounts", Severity.High, "CIS Docker 2.9", "NIST SP 800-190 4.5.2");
    private static readonly Rule Own = Rule("CBG5116", "Build user has no subordinate ids", Severity.Info, "NIST SP 800-190 4.5.2");
    private static readonly Rule Linger = Rule("CBG5118", "User services run without a login", Severity.Info, "NIST SP 800-190 4.5.4");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        new(Tcp, CheckScope.Anywhere, f => HostCheckResult.Over(f.Podman, "", p => !p.Present ? HostCheckResult.NotApplicable("Podman is not installed.")
            : HostCheckResult.Of(p.TcpServices.Select(t => Tcp.Found($"Podman's API listens on {t} without authentication: whoever reaches it runs containers as its user.", "Stop that service; use `podman system connection add` over SSH.", key: t)), [], "No TCP service."))),
        new(Overlap, CheckScope.Anywhere, f => Ranges(f, (_, ranges) => Overlaps(ranges))) { CisLevel = 2 },
        new(Low, CheckScope.Anywhere, f => Ranges(f, RealAccounts)) { CisLevel = 2 },
        new(Own, CheckScope.Anywhere, JudgeOwn) { Roles = HostRoles.Developer | HostRoles.BuildAgent },
        new(Linger, CheckScope.Host, f => HostCheckResult.Over(f.Accounts, "", a => HostCheckResult.Of(a.Lingering.Where(n => n != "root").Select(n =>
            Linger.Found($"Services and containers of {n} run while {n} is not logged in.", $"Run `loginctl disable-linger {n}` unless rootless containers of that user are meant to run.", $"/var/lib/systemd/linger/{n}", n, fix: $"loginctl disable-linger {Quote(n)}")), [], "No user lingers."))),
    ];

    private static HostCheckResult Ranges(HostFacts facts, Func<AccountFacts, ImmutableArray<SubordinateRange>, IEnumerable<Finding>> judge) => HostCheckResult.Over(facts.Accounts, "", accounts =>
    {
        string[] problems = [.. ((string?[])[accounts.SubordinateUids.Problem, accounts.SubordinateGids.Problem]).OfType<string>()];
        ImmutableArray<SubordinateRange> Of(Probed<ImmutableArray<SubordinateRange>> part) => part.Found ? part.Value : [];
        var (uids, gids) = (Of(accounts.SubordinateUids), Of(accounts.SubordinateGids));
        return uids.IsEmpty && gids.IsEmpty && problems.Length == 0
            ? HostCheckResult.NotApplicable("No user has subordinate ids.")
            : HostCheckResult.Of(judge(accounts, uids).Concat(judge(accounts, gids)).DistinctBy(f => f.Key), problems, "The ranges are apart from one another and from real accounts.");
    });

    private static IEnumerable<Finding> Overlaps(ImmutableArray<SubordinateRange> ranges)
    {
        var ordered = ranges.OrderBy(r => r.Start).ToArray();
        for (var i = 1; i < ordered.Length; i++)
        {
            var (first, second) = (ordered[i - 1], ordered[i]);
            if (first.Owner != second.Owner && second.Start < first.Start + first.Count)
            {
                yield return Overlap.Found($"The subordinate ids of {first.Owner} and {second.Owner} overlap at {second.Start}: one user's containers own the other's files.", $"Give {second.Owner} another range with `usermod --add-subuids`, and remove the old one from /etc/subuid and /etc/subgid.", "/etc/subuid", $"{first.Owner} {second.Owner}");
            }
        }
    }

    private static IEnumerable<Finding> RealAccounts(AccountFacts accounts, ImmutableArray<SubordinateRange> ranges)
    {
        foreach (var range in ranges)
        {
            var hit = (accounts.Users.Found ? accounts.Users.Value : []).FirstOrDefault(u => u.Uid >= range.Start && u.Uid < range.Start + range.Count);
            if (hit is not null || range.Start < LeastStart)
            {
                yield return Low.Found($"The subordinate ids of {range.Owner} ({range.Start} to {range.Start + range.Count - 1}) {(hit is null ? "reach below 65536" : $"hold the account {hit.Name} ({hit.Uid})")}: a process in a container may be that account outside.", "Move the range above 65536, where no account is, in /etc/subuid and /etc/subgid.", "/etc/subuid", range.Owner);
            }
        }
    }

    private static HostCheckResult JudgeOwn(HostFacts facts) => HostCheckResult.Over(facts.User, "", user =>
    {
        if (user.Uid == 0 || !facts.Accounts.Found || !facts.Accounts.Value.Users.Found)
        {
            return HostCheckResult.NotApplicable("The audit runs as root, which needs none.");
        }

        var name = facts.Accounts.Value.Users.Value.FirstOrDefault(u => u.Uid == user.Uid)?.Name ?? "";
        var ranges = facts.Accounts.Value.SubordinateUids;
        var has = ranges.Found && ranges.Value.Any(r => r.Owner == name || r.Owner == user.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return HostCheckResult.Of(has ? [] : [Own.Found($"{name} has no range in /etc/subuid, so that rootless engines cannot be used and builds lean on a root daemon.", $"Run `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {name}` as root.", "/etc/subuid", "own")], ranges.Problem is { } p ? [p] : [], $"{name} has subordinate ids.");
    });
}
